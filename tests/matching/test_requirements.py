"""Must-haves held against what a listing states: across languages and units, quoted, and never guessed."""

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.matching.criteria import WEIGHTS
from backend.matching.parameters import parameter, stated
from backend.matching.profile import Profile
from backend.matching.quotes import QUOTE
from backend.matching.reason import Reason, Verdict
from backend.matching.requirements import requirement_reasons

MATCH, GAP, UNKNOWN = Verdict.MATCH, Verdict.GAP, Verdict.UNKNOWN


def row(what: str, operator: str, value: str, unit: str = "", **more: str) -> dict[str, str]:
    return {"parameter": what, "operator": operator, "value": value, "unit": unit, "importance": "must", **more}


def need(*rows: dict[str, str], language: str = "en", title: str = "") -> Profile:
    return Profile(id=uuid4(), side="need", language=language, title=title, requirements=rows)


def listing(text: str, language: str = "en", title: str = "") -> Profile:
    return Profile(id=uuid4(), side="listing", language=language, text=text, title=title)


def held(asked: Profile, offered: Profile) -> Reason:
    (reason,) = requirement_reasons(asked, offered)
    return reason


MOISTURE = row("Final moisture", "at_most", "14", "%")
FLOW = row("Flow rate", "at_least", "300", "L/h")
ARSENIC = row("Arsenic removal", "at_least", "95", "%")


@pytest.mark.parametrize(
    ("asked", "language", "text", "written_in", "verdict"),
    [
        (MOISTURE, "en", "ลดความชื้นข้าวเปลือกจากร้อยละ ๒๔ เหลือร้อยละ ๑๓", "th", MATCH),
        (MOISTURE, "en", "Giảm độ ẩm của lúa từ 24 % xuống còn 13,5 %.", "vi", MATCH),
        (MOISTURE, "en", "Kadar air gabah turun dari 24 % menjadi 16 %.", "id", GAP),
        (MOISTURE, "en", "ຄວາມຊຸ່ມ ໑໒ %", "lo", MATCH),
        (row("ความชื้นสุดท้าย", "at_most", "14", "%"), "th", "Dries paddy from 24 % to 14 % moisture.", "en", MATCH),
        (row("Kadar air akhir", "at_most", "14", "%"), "id", "Giảm độ ẩm của lúa từ 24 % xuống còn 15 %.", "vi", GAP),
        (row("အစိုဓာတ်", "at_most", "14", "%"), "my", "Moisture: 12 %", "en", MATCH),
        (row("សំណើម", "at_most", "14", "%"), "km", "Moisture: 18 %", "en", GAP),
        (row("Drying time", "at_most", "8", "hours"), "en", "Pengeringan selesai dalam 6 jam.", "id", MATCH),
        (row("เวลาในการอบแห้ง", "at_most", "8", "ชั่วโมง"), "th", "Drying takes 10 hours.", "en", GAP),
        (FLOW, "en", "อัตราการไหล 0.5 ลบ.ม./ชม.", "th", MATCH),
        (row("สารหนู", "at_most", "10", "µg/l"), "th", "Nước sau lọc chứa asen dưới 0,005 mg/L.", "vi", MATCH),
        (row("Operating temperature", "at_most", "40", "°C"), "en", "Works at a temperature of 95 °F.", "en", MATCH),
        (row("Storage temperature", "at_most", "-18", "°C"), "en", "Storage temperature: −20 °C", "en", MATCH),
        (row("Temperature rise", "at_most", "5", "°C"), "en", "The temperature rise is 9 °F.", "en", MATCH),
        (row("Operating temperature", "between", "0", "°C", value_to="40"), "en",
         "Operating temperature -20 to 60 °C.", "en", MATCH),
        (row("Capacity", "at_least", "500", "kg/day"), "en", "ความจุ ๕๐๐ กิโลกรัมต่อวัน", "th", MATCH),
        (ARSENIC, "en", "Loại bỏ 97 % asen.", "vi", MATCH),
        (row("การกำจัดสี", "at_least", "90", "%"), "th", "Độ màu giảm 96 %, so với 70 % khi dùng phèn.", "vi", MATCH),
        (row("Material cost per test", "at_most", "1.5", "USD"), "en", "Kos bahan satu ujian 1.10 dolar AS.", "ms",
         MATCH),
        (row("Price", "at_most", "2", "USD"), "en", "The price is 1.90 US dollars.", "en", MATCH),
    ],
)
def test_a_parameter_is_found_in_another_language_and_unit(
    asked: dict[str, str], language: str, text: str, written_in: str, verdict: Verdict
) -> None:
    found = held(need(asked, language=language), listing(text, written_in))
    assert (found.verdict, found.data["by"]) == (verdict, "name")


@pytest.mark.parametrize(
    ("asked", "text", "verdict"),
    [
        (ARSENIC, "Iron removal is 97 %, arsenic removal 92 %.", GAP),
        (ARSENIC, "It removes 97 % of arsenic and 40 % of iron.", MATCH),
        (ARSENIC, "Iron removal is 97 %.", UNKNOWN),
        (ARSENIC, "Arsenic removal is good. Iron removal is 97 %.", UNKNOWN),
        (ARSENIC, "Arsenic removal, so the tests say, made 97 % of users glad.", UNKNOWN),
        (MOISTURE, "Cuts moisture by 12 %.", UNKNOWN),
        (MOISTURE, "Moisture is 12 % lower.", UNKNOWN),
        (MOISTURE, "Cuts moisture to 12 %.", MATCH),
        (MOISTURE, "Final moisture is 18 %, against 12 % with a diesel dryer.", GAP),
        (MOISTURE, "Against 12 % before, nothing is known of the final moisture.", UNKNOWN),
        (MOISTURE, "Initial moisture is 12 %.", UNKNOWN),
        (row("Initial moisture", "at_least", "20", "%"), "Dries from 24 % to 14 % moisture.", MATCH),
        (MOISTURE, "The small model reaches a moisture of 16 %; the large model a moisture of 13 %.", MATCH),
        (row("Fuel saving", "at_least", "10", "%"), "Uses 12 % less fuel.", MATCH),
        (row("Fuel saving", "at_least", "10", "%"), "Uses 12 kWh less fuel.", UNKNOWN),
        (FLOW, "Flow is up to 500 L/h.", UNKNOWN),
        (FLOW, "Flow is up to 200 L/h.", GAP),
        (row("Weight", "at_most", "20", "kg"), "The frame of 15 kg is made of bamboo.", UNKNOWN),
        (row("Colour", "free_text", "blue"), "The colour is blue.", UNKNOWN),
        (row("Moisture", "nonsense", "14", "%"), "Moisture is 12 %.", UNKNOWN),
        (row("", "at_most", "14", "%"), "Moisture is 12 %.", UNKNOWN),
    ],
)
def test_a_figure_of_something_else_is_no_evidence(asked: dict[str, str], text: str, verdict: Verdict) -> None:
    assert held(need(asked), listing(text)).verdict is verdict


def test_what_the_title_is_about_need_not_be_said_again() -> None:
    asked = need(row("Arsenic after the filter", "at_most", "10", "µg/L"))
    sentence = "After the filter 6 µg/L are left."
    assert held(asked, listing(sentence, title="Arsenic filter of rice husk")).verdict is MATCH
    assert held(asked, listing(sentence, title="Iron filter of rice husk")).verdict is UNKNOWN


def test_the_only_figure_in_a_rare_unit_is_a_hint_that_counts_half_and_says_so() -> None:
    asked = row("Throughput", "at_least", "300", "L/h")
    offered = listing("Each unit treats 500 litres per hour.", title="Sand filter for wells")
    found = held(need(asked, title="Filter for a village well"), offered)
    assert (found.verdict, found.data["by"], found.weight) == (MATCH, "unit", WEIGHTS["requirement"] / 2)


@pytest.mark.parametrize(
    ("rows", "text", "title"),
    [
        ([row("Throughput", "at_least", "300", "L/h")], "It treats 500 L/h and backwashes with 900 L/h.", "Filter"),
        ([row("Throughput", "at_least", "300", "L/h"), row("Backwash", "at_most", "9", "L/h")], "It has 500 L/h.",
         "Filter"),
        ([row("Throughput", "at_least", "300", "L/h")], "It treats 500 L/h.", "Dye for silk"),
        ([row("Lead", "at_most", "10", "mg/L")], "It leaves 5 mg/L.", "Filter"),
        ([row("Thickness", "at_most", "8", "mm")], "The box is 5 mm.", "Filter"),
    ],
)
def test_where_several_things_could_be_meant_nothing_is_known(
    rows: list[dict[str, str]], text: str, title: str
) -> None:
    found = list(requirement_reasons(need(*rows, title="Filter"), listing(text, title=title)))
    assert {reason.verdict for reason in found} == {UNKNOWN}


@pytest.mark.parametrize(
    ("text", "language", "verdict"),
    [
        ("It runs on solar power.", "en", MATCH),
        ("ใช้พลังงานแสงอาทิตย์", "th", MATCH),
        ("It does not run on solar power.", "en", UNKNOWN),
        ("It runs on diesel.", "en", UNKNOWN),
    ],
)
def test_what_has_to_be_included_is_found_and_its_absence_proves_nothing(
    text: str, language: str, verdict: Verdict
) -> None:
    found = held(need(row("Power supply", "includes", "solar power")), listing(text, language))
    assert found.verdict is verdict
    if verdict is MATCH:
        assert (found.data["by"], found.weight) == ("words", WEIGHTS["requirement"] / 2)


def test_the_sentence_is_quoted_with_its_figure_marked() -> None:
    sentence = "Giảm độ ẩm của lúa từ 24 % xuống còn 13,5 %."
    found = held(need(MOISTURE), listing(f"Máy sấy. {sentence}", "vi"))
    quote = found.data["evidence"]["listing"]
    ((start, end),) = found.data["marks"]["listing"]
    assert quote == sentence
    assert quote[start:end] == "24 % xuống còn 13,5 %"
    assert found.data["found"] == {"value": "13.5", "unit": "%"}


def test_a_long_sentence_is_cut_so_that_the_figure_stays_in_sight() -> None:
    text = "The dryer " + "with its many parts " * 30 + "reaches a final moisture of 12 % at last."
    found = held(need(MOISTURE), listing(text))
    quote = found.data["evidence"]["listing"]
    ((start, end),) = found.data["marks"]["listing"]
    assert len(quote) <= QUOTE + 4
    assert quote[start:end] == "12 %"


def test_desirable_counts_less_than_a_must() -> None:
    desirable = held(need(MOISTURE | {"importance": "desirable"}), listing("Final moisture is 12 %."))
    assert desirable.weight == WEIGHTS["requirement_desirable"] < WEIGHTS["requirement"]


def test_a_word_of_one_language_is_not_taken_for_its_likeness_in_another() -> None:
    assert held(need(row("Air flow", "at_least", "2", "m3/h")), listing("Air bersih 3 m3/h.", "id")).verdict is UNKNOWN


def test_the_sides_may_come_in_either_order() -> None:
    asked, offered = need(MOISTURE), listing("Final moisture is 12 %.")
    assert list(requirement_reasons(asked, offered)) == list(requirement_reasons(offered, asked))


@settings(max_examples=60, deadline=None)
@given(
    st.text(max_size=80), st.text(max_size=20), st.text(max_size=200), st.sampled_from(["en", "th", "vi", "km", "zh"]),
    st.sampled_from(["at_least", "at_most", "between", "equals", "includes", "free_text"]),
)
def test_whatever_is_written_is_met_missed_or_not_known(
    what: str, value: str, text: str, language: str, operator: str
) -> None:
    found: Any = held(need(row(what, operator, value), language=language), listing(text, language))
    assert found.verdict in Verdict
    assert 0 < found.weight <= WEIGHTS["requirement"]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_the_figure_decides_whatever_unit_it_is_written_in(asked: int, shown: int) -> None:
    wanted = need(row("Flow", "at_least", str(asked), "L/h"))
    verdict = MATCH if shown >= asked else GAP
    for written in (f"{shown} L/h", f"{shown / 1000:.3f} m³/hr", f"{shown * 1000} mL per hour"):
        assert held(wanted, listing(f"The flow is {written}.")).verdict is verdict


def test_without_the_sentence_nothing_is_known() -> None:
    asked = need(MOISTURE, FLOW)
    text = "Final moisture is 12 %. Flow rate is 500 L/h."
    whole = [reason.verdict for reason in requirement_reasons(asked, listing(text))]
    assert whole == [MATCH, MATCH]
    for at, sentence in enumerate(("Final moisture is 12 %.", "Flow rate is 500 L/h.")):
        left = [reason.verdict for reason in requirement_reasons(asked, listing(text.replace(sentence, "")))]
        assert left[at] is UNKNOWN


def test_a_unit_written_beside_the_parameter_names_nothing() -> None:
    assert parameter("Flow (L/h)", "en") == parameter("Flow", "en")


def test_a_sentence_without_a_figure_states_none() -> None:
    assert stated("It is quick. It takes 5 hours.", "en")[0].text == "It takes 5 hours."

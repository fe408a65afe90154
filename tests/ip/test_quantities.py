"""Figures in sentences of any script, units in any spelling, and requirements held against them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.ip.figures import Figure, figures
from backend.ip.quantities import Wanted, meets, wanted
from backend.ip.units import normalise_unit, unit
from backend.ip.vocabularies import Operator

LEAST, MOST, EQUALS, BETWEEN = Operator.AT_LEAST, Operator.AT_MOST, Operator.EQUALS, Operator.BETWEEN
DIGITS = {"th": "๐๑๒๓๔๕๖๗๘๙", "my": "၀၁၂၃၄၅၆၇၈၉", "km": "០១២៣៤៥៦៧៨៩", "lo": "໐໑໒໓໔໕໖໗໘໙"}

values = st.decimals(0, 10**9, places=3)
codes = st.sampled_from(["m3/h", "mg/L", "kg", "%", "°C", "kWh", "USD", "mm"])


def one(text: str, language: str = "en") -> Figure:
    (found,) = figures(text, language)
    return found


def short(figure: Figure) -> tuple[str, str, str | None]:
    return str(figure.value), figure.unit, None if figure.upper is None else str(figure.upper)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("2.5 m3/h", "en", ("2.5", "m3/h", None)),
        ("2,5 m³/giờ", "vi", ("2.5", "m3/h", None)),
        ("1.000 kg/ngày", "vi", ("1000", "kg/day", None)),
        ("1.000 kg", "en", ("1.000", "kg", None)),
        ("0.125 mm", "vi", ("0.125", "mm", None)),
        ("1,000.5 L/min", "id", ("1000.5", "L/min", None)),
        ("40 %", "en", ("40", "%", None)),
        ("40 persen", "id", ("40", "%", None)),
        ("-20 °C to 60 °C", "en", ("-20", "°C", "60")),
        ("20-60 °C", "en", ("20", "°C", "60")),
        ("50–60 Hz", "en", ("50", "Hz", "60")),
        ("๒.๕ ลบ.ม./ชม.", "th", ("2.5", "m3/h", None)),
        ("ความจุ๕๐๐กิโลกรัมต่อวัน", "th", ("500", "kg/day", None)),
        ("၅၀ ကီလိုဂရမ်", "my", ("50", "kg", None)),
        ("៤០ ភាគរយ", "km", ("40", "%", None)),
        ("໕໐ ລິດ", "lo", ("50", "L", None)),
        ("10 000 m3 per day", "en", ("10000", "m3/day", None)),
        ("1.25 MW", "en", ("1.25", "MW", None)),
        ("3 mW", "en", ("3", "mW", None)),
        ("จำนวน500กิโลกรัม", "th", ("500", "kg", None)),
        ("in the 1990s", "en", ("1990", "", None)),
        ("in 2020 a firm", "en", ("2020", "", None)),
        ("3d printing", "en", ("3", "", None)),
        ("50 lít mỗi giờ", "vi", ("50", "L/h", None)),
        ("50 litro bawat oras", "fil", ("50", "L/h", None)),
        ("៥០ លីត្រក្នុងមួយម៉ោង", "km", ("50", "L/h", None)),
        ("ร้อยละ ๑๔", "th", ("14", "%", None)),
        ("USD 5,000", "en", ("5000", "USD", None)),
        ("20 ± 2 °C", "en", ("18", "°C", "22")),
        ("1,5 juta liter", "id", ("1500000.0", "L", None)),
        ("2-3 million L/day", "en", ("2000000", "L/day", "3000000")),
        ("๕ แสนลิตร", "th", ("500000", "L", None)),
        ("၃ သန်း လီတာ", "my", ("3000000", "L", None)),
        ("3万吨", "zh", ("30000", "t", None)),
        ("3 x 10^6 CFU/mL", "en", ("3000000", "CFU/mL", None)),
        ("10⁶ CFU/mL", "en", ("1000000", "CFU/mL", None)),
        ("−5 °C", "en", ("-5", "°C", None)),
        ("2 million people", "en", ("2000000", "person", None)),
        ("1.30 US dollars per kilogram", "en", ("1.30", "USD/kg", None)),
        ("9.200 đồng/m3", "vi", ("9200", "VND/m3", None)),
        ("1,4 juta rupiah", "id", ("1400000.0", "IDR", None)),
        ("0.42 piso bawat kilo", "fil", ("0.42", "PHP/kg", None)),
        ("60 dollars", "en", ("60", "", None)),
        ("20 meter persegi", "id", ("20", "m2", None)),
        ("50 micromet", "vi", ("50", "µm", None)),
        ("40 லிட்டர்", "ta", ("40", "L", None)),
        ("40 လ", "my", ("40", "month", None)),
        ("မီးအိမ် 40 လုံး", "my", ("40", "", None)),
        ("လမ်း 3 လမ်း", "my", ("3", "", None)),
        ("12 µS/cm", "en", ("12", "µS/cm", None)),
    ],
)
def test_a_figure_is_read_by_the_rules_of_its_language(text: str, language: str, expected: tuple[str, ...]) -> None:
    assert short(one(text, language)) == expected


@pytest.mark.parametrize(
    ("text", "language", "bound"),
    [
        ("≤ 20 mg/L", "en", MOST),
        ("up to 95 %", "en", MOST),
        ("ไม่เกิน 20 มก./ลิตร", "th", MOST),
        ("tối đa 5 kg", "vi", MOST),
        ("maksimal 5 kg", "id", MOST),
        ("at least 5 kW", "en", LEAST),
        ("อย่างน้อย 5 kW", "th", LEAST),
        ("tối thiểu 5 kW", "vi", LEAST),
        ("paling sedikit 5 kW", "id", LEAST),
        ("5 kW", "en", None),
    ],
)
def test_words_that_bound_a_figure_are_kept(text: str, language: str, bound: Operator | None) -> None:
    assert one(text, language).bound is bound


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("from 24 % down to 14 %", "en"),
        ("จากร้อยละ 24 เหลือร้อยละ 14", "th"),
        ("từ 24 % xuống còn 14 %", "vi"),
        ("dari 24 % menjadi 14 %", "id"),
        ("ຈາກ 24 % ເປັນ 14 %", "lo"),
    ],
)
def test_of_a_change_downwards_the_end_counts_and_the_start_is_kept(text: str, language: str) -> None:
    figure = one(text, language)
    assert (figure.value, figure.unit, figure.before) == (14, "%", 24)


def test_names_dates_and_formulas_are_no_figures() -> None:
    assert figures("model X200 removes CO2 and H2O since 12.05.2021, version 1.2.3") == []


def test_each_figure_says_where_it_stands() -> None:
    text = "flow of 2.5 m3/h and ≤ 20 mg/L"
    assert [text[slice(*figure.span)] for figure in figures(text)] == ["2.5 m3/h", "≤ 20 mg/L"]


@given(values, codes, st.sampled_from(sorted(DIGITS)))
def test_the_digits_of_any_script_are_the_same_number(value: Decimal, code: str, script: str) -> None:
    local = format(value, "f").translate(str.maketrans("0123456789", DIGITS[script]))
    assert figures(f"{local} {code}", "th") == figures(f"{value:f} {code}", "th")


@given(values, st.sampled_from(["en", "th", "vi", "id"]))
def test_a_grouped_number_is_read_back(value: Decimal, language: str) -> None:
    written = f"{value:,.2f}"
    if language in ("vi", "id"):
        written = written.translate(str.maketrans(",.", ".,"))
    assert one(f"{written} kg", language).value == Decimal(f"{value:.2f}")


@given(st.text(max_size=300), st.sampled_from(["en", "th", "vi", "my"]))
def test_any_text_can_be_read(text: str, language: str) -> None:
    for figure in figures(text, language):
        start, end = figure.span
        assert 0 <= start < end <= len(text)
        assert figure.value.is_finite()


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("m³/hr", "m3/h"),
        ("m^3/hour", "m3/h"),
        ("litres per minute", "L/min"),
        ("kg/Day", "kg/day"),
        ("kWh/m2", "kWh/m2"),
        ("KG", "kg"),
        ("องศาเซลเซียส", "°C"),
        ("ลิตรต่อชั่วโมง", "L/h"),
        ("vòng/phút", "rpm"),
        ("µS/cm", "µS/cm"),
        ("furlong", None),
        ("", None),
    ],
)
def test_a_unit_has_one_spelling(typed: str, code: str | None) -> None:
    assert normalise_unit(typed) == code


@given(codes)
def test_the_kept_spelling_of_a_unit_stays(code: str) -> None:
    assert normalise_unit(normalise_unit(code) or "") == code


def test_megawatt_and_milliwatt_are_never_confused() -> None:
    big, small = unit("MW"), unit("mW")
    assert big is not None
    assert small is not None
    assert big.factor / small.factor == 10**9
    assert unit("mw") is None


def asked(operator: Operator, value: str, upper: str = "", unit_name: str = "") -> Wanted:
    found = wanted(operator, value, upper, unit_name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("requirement", "shown", "answer"),
    [
        (asked(LEAST, "2.5", unit_name="m3/h"), "3 000 L/h", True),
        (asked(LEAST, "2.5", unit_name="m3/h"), "2 000 L/h", False),
        (asked(LEAST, "2.5", unit_name="m3/h"), "2 000 L", None),
        (asked(LEAST, "2.5", unit_name="m3/h"), "up to 3 m3/h", None),
        (asked(LEAST, "2.5", unit_name="m3/h"), "up to 2 m3/h", False),
        (asked(MOST, "20 mg/L"), "≤ 20 mg/L", True),
        (asked(MOST, "20 mg/L"), "at least 30 mg/L", False),
        (asked(MOST, "20 mg/L"), "10 to 30 mg/L", None),
        (asked(MOST, "20 mg/L"), "0.01 g/L", True),
        (asked(EQUALS, "50 Hz"), "0.05 kHz", True),
        (asked(EQUALS, "50 Hz"), "60 Hz", False),
        (asked(BETWEEN, "0", "40", "°C"), "-20 °C to 60 °C", True),
        (asked(BETWEEN, "0", "40", "°C"), "50 to 60 °C", False),
        (asked(BETWEEN, "0", "40", "°C"), "20 to 60 °C", None),
        (asked(BETWEEN, "0", "40", "°C"), "300 K", True),
        (asked(MOST, "40 °C"), "100 °F", True),
        (asked(LEAST, "40 °C"), "100 °F", False),
        (asked(MOST, "-18 °C"), "-20 °C", True),
        (asked(MOST, "-18 °C"), "0 °F", False),
        (asked(LEAST, "2 bar"), "30 psi", True),
        (asked(MOST, "3.6 MJ"), "1 kWh", True),
        (asked(LEAST, "5 kW"), "7 hp", None),
        (asked(LEAST, "30 %"), "30 kWh", None),
        (asked(MOST, "1 %"), "9 000 ppm", True),
        (asked(MOST, "1 %"), "9 kg/t", None),
        (asked(MOST, "5 mL/L"), "4 g/kg", None),
        (asked(LEAST, "50 Hz"), "3000 rpm", None),
        (asked(LEAST, "5"), "5 kg", None),
        (asked(LEAST, "100 USD"), "90 SGD", None),
    ],
)
def test_a_requirement_is_met_missed_or_not_known(requirement: Wanted, shown: str, answer: bool | None) -> None:
    assert meets(requirement, one(shown)) is answer


@given(values, values)
def test_the_answer_does_not_depend_on_the_unit_chosen(need: Decimal, shown: Decimal) -> None:
    in_litres = Figure(shown * 1000, "L/h", (0, 1))
    in_cubic_metres = Figure(shown, "m3/h", (0, 1))
    requirement = Wanted(LEAST, need, "m3/h")
    assert meets(requirement, in_litres) is meets(requirement, in_cubic_metres) is (shown >= need)


def test_of_a_difference_the_zero_of_the_scale_is_left_out() -> None:
    rise = asked(MOST, "5 °C")
    assert meets(rise, one("9 °F"), difference=True) is True
    assert meets(rise, one("10 °F"), difference=True) is False
    assert meets(rise, one("5 K"), difference=True) is True


@pytest.mark.parametrize(
    ("operator", "value", "upper"),
    [(LEAST, "fast", ""), (BETWEEN, "5", ""), (BETWEEN, "9", "5"), (Operator.INCLUDES, "5", ""), (LEAST, "5 or 6", "")],
)
def test_a_requirement_in_words_is_no_number(operator: Operator, value: str, upper: str) -> None:
    assert wanted(operator, value, upper) is None

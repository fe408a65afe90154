"""What is quoted as evidence: the sentences that carry a match, wherever in the record they stand, in any language."""

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.matching.profile import Profile, counted
from backend.matching.quotes import QUOTE, Quote, pieces, quoted_pairs
from backend.matching.reasons import explained
from backend.matching.score import Signals, score


def side(which: Any, title: str, text: str, language: str = "en", **fields: Any) -> Profile:
    body = text if which == "need" else f"{title} {text}"
    words = counted(f"{title}\n{text}", language)
    return Profile(id=uuid4(), side=which, title=title, text=body, language=language, words=words, **fields)


def said(quote: Quote) -> list[str]:
    return [quote.text[start:end] for start, end in quote.marks]


NEED = side("need", "Dry paddy", "Our mill burns husk. We must dry paddy without smoke.")
LISTING = side("listing", "Solar cabinet", "A cabinet of steel. It can dry paddy by solar heat. Easy to clean.")
WEIGHTS = {"paddy": 3.0, "dry": 2.0}


def test_the_sentences_that_share_most_are_quoted_and_the_shared_words_marked() -> None:
    ((asked, offered),) = quoted_pairs(NEED, LISTING, ["paddy", "dry"], WEIGHTS, most=1)

    assert (asked.text, said(asked)) == ("We must dry paddy without smoke.", ["dry paddy"])
    assert (offered.text, said(offered)) == ("It can dry paddy by solar heat.", ["dry paddy"])


def test_two_reasons_rest_on_two_pairs_of_sentences_where_there_are_two() -> None:
    need = side("need", "Rice", "We must dry paddy without smoke. The husk of the rice is burnt today.")
    listing = side("listing", "Cabinet", "It can dry paddy by solar heat. It needs no husk or wood at all.")

    first, second = quoted_pairs(need, listing, ["paddy", "dry", "husk"], WEIGHTS | {"husk": 3.0})

    assert "dry paddy" in first[0].text
    assert "husk" in second[0].text
    assert "husk" in second[1].text


def test_a_word_of_no_weight_is_neither_marked_nor_a_second_reason() -> None:
    need = side("need", "Rice", "We must dry paddy at a place. The place is small.")
    listing = side("listing", "Cabinet", "It can dry paddy at any place. This place is open.")

    ((asked, _),) = quoted_pairs(need, listing, ["paddy", "dry", "place"], WEIGHTS | {"place": 0.1})

    assert said(asked) == ["dry paddy"]


def test_the_likeness_of_two_texts_is_shown_by_what_the_embedder_read() -> None:
    filler = "The company was founded long ago and has many partners. " * 20
    listing = side("listing", "Cabinet", f"It can dry paddy slowly. {filler} It can dry paddy and husk by solar heat.")
    shared, weights = ["paddy", "dry", "husk"], WEIGHTS | {"husk": 3.0}
    need = side("need", "Rice", "We must dry paddy without smoke. We dry paddy and husk apart.")

    first, second = quoted_pairs(need, listing, shared, weights, opening=True)

    assert first[1].text == "It can dry paddy slowly."
    assert "husk by solar heat" in second[1].text


def test_one_common_headword_by_itself_is_no_evidence() -> None:
    need = side("need", "โรงงาน", "ชุมชนเก่ามาก\nต้องการอบแห้งด้วยเครื่องอบแห้ง", "th")
    listing = side("listing", "Mango", "A mark for juice. A dryer stands beside it.")

    assert quoted_pairs(need, listing, [], {}, most=1)[0][1].text == "A mark for juice."


def test_the_whole_record_is_read_for_a_quote() -> None:
    filler = "The company was founded long ago and has many partners. " * 100
    late = side("listing", "Cabinet", filler + "It can dry paddy by solar heat.")

    ((_, offered),) = quoted_pairs(NEED, late, ["paddy", "dry"], WEIGHTS, most=1)

    assert offered.text == "It can dry paddy by solar heat."


def test_a_title_is_not_quoted_where_the_text_says_as_much() -> None:
    listing = side("listing", "Dry paddy", "It can dry paddy by solar heat.")

    ((_, offered),) = quoted_pairs(NEED, listing, ["paddy", "dry"], WEIGHTS, most=1)

    assert offered.text == "It can dry paddy by solar heat."


def test_a_long_sentence_is_quoted_where_the_shared_words_stand() -> None:
    parts = "and of many other parts " * 20
    long = side("listing", "Cabinet", f"A cabinet of steel {parts}can dry paddy by heat.")

    ((_, offered),) = quoted_pairs(NEED, long, ["paddy", "dry"], WEIGHTS, most=1)

    assert said(offered) == ["dry paddy"]
    assert offered.text.startswith("… ")
    assert len(offered.text) <= QUOTE + 4


def test_without_anything_in_common_the_first_sentences_are_quoted_with_nothing_marked() -> None:
    other = side("listing", "Mango", "A mark for juice. A franchise.")

    assert quoted_pairs(NEED, other, [], {}) == [(Quote("Our mill burns husk."), Quote("A mark for juice."))]


@pytest.mark.parametrize(
    ("need", "listing", "asked", "offered"),
    [
        (
            side("need", "สหกรณ์", "สหกรณ์ของเราเก่ามาก\nต้องการเครื่องอบข้าวที่ไม่มีควัน", "th"),
            side("listing", "Cabinet", "A cabinet of steel. A dryer for rice, heated by the sun."),
            ["เครื่องอบข้าว"], ["dryer", "rice"],
        ),
        (
            side("need", "สหกรณ์", "สหกรณ์ของเราเก่ามาก\nต้องการเครื่องอบข้าวที่ไม่มีควัน", "th"),
            side("listing", "Tủ thép", "Tủ bằng thép tốt. Máy sấy lúa bằng nắng.", "vi"),
            ["เครื่องอบข้าว"], ["Máy sấy lúa"],
        ),
        (
            side("need", "Waste", "Our office is old. We have too much rice husk."),
            side("listing", "Tungku", "Baja tahan karat. Tungku ini membakar sekam padi.", "id"),
            ["rice husk"], ["sekam padi"],
        ),
    ],
    ids=["Thai and English", "Thai and Vietnamese", "English and Indonesian"],
)  # fmt: skip
def test_across_languages_the_sentences_meet_by_the_words_of_the_lexicon(
    need: Profile, listing: Profile, asked: list[str], offered: list[str]
) -> None:
    ((left, right),) = quoted_pairs(need, listing, [], {}, most=1)

    assert (said(left), said(right)) == (asked, offered)


def test_each_reason_that_rests_on_text_quotes_both_records() -> None:
    found = explained(score(NEED, LISTING, Signals(0.9, 1.0, ("paddy", "dry"))), NEED, LISTING, WEIGHTS)
    evidence = {reason.code: reason.as_dict()["evidence"] for reason in found.reasons}

    for code in ("text_similarity", "shared_words"):
        assert evidence[code] == {
            "need": "We must dry paddy without smoke.", "listing": "It can dry paddy by solar heat.",
        }  # fmt: skip


def test_a_quote_is_cut_into_marked_and_plain_pieces() -> None:
    assert pieces("We dry paddy.", [[3, 12]]) == [("We ", False), ("dry paddy", True), (".", False)]


def test_marks_that_do_not_fit_the_text_are_left_out() -> None:
    assert pieces("Short", [[2, 90], [4, 1]]) == [("Short", False)]


words = st.sampled_from(
    ["dry", "paddy", "solar", "husk", "mill", "smoke", "rice", "heat", "เครื่อง", "ข้าว", "sấy", "lúa", "烘干", "İ", "ﬁ"]
)
texts = st.lists(st.lists(words, min_size=1, max_size=60).map(" ".join), max_size=6).map(". ".join)


@settings(max_examples=60, deadline=None)
@given(texts, texts, st.sampled_from(["en", "th", "vi", "zh"]), st.sampled_from(["en", "th"]))
def test_marks_lie_inside_quotes_and_quotes_stand_in_the_record(
    asked: str, offered: str, asked_in: str, offered_in: str
) -> None:
    need, listing = side("need", "Title", asked, asked_in), side("listing", "Title", offered, offered_in)
    for pair in quoted_pairs(need, listing, sorted(set(need.words) & set(counted(offered))), {}):
        for quote, source in zip(pair, (need, listing), strict=True):
            assert "".join(piece for piece, _ in pieces(quote.text, quote.marks)) == quote.text
            assert sum(is_marked for _, is_marked in pieces(quote.text, quote.marks)) == len(quote.marks)
            assert quote.text.removeprefix("… ").removesuffix(" …") in f"{source.title} {source.text}"

"""A reason is honest when the score rests on what it quotes: take that away from the record and the score falls.

Over random pairs, through the functions that score real ones. There the likeness of the texts' vectors is held still,
so that what is seen comes from the evidence alone; the vectors themselves are asked at the end.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from backend.language.embed import passage_text, query_text
from backend.language.embedder import embedder
from backend.matching.profile import Profile, counted
from backend.matching.quotes import quoted_pairs
from backend.matching.reason import Reason, Verdict
from backend.matching.reasons import explained
from backend.matching.score import Score, Signals, class_similarity, score
from backend.matching.words import Vocabulary, wanted

SEEDS = settings(max_examples=150, deadline=None)
STATES = ["TH", "VN", "ID"]
TOLD = ["dry", "paddy", "solar", "husk", "mill", "smoke", "rice", "heat", "steel", "fan", "batch", "kiln"]
OTHER = ["company", "partner", "founded", "office", "award", "visit", "team", "street"]
VOCABULARY = Vocabulary(total=400, mean_length=60.0, documents={word: 2 + 9 * at for at, word in enumerate(TOLD)})
COSINE = 0.8

sentence = st.lists(st.sampled_from(TOLD + OTHER), min_size=2, max_size=9).map(lambda words: " ".join(words).title())
texts = st.lists(sentence, min_size=1, max_size=8).map(lambda found: ". ".join(found) + ".")
few_states = st.frozensets(st.sampled_from(STATES), max_size=3)
# Each requirement has a parameter of its own, so that its figure stands in one sentence only.
REQUIREMENTS = [
    {"parameter": "moisture", "operator": "at_most", "value": "14", "unit": "%", "importance": "must"},
    {"parameter": "capacity", "operator": "at_least", "value": "500", "unit": "kg", "importance": "desirable"},
]


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Profile, Profile]:
    figures = draw(st.lists(st.sampled_from(["Moisture is 12 %.", "Moisture is 18 %.", "Capacity is 800 kg."]),
                            max_size=2, unique_by=lambda text: text[:4]))
    asked, offered = draw(texts), " ".join([draw(texts), *figures])
    need = Profile(
        id=uuid4(), side="need", title="Wanted", text=asked, words=counted(asked), **draw(_facts()),
        requirements=tuple(draw(st.lists(st.sampled_from(REQUIREMENTS), max_size=2))), exclusivity=draw(_expected()),
        licence_terms=draw(_terms()),
    )
    listing = Profile(
        id=uuid4(), side="listing", title="Offered", text=f"Offered {offered}", **draw(_facts()),
        in_force=draw(few_states), taken=draw(few_states), licence_terms=draw(_terms()),
    )
    return need, listing


def _facts() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({
        "country": st.sampled_from(STATES),
        "states": few_states,
        "right_kinds": st.frozensets(st.sampled_from(["patent", "trade_mark"])),
        "classes": st.frozensets(st.sampled_from(["A01B1/00", "F26B3/28", "C02F1/44"])),
        "deal_types": st.frozensets(st.sampled_from(["assignment", "non_exclusive_licence"])),
        "trl": st.none() | st.integers(1, 9),
        "sectors": st.frozensets(st.sampled_from(["green", "blue"])),
        "sdgs": st.frozensets(st.integers(1, 3), max_size=3),
        "green": st.booleans(),
    })


def _expected() -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(["own", "exclusive", "non_exclusive"]), max_size=1)


def _terms() -> st.SearchStrategy[Mapping[str, Any] | None]:
    return st.none() | st.sampled_from([{"deal_type": "exclusive_licence"}, {"deal_type": "assignment"}])


def weighed(need: Profile, listing: Profile) -> Score:
    """The score of a pair as the pipeline makes it, from what the two records say now."""
    words = wanted(need.words, VOCABULARY)
    held = counted(listing.text)
    amount, shared = words.answered({word: held[word] for word in words.weights if word in held}, len(held))
    texts_say = Signals(COSINE, amount, shared, class_similarity(need, listing))
    return explained(score(need, listing, texts_say), need, listing, words.weights)


def _without_marked_words(listing: Profile, reason: Reason) -> Profile:
    quote, marks = reason.data["evidence"]["listing"], reason.data["marks"]["listing"]
    gone = set(counted(" ".join(quote[start:end] for start, end in marks)))
    assume(gone)  # a pair with no word in common is likened by its vectors only
    kept = [word for word in re.split(r"(\W+)", listing.text) if not set(counted(word)) & gone]
    return replace(listing, text="".join(kept))


def _without_quote(listing: Profile, reason: Reason) -> Profile:
    return replace(listing, text=listing.text.replace(reason.data["evidence"]["listing"], ""))


def _without(**silent: Any) -> Callable[[Profile, Reason], Profile]:
    return lambda listing, _reason: replace(listing, **silent)


NONE: frozenset[Any] = frozenset()
# How the evidence of each reason is taken from a listing. A new reason has to say it here.
TAKEN_AWAY: dict[str, Callable[[Profile, Reason], Profile]] = {
    "text_similarity": _without_marked_words,
    "shared_words": _without_marked_words,
    "requirement": _without_quote,
    "class": _without(classes=NONE),
    "territory": lambda listing, reason: replace(
        listing, in_force=listing.in_force - {reason.data["state"]}, taken=listing.taken - {reason.data["state"]}
    ),
    "cross_border": _without(country=None),
    "deal_type": _without(deal_types=NONE),
    "exclusivity": _without(deal_types=NONE, exclusivity=NONE),
    "stage": _without(trl=None),
    "right_kind": _without(right_kinds=NONE),
    "sector": _without(sectors=NONE),
    "sdg": _without(sdgs=NONE),
    "green": _without(green=False),
    "terms": _without(licence_terms=None),
    "language": _without(language=""),
}


@SEEDS
@given(pairs(), st.data())
def test_the_score_falls_without_the_evidence_of_what_fits(pair: tuple[Profile, Profile], data: st.DataObject) -> None:
    need, listing = pair
    found = weighed(need, listing)
    fits = [reason for reason in found.reasons if reason.verdict is Verdict.MATCH and reason.weight > 0]
    reason = data.draw(st.sampled_from(fits))

    assert weighed(need, TAKEN_AWAY[reason.code](listing, reason)).value < found.value


# Reasons whose evidence stands in one place only, so that taking it away touches no other reason.
ALONE = ["requirement", "stage", "right_kind", "terms", "territory"]


@SEEDS
@given(pairs(), st.data())
def test_the_score_rises_without_the_evidence_of_what_is_missing(
    pair: tuple[Profile, Profile], data: st.DataObject
) -> None:
    need, listing = pair
    found = weighed(need, listing)
    gaps = [one for one in found.reasons if one.verdict is Verdict.GAP and one.code in ALONE]
    assume(gaps)
    reason = data.draw(st.sampled_from(gaps))

    assert weighed(need, TAKEN_AWAY[reason.code](listing, reason)).value > found.value


@SEEDS
@given(pairs())
def test_what_is_quoted_stands_in_the_records(pair: tuple[Profile, Profile]) -> None:
    need, listing = pair
    for reason in weighed(need, listing).reasons:
        for side, record in (("need", need), ("listing", listing)):
            quote = str(reason.data.get("evidence", {}).get(side, ""))
            if reason.code in ("text_similarity", "shared_words") or (reason.code == "requirement" and side != "need"):
                assert quote.removeprefix("… ").removesuffix(" …") in f"{record.title} {record.text}"


@pytest.mark.parametrize("side", ["need", "listing"])
def test_the_words_that_carry_a_reason_are_words_of_both(side: str) -> None:
    need = Profile(id=uuid4(), side="need", title="Wanted", text="We dry paddy.", words=counted("We dry paddy."))
    listing = Profile(id=uuid4(), side="listing", title="Offered", text="Offered It can dry paddy.")
    (reason,) = [one for one in weighed(need, listing).reasons if one.code == "shared_words"]

    quote = reason.data["evidence"][side]
    assert [quote[start:end] for start, end in reason.data["marks"][side]] == ["dry paddy"]


# The likeness of two vectors is measured on what the embedder read, and quoted from there.
LIKE = [
    ("th", "โรงสีต้องการเครื่องอบข้าวเปลือกที่ไม่มีควัน", "en", "Cabinet for mills",
     "We are a small firm. A solar dryer for paddy rice works without smoke. Our office is in Hanoi."),
    ("en", "A pump without batteries to water fields by solar power", "id", "Alat baru",
     "Kami perusahaan kecil. Pompa air tenaga surya tanpa baterai untuk sawah. Kantor kami di Bandung."),
    ("vi", "Cần xử lý nước thải nhuộm có màu đậm", "en", "New method",
     "We are a university. It takes the colour out of dyeing wastewater. Our campus is in Chiang Mai."),
    ("en", "Packaging film made of seaweed", "ms", "Teknologi baharu",
     "Kami syarikat kecil. Filem pembungkusan daripada rumpai laut. Pejabat kami di Johor."),
]  # fmt: skip


@pytest.mark.parametrize(("asked_in", "asked", "offered_in", "title", "text"), LIKE, ids=[one[3] for one in LIKE])
def test_two_texts_are_less_alike_without_the_sentence_that_is_quoted(
    asked_in: str, asked: str, offered_in: str, title: str, text: str
) -> None:
    need = Profile(id=uuid4(), side="need", title=asked, language=asked_in, words=counted(asked))
    listing = Profile(id=uuid4(), side="listing", title=title, language=offered_in, text=f"{title} {text}")

    quote = quoted_pairs(need, listing, [], {}, opening=True)[0][1].text
    (wanted_is,) = embedder().query([query_text(asked)])
    whole, without = embedder().passage([passage_text(title, text), passage_text(title, text.replace(quote, ""))])

    assert quote == text.split(". ")[1] + "."
    assert float(without @ wanted_is) < float(whole @ wanted_is)

"""Repeating what people look for, as a list, often, at the end or among the keywords, buys no better match."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from backend.accounts.models import Organisation
from backend.core.clock import now
from backend.core.ids import new_id
from backend.language.prose import _SMALL
from backend.listings.gate import findings
from backend.listings.models import Listing
from backend.listings.surroundings import Surroundings
from backend.matching import service
from backend.matching.profile import profile_of_need
from backend.search.documents import project
from backend.search.lexemes import tokens

NEED = (
    "Families in the north need a household filter that takes arsenic out of well water without electricity. It must"
    " work with common housings, cost little, and its cartridge must be easy to change in remote villages."
)
WANTED = sorted(set(tokens(NEED, "en")))
# Without "out": three words around one of those are a sentence as far as any cheap test can see.
BARE = [word for word in WANTED if word not in _SMALL]
FIELDS = ("summary", "problem", "description", "advantages", "applications", "partner_role")
HONEST = {
    "title": "Filter cartridge of burnt rice husk",
    "summary": "A small company offers a licence for a cartridge of burnt rice husk that cleans well water.",
    "problem": "Many village wells in the deltas carry arsenic, and membranes cost too much to run.",
    "description": "Husk left over by the mills is burnt, washed and pressed into cartridges that fit common housings."
    "\n\nOne cartridge serves a family for half a year and is then returned to the mill.",
    "advantages": "It takes out 97 % of the arsenic where sand filters of the same size reach 60 %.",
    "applications": "It can be used in homes and in schools.",
    "partner_role": "We look for a maker of filters who builds the cartridge into its own housings.",
}


def document(**changes: Any) -> dict[str, Any]:
    owner = Organisation(id=new_id(), name="Alice", country="VN", kind="msme_small", languages=[], verification_level=1)
    listing = Listing(
        id=new_id(), organisation=owner, organisation_id=owner.id, reference="T-1", state="published", kind="patent",
        language="en", anonymous=True, open_for_interest=True, published_at=now(),
        **{"technology_keywords": [], "market_keywords": [], **HONEST, **changes},
    )  # fmt: skip
    return project(listing, date(2026, 11, 23), "test")


def counted(fields: dict[str, Any]) -> dict[str, int]:
    """How often matching counts each word: by its places."""
    found = {}
    for lexeme in fields["words"].split(" "):
        word, _, places = lexeme.partition(":")
        found[word.strip("'")] = len(places.split(",")) if places else 0
    return found


PLAIN = document()
separators = st.sampled_from([" ", ", ", "; ", " | ", "\n", "\n\n", " - ", " / ", ". ", " • ", "，"])


@given(
    words=st.lists(st.sampled_from(BARE), min_size=1, max_size=25, unique=True),
    separator=separators,
    times=st.integers(1, 12),
    field=st.sampled_from(FIELDS),
    place=st.sampled_from(["start", "end", "own paragraph", "between"]),
)
def test_a_list_of_wanted_words_adds_no_word_and_changes_no_meaning(
    words: list[str], separator: str, times: int, field: str, place: str
) -> None:
    stuffing = separator.join(words * times)
    honest = HONEST[field]
    text = {
        "start": f"{stuffing}. {honest}",
        "end": f"{honest} {stuffing}",
        "own paragraph": f"{honest}\n\n\n{stuffing}",
        "between": f"{honest} {stuffing}.\n{honest}",
    }[place]
    stuffed = document(**{field: text})
    more = {word: count for word, count in counted(stuffed).items() if count > counted(PLAIN).get(word, 0)}
    assert not more
    assert stuffed["embedding_hash"] == PLAIN["embedding_hash"]


@given(words=st.lists(st.sampled_from(BARE), min_size=1, max_size=10))
def test_keywords_are_found_but_do_not_count(words: list[str]) -> None:
    stuffed = document(technology_keywords=[" ".join(words)] * 5, market_keywords=words[:5])
    more = {word: count for word, count in counted(stuffed).items() if count > counted(PLAIN).get(word, 0)}
    assert not more
    assert set(words) <= set(counted(stuffed))


@given(st.integers(1, 30), st.sampled_from(FIELDS))
def test_saying_the_same_sentence_again_counts_once(times: int, field: str) -> None:
    stuffed = document(**{field: " ".join([HONEST[field]] * (times + 1))})
    assert counted(stuffed) == counted(PLAIN)


@pytest.mark.parametrize(
    "stuffed",
    [
        {"text": HONEST["description"] + "\n\n" + ", ".join(WANTED)},
        {"text": HONEST["description"] + "\n\n" + (" ".join(WANTED) + ". ") * 40},
        {"text": ", ".join(WANTED) + ". " + HONEST["description"]},
        {"text": HONEST["description"], "technology_keywords": WANTED[:5], "market_keywords": WANTED[5:10]},
        {"text": HONEST["description"], "applications": " ".join(WANTED * 20)},
        {"text": HONEST["description"] + " " + NEED.split(". ")[0].replace(" ", ", ")},
    ],
    ids=["as a list", "many times", "at the start", "as keywords", "in another field", "a sentence cut to words"],
)
def test_a_stuffed_listing_scores_no_better_than_the_honest_one(
    db: Session, alice: Any, charlie: Any, bob: Any, offer: Any, ask: Any, stuffed: dict[str, Any]
) -> None:
    honest = offer(alice, HONEST["title"], HONEST["description"])
    other = offer(charlie, HONEST["title"], stuffed.pop("text"), **stuffed)
    offer(alice, "Trade mark for fruit juice", "A brand known in the whole of the region.")
    need = ask(bob, "Arsenic out of well water", NEED)
    vector = service._vector_of(db, need)
    scored, _refused = service.ranked(db, profile_of_need(need, vector), at=now())
    scores = {key: value.value for key, value in scored}
    assert scores[other.id] <= scores[honest.id] + 1e-9


def test_the_author_and_the_reviewer_are_told() -> None:
    owner = Organisation(id=new_id(), name="Alice", country="VN", kind="msme_small", languages=[])
    fields = {**HONEST, "description": HONEST["description"] + "\n\n" + ", ".join(WANTED)}
    listing = Listing(
        id=new_id(), organisation=owner, kind="patent", language="en", technology_keywords=[], market_keywords=[],
        sdgs=[], deal_types=[], partner_kinds=[], territories=[], sectors=[], environmental_benefits=[], **fields,
    )  # fmt: skip
    found = [finding.code for finding in findings(listing, Surroundings(date(2026, 11, 23)))]
    assert "keyword_list" in found

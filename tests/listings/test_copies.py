"""Text that is for the most part another listing's is flagged, however dressed up, and kindly within a family."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from backend.core.clock import now
from backend.listings import service
from backend.listings.models import Listing
from backend.publication.service import NotReady, publish, submit, take_up
from backend.search import copies
from backend.search.projection import converge
from tests.listings.examples import WHOLE, whole

MORE = (
    "The company was founded in the delta and works with farmers of four provinces. Its staff visit each mill in spring"
    " and after the harvest, keep the records that buyers ask for and answer questions in three languages. "
)


@pytest.fixture
def published(db: Session) -> Callable[..., Listing]:
    def make(who: Any, **changes: Any) -> Listing:
        listing = service.create(db, who.actor, who.organisation, whole(**changes))
        listing.state, listing.published_at = "published", now()
        listing.expires_at = now() + timedelta(days=300)
        db.flush()
        converge(db, "listing", [listing.id])
        return listing

    return make


@pytest.fixture
def draft(db: Session) -> Callable[..., Listing]:
    def make(who: Any, **changes: Any) -> Listing:
        changes = {"title": "A wholly different title about something", "rights": [], **changes}
        return service.create(db, who.actor, who.organisation, whole(**changes))

    return make


def flags(db: Session, listing: Listing) -> dict[str, str]:
    return {f.code: f.severity.value for f in service.findings(db, listing) if f.rule == "Q13"}


DESCRIPTION = WHOLE["description"]
EDITS: dict[str, dict[str, Any]] = {
    "as it was": {},
    "small edits": {"description": DESCRIPTION.replace("mills", "factories").replace("half a year", "six months")},
    "more after it": {"description": DESCRIPTION + " " + MORE},
    "more before it": {"description": MORE + DESCRIPTION},
    "other marks and case": {"description": DESCRIPTION.upper().replace(",", " -").replace(".", " !")},
    "invisible marks": {"description": DESCRIPTION.replace("husk", "hu\u00adsk").replace("burnt", "bur\u200dnt")},
    "another order": {"problem": WHOLE["advantages"], "advantages": WHOLE["problem"]},
}


@pytest.mark.parametrize("edit", EDITS)
def test_a_copy_of_another_organisation_is_flagged(
    db: Session, alice: Any, charlie: Any, published: Any, draft: Any, edit: str
) -> None:
    published(alice)
    assert "copied_text" in flags(db, draft(charlie, **EDITS[edit]))


def test_a_text_of_its_own_is_not(db: Session, alice: Any, charlie: Any, published: Any, draft: Any) -> None:
    published(alice)
    own = draft(
        charlie,
        summary="We license a solar dryer for fish that keeps insects out; a maker of frames is sought.",
        problem="Fish dried on mats is lost to rain and flies.",
        description=MORE,
        advantages="It dries in 9 hours where mats take 30.",
    )
    assert not flags(db, own)


def test_a_word_for_word_copy_is_for_the_reviewer_to_let_pass(
    db: Session, alice: Any, charlie: Any, olga: Any, published: Any, draft: Any
) -> None:
    published(alice)
    copy = draft(charlie, rights=[{**WHOLE["rights"][0], "owners": [charlie.organisation.name]}])
    submit(db, copy, actor=charlie.actor)
    take_up(db, copy, actor=olga.actor)
    with pytest.raises(NotReady):
        publish(db, copy, actor=olga.actor)
    publish(db, copy, actor=olga.actor, accepted=["Q13:copied_text:description"])
    assert copy.state == "published"


def test_the_owners_own_family_is_information(db: Session, alice: Any, published: Any, draft: Any) -> None:
    published(alice)
    assert flags(db, draft(alice)) == {"own_text_again": "minor"}


def test_what_is_not_public_is_not_betrayed(
    db: Session, alice: Any, charlie: Any, draft: Any
) -> None:
    draft(alice)
    assert not flags(db, draft(charlie, title="Another title about another thing"))


def test_a_listing_is_no_copy_of_itself(db: Session, alice: Any, published: Any) -> None:
    assert not flags(db, published(alice))


def test_the_reviewer_sees_the_other_listing_and_how_much_is_the_same(
    db: Session, client: Any, sign_in: Any, alice: Any, charlie: Any, olga: Any, published: Any, draft: Any
) -> None:
    first = published(alice)
    copy = draft(charlie, rights=WHOLE["rights"])
    submit(db, copy, actor=charlie.actor)
    page = sign_in(client, olga).get(f"/review/listings/{copy.id}").text
    assert "The same text elsewhere" in page
    assert first.reference in page
    assert "100 % of this text stands there too." in page


def test_a_phrase_of_the_trade_hides_no_copy(
    db: Session, alice: Any, charlie: Any, tita: Any, published: Any, draft: Any
) -> None:
    phrase = "This technology is offered for licence by its owner and partners are sought in the region. "
    for n in range(30):
        published(tita, title=f"Number {n}", summary=phrase, problem=phrase, description=phrase * 3, advantages="1")
    published(alice, summary=phrase + WHOLE["summary"])
    assert "copied_text" in flags(db, draft(charlie, summary=phrase + WHOLE["summary"]))


words = st.lists(st.text("abcdefgh", min_size=3, max_size=6), min_size=30, max_size=200)


@given(words, words)
def test_a_copy_with_more_text_keeps_the_sketch_of_what_it_copied(text: list[str], more: list[str]) -> None:
    kept = {one for one in copies.sketch(text) if one < copies.KEPT_BELOW}
    longer = copies.sketch(text + more)
    assert len(longer) == copies.MOST or kept <= set(longer)


@given(st.lists(st.text("ab", min_size=2, max_size=3), max_size=5_000))
def test_a_sketch_is_never_large(text: list[str]) -> None:
    assert len(copies.sketch(text)) <= copies.MOST

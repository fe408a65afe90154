from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy.orm import Session

from backend.core.clock import now
from backend.core.errors import Invalid
from backend.core.events import history
from backend.listings import service
from backend.listings.models import IpRight, Listing
from backend.listings.schemas import ListingInput
from backend.publication import service as publication
from backend.publication.messages import errors_of
from backend.publication.states import IllegalMove
from tests.listings.examples import WHOLE, whole


def test_a_change_takes_over_only_what_it_brings(db: Session, listing: Listing, alice: Any) -> None:
    service.update(db, alice.actor, listing, ListingInput(trl=8))
    assert (listing.trl, listing.title) == (8, WHOLE["title"])


def test_a_change_says_which_fields_and_gives_proof_without_the_text(db: Session, listing: Listing, alice: Any) -> None:
    service.update(db, alice.actor, listing, ListingInput(title="Husk filter against arsenic in village wells", trl=8))
    event = history(db, listing)[-1]
    assert (event.verb, sorted(event.data["fields"])) == ("listing.changed", ["title", "trl"])
    assert all(len(before) == len(after) == 12 for before, after in event.data["fields"].values())
    assert "arsenic" not in str(event.data)


def test_a_change_that_changes_nothing_is_no_event(
    db: Session, listing: Listing, alice: Any, verbs_of: Callable[[Any], list[str]]
) -> None:
    service.update(db, alice.actor, listing, whole())
    assert verbs_of(listing) == ["listing.created"]
    assert listing.version == 1


def test_a_stale_change_is_a_conflict_and_loses_nothing(db: Session, listing: Listing, alice: Any) -> None:
    service.update(db, alice.actor, listing, ListingInput(trl=8), version=1)
    with pytest.raises(service.ChangedMeanwhile):
        service.update(db, alice.actor, listing, ListingInput(trl=6), version=1)
    assert (listing.trl, listing.version) == (8, 2)


@pytest.mark.parametrize("state", ["submitted", "in_review", "expired", "withdrawn", "archived"])
def test_what_others_hold_in_hand_is_not_changed(db: Session, listing: Listing, alice: Any, state: str) -> None:
    listing.state = state
    with pytest.raises(IllegalMove):
        service.update(db, alice.actor, listing, ListingInput(trl=8))


def test_a_published_listing_stays_complete_or_stays_as_it_was(db: Session, published: Listing, alice: Any) -> None:
    with pytest.raises(Invalid) as refused:
        service.update(db, alice.actor, published, ListingInput(summary="", trl=8))
    assert [error.field for error in refused.value.findings] == ["summary"]
    db.refresh(published)
    assert (published.summary, published.trl) == (WHOLE["summary"], 7)
    service.update(db, alice.actor, published, ListingInput(trl=8))
    assert (published.trl, published.state) == (8, "published")


def test_a_draft_takes_over_what_is_right_and_keeps_what_is_wrong_as_typed(
    db: Session, listing: Listing, alice: Any
) -> None:
    raw = {"title": "T" * 300, "trl": "8", "rights": [{"office": "VN", "application_date": "31/12/2020"}]}
    errors = service.save_draft(db, alice.actor, listing, raw)
    assert {error.field for error in errors} == {"title", "rights.0.application_date"}
    assert (listing.trl, listing.title) == (8, WHOLE["title"])
    assert listing.draft == {"title": raw["title"], "rights": raw["rights"]}
    service.save_draft(db, alice.actor, listing, {"title": "A shorter title for the same husk filter"})
    assert listing.title == "A shorter title for the same husk filter"
    assert listing.draft == {"rights": raw["rights"]}


def test_a_draft_of_a_published_listing_is_not_shown_before_it_is_saved(
    db: Session, published: Listing, alice: Any
) -> None:
    service.save_draft(db, alice.actor, published, {"title": "Half of a new ti"})
    assert published.title == WHOLE["title"]
    assert published.draft == {"title": "Half of a new ti"}
    service.update(db, alice.actor, published, ListingInput(title="Husk filter against arsenic in village wells"))
    assert published.draft is None


def test_text_that_the_database_cannot_hold_is_kept_without_that_character(
    db: Session, listing: Listing, alice: Any
) -> None:
    errors = service.save_draft(db, alice.actor, listing, {"title": "Filter\x00 for wells", "summary": "a\ud800b"})
    assert {error.code for error in errors} == {"control_character"}
    db.refresh(listing)
    assert listing.draft == {"title": "Filter for wells", "summary": "ab"}


def test_a_right_keeps_its_check_until_its_number_changes(db: Session, listing: Listing, alice: Any) -> None:
    right = listing.rights[0]
    right.checked_at, right.check_source = now(), "WIPO"
    row = {**WHOLE["rights"][0], "id": str(right.id)}
    service.update(db, alice.actor, listing, ListingInput.model_validate({"rights": [{**row, "ipc": ["C02F 1/00"]}]}))
    assert listing.rights[0].id == right.id
    assert listing.rights[0].checked_at is not None
    service.update(
        db, alice.actor, listing, ListingInput.model_validate({"rights": [{**row, "registration_number": "1-0031235"}]})
    )
    assert listing.rights[0].checked_at is None


def test_a_right_of_somebody_elses_listing_is_not_taken_away(
    db: Session, listing: Listing, published: Listing, bob: Any
) -> None:
    theirs = service.create(db, bob.actor, bob.organisation, whole(rights=[]))
    row = {**WHOLE["rights"][0], "id": str(listing.rights[0].id)}
    service.update(db, bob.actor, theirs, ListingInput.model_validate({"rights": [row]}))
    assert theirs.rights[0].id != listing.rights[0].id
    assert len(listing.rights) == 1


def test_a_draft_can_be_deleted_and_leaves_a_trace(db: Session, listing: Listing, alice: Any) -> None:
    service.discard(db, alice.actor, listing)
    assert db.get(Listing, listing.id) is None
    assert db.query(IpRight).count() == 0
    assert history(db, listing)[-1].verb == "listing.discarded"


def test_what_was_public_is_not_deleted(db: Session, published: Listing, alice: Any) -> None:
    with pytest.raises(IllegalMove):
        service.discard(db, alice.actor, published)


def test_the_language_is_read_from_the_text_when_it_is_not_said(db: Session, alice: Any) -> None:
    thai = ListingInput(title="ไส้กรองแกลบเผาสำหรับกำจัดสารหนูในน้ำบาดาล")
    assert service.create(db, alice.actor, alice.organisation, thai).language == "th"


def test_the_form_of_a_listing_reads_back_to_the_same_listing(db: Session, listing: Listing, alice: Any) -> None:
    again = ListingInput.model_validate(service.input_of(listing))
    service.update(db, alice.actor, listing, again)
    assert listing.version == 1


@pytest.mark.parametrize(
    ("data", "field", "code"),
    [
        ({"title": "é" * 257}, "title", "string_too_long"),
        ({"summary": "ก" * 501}, "summary", "string_too_long"),
        ({"problem": "x" * 2001}, "problem", "string_too_long"),
        ({"description": "x" * 4001}, "description", "string_too_long"),
        ({"title": "bell\x07"}, "title", "control_character"),
        ({"kind": "perpetuum_mobile"}, "kind", "enum"),
        ({"deal_types": ["theft"]}, "deal_types.0", "enum"),
        ({"territories": ["ZZ"]}, "territories.0", "unknown_country"),
        ({"language": "xx"}, "language", "unknown_language"),
        ({"trl": 10}, "trl", "less_than_equal"),
        ({"trl": float("nan")}, "trl", "finite_number"),
        ({"sdgs": [18]}, "sdgs.0", "less_than_equal"),
        ({"technology_keywords": list("abcdef")}, "technology_keywords", "too_long"),
        ({"colour": "red"}, "colour", "extra_forbidden"),
        ({"rights": [{"office": "QQ"}]}, "rights.0.office", "unknown_office"),
        ({"rights": [{"office": "VN", "ipc": ["Z99"]}]}, "rights.0.ipc.0", "unknown_class"),
        ({"rights": [{"office": "VN", "nice": [46]}]}, "rights.0.nice.0", "unknown_class"),
        ({"rights": [{"office": "VN", "application_date": "2021-02-29"}]}, "rights.0.application_date",
         "date_from_datetime_parsing"),
        ({"rights": [{"office": "VN", "registration_date": "2100-01-01"}]}, "rights.0.registration_date",
         "in_the_future"),
        ({"rights": [{"office": "VN", "application_date": "2021-02-02", "publication_date": "2020-01-01"}]},
         "rights.0.publication_date", "before_filing"),
        ({"rights": [{"office": "VN", "publication_number": "no digits"}]}, "rights.0.publication_number",
         "number_without_digits"),
        ({"rights": [{"office": "VN", "publication_number": "1-2019-04567"},
                     {"office": "VN", "publication_number": "VN1201904567A"}]}, "rights", "duplicate_right"),
        ({"terms": {"running_royalty_percent": "101"}}, "terms.running_royalty_percent", "percent_out_of_range"),
        ({"terms": {"upfront_fee": 100}}, "terms.currency", "currency_missing"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field_in_our_words(data: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        ListingInput.model_validate(data)
    errors = errors_of(refused.value)
    assert [(error.field, error.code) for error in errors] == [(field, code)]
    assert "Input should" not in str(errors[0].message)
    assert str(errors[0].message)


def test_limits_count_characters_after_composition() -> None:
    decomposed = "e\u0301" * 256
    assert len(ListingInput(title=decomposed).title) == 256


def test_a_listing_waits_for_review_only_once(db: Session, listing: Listing, alice: Any) -> None:
    publication.submit(db, listing, actor=alice.actor)
    with pytest.raises(IllegalMove):
        publication.submit(db, listing, actor=alice.actor)


def test_a_draft_saved_by_somebody_else_meanwhile_makes_the_change_stale(
    db: Session, listing: Listing, alice: Any, bob: Any
) -> None:
    service.save_draft(db, alice.actor, listing, {"trl": 6})
    service.update(db, alice.actor, listing, ListingInput(trl=8), version=1)
    service.save_draft(db, bob.actor, listing, {"trl": 5})
    with pytest.raises(service.ChangedMeanwhile):
        service.update(db, alice.actor, listing, ListingInput(trl=9), version=3)


def test_sales_talk_does_not_come_in_by_a_change_after_publication(db: Session, published: Listing, alice: Any) -> None:
    with pytest.raises(Invalid) as refused:
        service.update(db, alice.actor, published, ListingInput(applications="Order now from our price list."))
    assert [(error.field, error.code) for error in refused.value.findings] == [("applications", "direct_sale")]
    assert published.applications == ""

"""Posting, changing and keeping drafts of needs."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from backend.core.errors import Invalid
from backend.core.events import history
from backend.needs import service as needs
from backend.needs.models import Need
from backend.needs.schemas import NeedInput
from backend.publication import service as publication
from backend.publication.states import IllegalMove
from tests.needs.examples import BRIEF, need_input


def verbs(db: Session, need: Need) -> list[str]:
    return [event.verb for event in history(db, need)]


def test_title_and_description_make_a_draft_in_the_language_they_are_written_in(db: Session, bob: Any) -> None:
    need = needs.create(db, bob.actor, bob.organisation, NeedInput(**BRIEF))
    assert (need.state, need.language, verbs(db, need)) == ("draft", "th", ["need.created"])


def test_a_text_too_short_to_tell_takes_the_authors_language(db: Session, bob: Any) -> None:
    need = needs.create(db, bob.actor, bob.organisation, NeedInput(title="LED", description="UV-C 254 nm"))
    assert need.language == "th"


def test_a_complete_need_is_posted_and_submitted_in_one_step(db: Session, bob: Any) -> None:
    need = needs.post(db, bob.actor, bob.organisation, need_input())
    assert (need.state, verbs(db, need)) == ("submitted", ["need.created", "need.submitted"])


def test_an_incomplete_need_is_posted_as_a_draft(db: Session, bob: Any) -> None:
    assert needs.post(db, bob.actor, bob.organisation, NeedInput(**BRIEF)).state == "draft"


def test_an_incomplete_need_cannot_be_submitted(db: Session, bob: Any) -> None:
    need = needs.create(db, bob.actor, bob.organisation, NeedInput(**BRIEF))
    with pytest.raises(publication.NotReady) as refused:
        publication.submit(db, need, actor=bob.actor)
    assert "why_needed" in {finding.field for finding in refused.value.findings}


def test_a_change_names_the_fields_it_changed(db: Session, need: Need, bob: Any) -> None:
    needs.update(db, bob.actor, need, need_input(min_trl=7, sdgs=[6, 3]))
    assert history(db, need)[-1].data == {"fields": ["min_trl", "sdgs"]}


def test_a_change_that_changes_nothing_leaves_no_trace(db: Session, need: Need, bob: Any) -> None:
    needs.update(db, bob.actor, need, need_input())
    assert (need.version, verbs(db, need)) == (1, ["need.created"])


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(db: Session, need: Need, bob: Any) -> None:
    needs.update(db, bob.actor, need, need_input(min_trl=7), version=1)
    with pytest.raises(needs.ChangedMeanwhile):
        needs.update(db, bob.actor, need, need_input(min_trl=8), version=1)


def test_a_published_need_stays_complete(db: Session, need: Need, bob: Any, publish: Any) -> None:
    publish(need, bob)
    with pytest.raises(Invalid):
        needs.update(db, bob.actor, need, need_input(why_needed=""))
    assert need.why_needed


def test_a_need_in_review_cannot_be_changed(db: Session, need: Need, bob: Any) -> None:
    publication.submit(db, need, actor=bob.actor)
    with pytest.raises(IllegalMove):
        needs.update(db, bob.actor, need, need_input(min_trl=7))


def test_a_draft_keeps_what_was_typed_and_changes_nothing(db: Session, need: Need) -> None:
    needs.save_draft(db, need, {"title": "", "min_trl": "twelve\x00", "unknown": "x", "requirements": [{"value": "?"}]})
    db.expire(need)
    assert need.draft == {"title": "", "min_trl": "twelve", "requirements": [{"value": "?"}]}
    assert need.min_trl == 6


def test_saving_in_earnest_ends_the_draft(db: Session, need: Need, bob: Any) -> None:
    needs.save_draft(db, need, {"min_trl": "8"})
    needs.update(db, bob.actor, need, need_input(min_trl=8))
    assert need.draft is None


def test_what_a_need_says_can_be_read_back_as_it_was_given(db: Session, bob: Any) -> None:
    given = need_input(currency="THB", budget_min="1000", budget_max="2500.50", award=None, ipc=["C02F 1/28"])
    need = needs.create(db, bob.actor, bob.organisation, given)
    db.expire(need)
    assert NeedInput.model_validate(needs.input_of(need)) == given.model_copy(update={"language": None})


def test_a_draft_can_be_deleted_and_a_published_need_cannot(db: Session, need: Need, bob: Any, publish: Any) -> None:
    draft = needs.create(db, bob.actor, bob.organisation, NeedInput(**BRIEF))
    needs.discard(db, bob.actor, draft)
    assert db.get(Need, draft.id) is None
    publish(need, bob)
    with pytest.raises(IllegalMove):
        needs.discard(db, bob.actor, need)

"""The pages of a need, through the application and without scripts."""

import re
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.clock import now
from backend.listings import service as listings
from backend.matching.models import Match, MatchRun
from backend.needs import service as needs
from backend.needs.models import Need
from backend.needs.schemas import NeedInput
from backend.publication import service as publication
from tests.listings.examples import whole
from tests.needs.examples import BRIEF, complete, need_input


def form_of(need: Need) -> dict[str, Any]:
    """What the full form sends for a complete need."""
    fields = {name: value for name, value in complete().items() if name != "requirements"}
    fields |= {f"requirements-0-{name}": value for name, value in complete()["requirements"][0].items()}
    fields["technology_keywords"] = ", ".join(fields["technology_keywords"])
    fields["market_keywords"] = ", ".join(fields["market_keywords"])
    return fields | {"_form": "full", "_version": str(need.version)}


def brief(db: Session, bob: Any) -> Need:
    return needs.create(db, bob.actor, bob.organisation, NeedInput(**BRIEF))


def only(db: Session) -> Need:
    return db.scalars(select(Need)).unique().one()


def test_two_answers_post_a_need_and_lead_to_its_page(
    db: Session, client: Any, bob: Any, sign_in: Any, submit: Any
) -> None:
    sign_in(client, bob)
    assert "title" in client.get("/needs/new").text
    answer = submit(client, "/needs", BRIEF)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/needs/{only(db).id}"


def test_the_page_asks_for_its_matches_until_they_are_ready(
    db: Session, client: Any, bob: Any, sign_in: Any
) -> None:
    need = brief(db, bob)
    sign_in(client, bob)
    waiting = client.get(f"/needs/{need.id}").text
    assert f'hx-get="/needs/{need.id}/matches"' in waiting
    assert "<noscript><meta http-equiv" in waiting
    assert 'hx-trigger="every 1s"' in client.get(f"/needs/{need.id}/matches").text


def test_a_need_that_was_matched_no_longer_polls(
    db: Session, client: Any, bob: Any, sign_in: Any, run_jobs: Any
) -> None:
    need = brief(db, bob)
    run_jobs()
    assert db.get(MatchRun, need.id) is not None
    sign_in(client, bob)
    assert "hx-trigger" not in client.get(f"/needs/{need.id}/matches").text


def test_a_change_makes_the_matches_pending_again(
    db: Session, client: Any, bob: Any, sign_in: Any, run_jobs: Any
) -> None:
    need = brief(db, bob)
    run_jobs()
    needs.update(db, bob.actor, need, NeedInput(**BRIEF | {"title": "Arsenic filter for wells"}))
    sign_in(client, bob)
    assert "hx-trigger" in client.get(f"/needs/{need.id}/matches").text


def test_a_missing_answer_is_shown_beside_its_field_and_nothing_typed_is_lost(
    db: Session, client: Any, bob: Any, sign_in: Any, submit: Any
) -> None:
    sign_in(client, bob)
    answer = submit(client, "/needs", title="Arsenic <b>filter</b>", description="", used_in="TH")
    assert answer.status_code == 422
    assert 'aria-describedby="f-description' in answer.text
    assert "Arsenic &lt;b&gt;filter&lt;/b&gt;" in answer.text
    assert db.scalars(select(Need)).unique().all() == []


def test_a_stranger_does_not_learn_that_a_draft_exists(
    db: Session, client: Any, bob: Any, charlie: Any, sign_in: Any
) -> None:
    need = brief(db, bob)
    sign_in(client, charlie)
    assert client.get(f"/needs/{need.id}").status_code == 404
    assert client.get(f"/needs/{need.id}/matches").status_code == 404


def test_the_public_reads_a_published_need_without_its_matches(
    client: Any, need: Need, bob: Any, publish: Any
) -> None:
    publish(need, bob)
    page = client.get(f"/needs/{need.id}")
    assert page.status_code == 200
    assert "Arsenic after treatment" in page.text
    assert 'id="matches"' not in page.text


def test_an_anonymous_seekers_name_is_not_on_the_public_page(
    client: Any, need: Need, bob: Any, publish: Any
) -> None:
    need.anonymous = True
    publish(need, bob)
    assert bob.organisation.name not in client.get(f"/needs/{need.id}").text


def test_a_withdrawn_need_leaves_a_marker_without_contact(
    db: Session, client: Any, need: Need, bob: Any, publish: Any
) -> None:
    publish(need, bob)
    publication.withdraw(db, need, actor=bob.actor)
    page = client.get(f"/needs/{need.id}")
    assert page.status_code == 410
    assert need.title not in page.text


def test_the_full_form_saves_and_hands_in(
    db: Session, client: Any, bob: Any, sign_in: Any, submit: Any
) -> None:
    need = brief(db, bob)
    sign_in(client, bob)
    answer = submit(client, f"/needs/{need.id}/edit", form_of(need), _action="submit")
    assert answer.status_code == 303, re.findall(r'field-error.*?</div>', answer.text, re.DOTALL)
    db.refresh(need)
    assert need.state == "submitted"
    assert need.requirements[0]["unit"] == "µg/l"
    assert need.technology_keywords == ["arsenic", "water filter"]


def test_a_row_is_added_without_scripts_and_what_was_typed_stays(
    db: Session, client: Any, bob: Any, sign_in: Any, submit: Any
) -> None:
    need = brief(db, bob)
    sign_in(client, bob)
    answer = submit(client, f"/needs/{need.id}/edit", form_of(need), _add="requirements")
    assert answer.status_code == 200
    assert 'name="requirements-1-parameter"' in answer.text
    assert "Arsenic after treatment" in answer.text
    db.refresh(need)
    assert need.requirements == []
    assert need.draft is not None


def test_a_draft_is_saved_as_one_types_and_fills_the_form_again(
    db: Session, client: Any, bob: Any, sign_in: Any, submit: Any
) -> None:
    need = brief(db, bob)
    sign_in(client, bob)
    typed = {"_form": "full", "title": "", "min_trl": "7", "why_needed": "Ill"}
    answer = submit(client, f"/needs/{need.id}/draft", typed)
    assert answer.status_code == 204
    page = client.get(f"/needs/{need.id}/edit").text
    assert ">\nIll</textarea>" in page
    db.refresh(need)
    assert need.title == BRIEF["title"]


def test_a_second_writer_is_told_of_the_first(
    db: Session, client: Any, bob: Any, sign_in: Any, submit: Any
) -> None:
    need = brief(db, bob)
    typed = form_of(need)
    needs.update(db, bob.actor, need, NeedInput(**BRIEF | {"title": "Changed by a colleague"}))
    sign_in(client, bob)
    assert submit(client, f"/needs/{need.id}/edit", typed).status_code == 409


def test_an_incomplete_need_is_shown_what_it_lacks(
    db: Session, client: Any, bob: Any, sign_in: Any, submit: Any
) -> None:
    need = brief(db, bob)
    sign_in(client, bob)
    answer = submit(client, f"/needs/{need.id}/submission")
    assert answer.status_code == 422
    assert 'href="#f-why_needed"' in answer.text


def test_a_colleague_without_the_right_to_edit_hears_403(
    db: Session, client: Any, need: Need, bob: Any, charlie: Any, sign_in: Any, publish: Any
) -> None:
    publish(need, bob)
    sign_in(client, charlie)
    assert client.get(f"/needs/{need.id}/edit").status_code == 403


def test_matches_are_explained_on_the_need_page(
    db: Session, client: Any, need: Need, alice: Any, bob: Any, sign_in: Any, publish: Any
) -> None:
    listing = listings.create(db, alice.actor, alice.organisation, whole())
    publish(listing, alice)
    reasons = [
        {"code": "text_similarity", "verdict": "MATCH", "weight": 4.0, "data": {"strength": "strong"},
         "evidence": {"need": "arsenic in wells", "listing": "takes arsenic out"}},
        {"code": "stage", "verdict": "GAP", "weight": 0.2, "data": {"need": 8, "listing": 7}, "evidence": {}},
        {"code": "territory", "verdict": "UNKNOWN", "weight": 0.3, "data": {"state": "TH", "status": "pending"},
         "evidence": {}},
    ]
    db.add(Match(need=need, listing=listing, score=0.8, reasons=reasons))
    db.flush()
    bob.user.locale = "en"
    sign_in(client, bob)
    page = client.get(f"/needs/{need.id}").text
    for words in (
        "Why it fits", "Both texts are about the same thing.", "takes arsenic out", "What is missing",
        "Not mature enough yet: level 7 of 9, at least 8 is wanted.", "In Thailand a right is applied for",
        "Right applied for there", "A strong fit",
    ):
        assert words in page


def test_an_address_that_is_no_id_is_not_found(client: Any) -> None:
    assert client.get("/needs/nonsense").status_code == 404


def test_a_published_need_goes_through_its_life_by_buttons(
    db: Session, client: Any, need: Need, bob: Any, sign_in: Any, submit: Any, publish: Any
) -> None:
    sign_in(client, bob)

    def press(name: str, **fields: str) -> str:
        assert submit(client, f"/needs/{need.id}/{name}", fields).status_code == 303
        db.refresh(need)
        assert client.get(f"/needs/{need.id}").status_code == 200
        return need.state

    assert [press("submission"), press("recall")] == ["submitted", "draft"]
    publish(need, bob)
    assert [press("hold", reason="owner_pause"), press("resumption")] == ["on_hold", "published"]
    press("interest", open="no")
    assert need.open_for_interest is False
    press("interest", open="yes")
    assert need.open_for_interest is True
    assert need.expires_at is not None
    before, need.expires_at = need.expires_at, now() + timedelta(days=20)
    assert [press("extension"), press("withdrawal"), press("archive")] == ["published", "withdrawn", "archived"]
    assert need.expires_at > before


def test_a_button_that_does_not_fit_the_state_is_refused(
    client: Any, need: Need, bob: Any, sign_in: Any, submit: Any
) -> None:
    sign_in(client, bob)
    assert submit(client, f"/needs/{need.id}/resumption").status_code == 409


def test_a_draft_is_deleted_for_good(db: Session, client: Any, need: Need, bob: Any, sign_in: Any, submit: Any) -> None:
    sign_in(client, bob)
    assert submit(client, f"/needs/{need.id}/deletion").headers["location"] == "/dashboard"
    assert client.get(f"/needs/{need.id}").status_code == 404


def test_what_html_a_need_holds_is_shown_as_text(
    db: Session, client: Any, need: Need, bob: Any, sign_in: Any
) -> None:
    evil = "<script>alert(1)</script>"
    needs.update(
        db, bob.actor, need,
        need_input(
            **dict.fromkeys(("title", "summary", "description", "why_needed", "site_conditions"), evil),
            technology_keywords=[evil], requirements=[{"parameter": evil, "value": "1", "unit": "<b>"}],
        ),
    )
    sign_in(client, bob)
    for path in (f"/needs/{need.id}", f"/needs/{need.id}/edit", "/dashboard"):
        assert evil not in client.get(path).text


def test_terms_are_read_as_typed_and_a_wrong_one_is_named_beside_its_field(
    db: Session, client: Any, need: Need, bob: Any, sign_in: Any, submit: Any
) -> None:
    sign_in(client, bob)
    typed = form_of(need) | {
        "currency": "THB", "terms-upfront_fee": "1,500.50", "terms-running_royalty_percent": "3,5",
        "terms-term_years": "ten",
    }
    answer = submit(client, f"/needs/{need.id}/edit", typed)
    assert answer.status_code == 422
    assert 'id="f-terms-term_years-error"' in answer.text
    assert submit(client, f"/needs/{need.id}/edit", typed | {"terms-term_years": "10"}).status_code == 303
    db.refresh(need)
    assert need.terms is not None
    assert {name: value for name, value in need.terms.items() if value not in (None, [])} == {
        "currency": "THB", "upfront_fee": 150050, "running_royalty_percent": "3.5", "term_years": 10,
    }
    assert 'value="1500.50"' in client.get(f"/needs/{need.id}/edit").text


def test_an_amount_without_its_currency_is_asked_for_it(
    client: Any, need: Need, bob: Any, sign_in: Any, submit: Any
) -> None:
    sign_in(client, bob)
    answer = submit(client, f"/needs/{need.id}/edit", form_of(need) | {"budget_max": "2000"})
    assert answer.status_code == 422
    assert 'id="f-budget_max-error"' in answer.text


def test_whom_a_seeker_wants_as_a_partner_is_asked_for_kept_and_shown(
    db: Session, client: Any, need: Need, bob: Any, sign_in: Any, submit: Any
) -> None:
    sign_in(client, bob)
    wishes = {"partner_kinds": ["msme_small", "university"], "partner_countries": ["ASEAN"]}
    assert submit(client, f"/needs/{need.id}/edit", form_of(need) | wishes).status_code == 303
    db.refresh(need)
    assert (need.partner_kinds, need.partner_countries) == (["msme_small", "university"], ["ASEAN"])
    client.cookies.set("lang", "en")
    shown = client.get(f"/needs/{need.id}").text
    assert "Small business (11 to 49 people), University" in shown
    assert "Partners sought in" in shown
    form = client.get(f"/needs/{need.id}/edit").text
    assert re.search(r'name="partner_kinds"[^>]*value="university"[^>]*checked', form)
    assert submit(client, f"/needs/{need.id}/edit", form_of(need)).status_code == 303
    db.refresh(need)
    assert (need.partner_kinds, need.partner_countries) == ([], [])

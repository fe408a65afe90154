"""Both ways to fill in a listing, and how it is read, through the application."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.clock import now
from backend.listings import gate, service
from backend.listings.models import Listing
from backend.listings.schemas import ListingInput
from backend.publication import service as publication
from tests.listings.examples import WHOLE, whole

HOSTILE = "<script>alert(1)</script>'\"><img src=x onerror=alert(2)>"
ANSWERS: list[dict[str, Any]] = [
    {"kind": "patent", "lister_role": "owner"},
    {"title": WHOLE["title"], "language": "en"},
    {"problem": WHOLE["problem"]},
    {"description": WHOLE["description"]},
    {"advantages": WHOLE["advantages"]},
    {"stage": "demonstration"},
    {"ipr_status": "granted"},
    {"rights-0-office": "VN", "rights-0-kind": "", "rights-0-status": "granted",
     "rights-0-registration_number": "1-0031234"},
    {"deal_types": ["non_exclusive_licence"]},
    {"partner_role": WHOLE["partner_role"], "territories": ["KH", "LA"], "partner_kinds": ["msme_small"]},
    {"sectors": ["green"], "technology_keywords": "water filter, arsenic", "market_keywords": "household water",
     "sdgs": ["6"]},
    {"summary": WHOLE["summary"], "nothing_confidential": "true"},
]


@pytest.fixture(autouse=True)
def in_english(request: pytest.FixtureRequest) -> None:
    """Alice's account speaks Vietnamese; these tests read the English words."""
    request.getfixturevalue("client").cookies.set("lang", "en")


@pytest.fixture
def draft(db: Session, alice: Any) -> Listing:
    return service.create(db, alice.actor, alice.organisation, ListingInput(kind="patent"))


def full_form(listing: Listing, **changes: Any) -> dict[str, Any]:
    """The full form as a browser posts it, from the whole example."""
    data: dict[str, Any] = {"_action": "save", "_version": str(listing.version)}
    for name, value in {**WHOLE, **changes}.items():
        if name == "rights":
            for row, right in enumerate(value):
                for part, content in right.items():
                    data[f"rights-{row}-{part}"] = ", ".join(content) if isinstance(content, list) else content
        elif name.endswith("keywords"):
            data[name] = ", ".join(value)
        elif isinstance(value, bool):
            data |= {name: "true"} if value else {}
        else:
            data[name] = [str(v) for v in value] if isinstance(value, list) else str(value)
    return data


def test_an_owner_lists_a_right_in_twelve_plain_questions(
    client: Any, db: Session, alice: Any, sign_in: Callable[..., Any], submit: Callable[..., Any]
) -> None:
    sign_in(client, alice)
    assert client.get("/listings/new").status_code == 200
    begun = submit(client, "/listings", kind="patent", _way="guided")
    first = begun.headers["location"]
    assert first.endswith("/guide/1")
    stem = first.removesuffix("/1")
    for number, answer in enumerate(ANSWERS, 1):
        shown = client.get(f"{stem}/{number}")
        assert shown.status_code == 200
        assert f"Question {number} of 12" in shown.text
        went = submit(client, f"{stem}/{number}", {**answer, "_action": "next"})
        assert went.headers["location"] == f"{stem}/{number + 1 if number < 12 else 'check'}", went.text[:3000]
    check = client.get(f"{stem}/check")
    assert "It is ready" in check.text
    listing = db.scalars(select(Listing)).one()
    handed = submit(client, f"/listings/{listing.id}/submission")
    assert handed.status_code == 303
    db.refresh(listing)
    assert (listing.state, listing.title, listing.territories) == ("submitted", WHOLE["title"], ["KH", "LA"])
    assert [(r.office, r.registration_number) for r in listing.rights] == [("VN", "1-0031234")]


def test_the_guide_goes_on_where_one_left(
    client: Any, draft: Listing, alice: Any, sign_in: Callable[..., Any], submit: Callable[..., Any]
) -> None:
    sign_in(client, alice)
    stem = f"/listings/{draft.id}/guide"
    submit(client, f"{stem}/2", {"title": WHOLE["title"], "_action": "next"})
    left = submit(client, f"{stem}/3", {"problem": WHOLE["problem"], "_action": "leave"})
    assert left.headers["location"] == "/dashboard"
    assert client.get(stem).headers["location"] == f"{stem}/4"
    assert WHOLE["problem"] in client.get(f"{stem}/3").text


def test_the_guide_keeps_an_answer_it_cannot_take_and_says_why(
    client: Any, draft: Listing, alice: Any, sign_in: Callable[..., Any], submit: Callable[..., Any]
) -> None:
    sign_in(client, alice)
    answered = submit(client, f"/listings/{draft.id}/guide/2", {"title": "y" * 300, "_action": "next"})
    assert answered.status_code == 422
    assert "y" * 300 in answered.text
    assert "at most 256 characters" in answered.text
    assert "y" * 300 in client.get(f"/listings/{draft.id}/guide/2").text
    back = submit(client, f"/listings/{draft.id}/guide/2", {"title": "y" * 300, "_action": "back"})
    assert back.headers["location"].endswith("/guide/1")


def test_the_guide_adds_a_row_without_scripts_and_loses_nothing(
    client: Any, draft: Listing, alice: Any, sign_in: Callable[..., Any], submit: Callable[..., Any]
) -> None:
    sign_in(client, alice)
    path = f"/listings/{draft.id}/guide/8"
    added = submit(client, path, {**ANSWERS[7], "_add": "rights"})
    assert added.headers["location"] == f"{path}?add=rights#rights"
    shown = client.get(added.headers["location"]).text
    assert 'name="rights-1-office"' in shown
    assert "1-0031234" in shown
    two = {**ANSWERS[7], "rights-1-office": "TH", "rights-1-registration_number": "12345"}
    removed = submit(client, path, {**two, "_remove": "rights-0"})
    left = client.get(removed.headers["location"]).text
    assert "1-0031234" not in left
    assert 'value="12345"' in left


def test_the_simple_right_rows_leave_what_they_do_not_show(
    client: Any, db: Session, listing: Listing, alice: Any, sign_in: Callable[..., Any], submit: Callable[..., Any]
) -> None:
    sign_in(client, alice)
    right = listing.rights[0]
    submit(client, f"/listings/{listing.id}/guide/8", {**ANSWERS[7], "rights-0-id": str(right.id), "_action": "next"})
    db.refresh(right)
    assert (right.ipc, right.owners) == (["C02F1/28"], ["Alice Msme Small"])


def test_the_full_form_saves_and_submits_in_one_go(
    client: Any, db: Session, draft: Listing, alice: Any, sign_in: Callable[..., Any], submit: Callable[..., Any]
) -> None:
    sign_in(client, alice)
    assert client.get(f"/listings/{draft.id}/edit").status_code == 200
    saved = submit(client, f"/listings/{draft.id}/edit", {**full_form(draft), "_action": "submit"})
    assert saved.status_code == 303, re.findall(r"field-error.*?</div>", saved.text, re.DOTALL)
    db.refresh(draft)
    assert draft.state == "submitted"
    assert service.input_of(draft)["rights"][0]["ipc"] == ["C02F1/28"]


def test_the_full_form_takes_terms_in_the_writers_own_figures(
    client: Any, db: Session, draft: Listing, alice: Any, sign_in: Callable[..., Any], submit: Callable[..., Any]
) -> None:
    sign_in(client, alice)
    terms = {
        "terms-deal_type": "non_exclusive_licence", "terms-currency": "VND", "terms-upfront_fee": "250.000.000",
        "terms-running_royalty_percent": "3.5", "terms-royalty_base": "net_sales", "terms-term_years": "7",
        "terms-territories": ["KH", "LA"],
    }
    client.get("/?lang=vi")
    saved = submit(client, f"/listings/{draft.id}/edit", {**full_form(draft), **terms})
    assert saved.status_code == 303, re.findall(r"field-error.*?</div>", saved.text, re.DOTALL)
    db.refresh(draft)
    assert draft.terms == {
        "deal_type": "non_exclusive_licence", "currency": "VND", "upfront_fee": 250_000_000, "term_years": 7,
        "running_royalty_percent": "3.5", "royalty_base": "net_sales", "territories": ["KH", "LA"],
    }
    assert "250000000" in client.get(f"/listings/{draft.id}/edit").text


def test_an_error_in_the_full_form_loses_nothing_and_stands_beside_its_field(
    client: Any, db: Session, draft: Listing, alice: Any, sign_in: Callable[..., Any], submit: Callable[..., Any]
) -> None:
    sign_in(client, alice)
    wrong = {"rights-0-application_date": "2019-02-30", "terms-upfront_fee": "a lot", "terms-currency": "VND"}
    answered = submit(client, f"/listings/{draft.id}/edit", {**full_form(draft), **wrong})
    assert answered.status_code == 422
    assert 'id="f-rights-0-application_date-error"' in answered.text
    assert 'id="f-terms-upfront_fee-error"' in answered.text
    for typed in ("2019-02-30", "a lot", WHOLE["title"], "1-0031234"):
        assert typed in answered.text
    later = client.get(f"/listings/{draft.id}/edit").text
    assert "2019-02-30" in later
    assert "a lot" in later
    db.refresh(draft)
    assert draft.title == WHOLE["title"]


def test_what_is_typed_is_kept_as_one_types(
    client: Any, db: Session, draft: Listing, alice: Any, sign_in: Callable[..., Any], submit: Callable[..., Any]
) -> None:
    sign_in(client, alice)
    kept = submit(client, f"/listings/{draft.id}/draft", {**full_form(draft), "title": "Half a ti", "trl": "eleven"})
    assert kept.status_code == 204
    db.refresh(draft)
    assert (draft.title, draft.draft) == ("Half a ti", {"trl": "eleven"})
    one_question = submit(client, f"/listings/{draft.id}/draft", {"_step": "3", "problem": "Wells carry arsenic."})
    assert one_question.status_code == 204
    db.refresh(draft)
    assert (draft.title, draft.problem) == ("Half a ti", "Wells carry arsenic.")


def test_saving_over_somebody_elses_change_is_refused_and_keeps_what_was_typed(
    client: Any, db: Session, listing: Listing, alice: Any, sign_in: Callable[..., Any], submit: Callable[..., Any]
) -> None:
    sign_in(client, alice)
    service.update(db, alice.actor, listing, ListingInput(trl=8), version=1)
    late = {**full_form(listing), "_version": "1", "title": "Another title for the same husk filter"}
    answered = submit(client, f"/listings/{listing.id}/edit", late)
    assert answered.status_code == 409
    assert "Another title for the same husk filter" in answered.text
    db.refresh(listing)
    assert listing.title == WHOLE["title"]
    assert submit(client, f"/listings/{listing.id}/edit", {**late, "_version": "2"}).status_code == 303


def test_ones_own_drafts_while_typing_are_no_conflict(
    client: Any, listing: Listing, alice: Any, sign_in: Callable[..., Any], submit: Callable[..., Any]
) -> None:
    sign_in(client, alice)
    form = full_form(listing)
    submit(client, f"/listings/{listing.id}/draft", {**form, "title": "Husk filter for wells with much arsenic"})
    assert submit(client, f"/listings/{listing.id}/edit", form).status_code == 303


def test_an_expired_session_asks_to_sign_in_and_changes_nothing(
    client: Any, db: Session, listing: Listing, submit: Callable[..., Any]
) -> None:
    page = f"/listings/{listing.id}/edit"
    client.headers["referer"] = f"http://testserver{page}"
    answered = submit(client, page, full_form(listing, title="Changed by a stranger now"))
    assert answered.status_code == 303
    assert answered.headers["location"] == f"/login?next={page.replace('/', '%2F')}"
    db.refresh(listing)
    assert listing.title == WHOLE["title"]


def test_html_in_every_field_is_shown_as_text(
    client: Any, db: Session, alice: Any, olga: Any, bob: Any, sign_in: Callable[..., Any]
) -> None:
    texts = dict.fromkeys(gate.TEXTS, HOSTILE + " and 3 more words")
    right = {
        **WHOLE["rights"][0], "title": HOSTILE, "owners": [HOSTILE], "goods_services": HOSTILE,
        "encumbrances": [{"kind": "pledge", "field": HOSTILE, "holder": HOSTILE}],
        "registration_number": "<b>1</b>",
    }
    listing = service.create(
        db, alice.actor, alice.organisation,
        whole(
            **texts, rights=[right], technology_keywords=[HOSTILE], market_keywords=["<b>x"], terms_visibility="public",
            terms={"field_of_use": HOSTILE, "notes": HOSTILE, "quality_control": HOSTILE},
            environmental_benefits=[
                {"benefit": "noise", "metric": HOSTILE, "baseline": HOSTILE, "certificate": HOSTILE}
            ],
        ),
    )
    listing.state, listing.published_at = "published", now()
    listing.expires_at, listing.submitted_at = now() + timedelta(days=9), now()
    listing.draft = {"applications": HOSTILE}
    db.flush()
    pages = [client.get(f"/listings/{listing.id}")]
    sign_in(client, alice)
    pages += [client.get(f"/listings/{listing.id}"), client.get(f"/listings/{listing.id}/edit")]
    listing.state = "draft"
    db.flush()
    pages += [client.get(f"/listings/{listing.id}/guide/{step}") for step in range(1, 13)]
    pages.append(client.get(f"/listings/{listing.id}/guide/check"))
    listing.state = "in_review"
    db.flush()
    sign_in(client, olga)
    pages += [client.get(f"/review/listings/{listing.id}"), client.get("/review")]
    for page in pages:
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "<b>" not in page.text


def test_a_seeker_reads_everything_that_is_public(client: Any, published: Listing) -> None:
    text = client.get(f"/listings/{published.id}").text
    for said in (WHOLE["title"], WHOLE["summary"], WHOLE["advantages"], "Alice Msme Small", "1-0031234", "V0",
                 "Not checked", "In force", published.reference, "Level 7 of 9", "No terms are stated"):
        assert said in text.replace("&#39;", "'"), said
    assert "What happened so far" not in text


def test_the_text_is_marked_with_its_own_language(client: Any, db: Session, published: Listing) -> None:
    published.language = "vi"
    db.flush()
    text = client.get(f"/listings/{published.id}").text
    assert f'<p class="lead" lang="vi">{WHOLE["summary"]}' in text
    assert "Written in Tiếng Việt" in text


def test_an_anonymous_owner_is_not_named_and_cannot_be_looked_up(client: Any, db: Session, published: Listing) -> None:
    published.anonymous = True
    db.flush()
    text = client.get(f"/listings/{published.id}").text
    assert "Alice" not in text
    assert "0031234" not in text
    assert "name on request" in text
    answer = client.get(f"/api/v1/listings/{published.id}").json()
    assert answer["organisation"]["name"] is None
    assert "0031234" not in str(answer)


@pytest.mark.parametrize(
    ("visibility", "everyone", "registered"),
    [("public", True, True), ("registered", False, True), ("on_request", False, False)],
)
def test_terms_are_shown_to_whom_the_owner_chose(
    client: Any, db: Session, published: Listing, bob: Any, sign_in: Callable[..., Any], visibility: str,
    everyone: bool, registered: bool,
) -> None:
    published.terms = {"field_of_use": "drinking water only", "deal_type": "non_exclusive_licence"}
    published.terms_visibility = visibility
    db.flush()
    path = f"/listings/{published.id}"
    assert ("drinking water only" in client.get(path).text) == everyone
    assert ("drinking water only" in client.get(f"/api/v1{path}").text) == everyone
    sign_in(client, bob)
    assert ("drinking water only" in client.get(path).text) == registered


@pytest.mark.parametrize(
    ("state", "status"), [("archived", 410), ("withdrawn", 410), ("expired", 410), ("on_hold", 404)]
)
def test_what_has_ended_leaves_a_marker_without_contact(
    client: Any, db: Session, published: Listing, alice: Any, sign_in: Callable[..., Any], state: str, status: int
) -> None:
    published.state = state
    db.flush()
    gone = client.get(f"/listings/{published.id}")
    assert gone.status_code == status
    assert published.reference in gone.text
    assert WHOLE["title"] not in gone.text
    assert "Alice" not in gone.text
    assert client.get(f"/api/v1/listings/{published.id}").status_code == status
    sign_in(client, alice)
    assert client.get(f"/listings/{published.id}").status_code == 200


@pytest.mark.parametrize("path", ["", "/edit", "/guide", "/guide/1", "/guide/check"])
def test_a_draft_does_not_exist_for_strangers(
    client: Any, listing: Listing, charlie: Any, sign_in: Callable[..., Any], path: str
) -> None:
    anonymous = client.get(f"/listings/{listing.id}{path}")
    assert anonymous.status_code == (303 if path else 404)  # and the same for an address that never was
    sign_in(client, charlie)
    assert client.get(f"/listings/{listing.id}{path}").status_code == 404


def test_a_stranger_may_read_what_is_public_but_not_change_it(
    client: Any, published: Listing, charlie: Any, sign_in: Callable[..., Any], submit: Callable[..., Any]
) -> None:
    sign_in(client, charlie)
    assert client.get(f"/listings/{published.id}/edit").status_code == 403
    for move in ("hold", "withdrawal", "interest", "extension", "submission", "deletion", "draft", "edit"):
        assert submit(client, f"/listings/{published.id}/{move}").status_code == 403


def test_the_owner_leads_the_listing_through_its_life(
    client: Any, db: Session, published: Listing, alice: Any, sign_in: Callable[..., Any], submit: Callable[..., Any]
) -> None:
    sign_in(client, alice)
    path = f"/listings/{published.id}"
    for move, data, state in [
        ("interest", {"open": "no"}, "published"), ("hold", {"reason": "in_negotiation", "note": "Talks"}, "on_hold"),
        ("resumption", {}, "published"), ("withdrawal", {"reason": "agreed_here"}, "withdrawn"),
        ("archive", {}, "archived"),
    ]:
        assert submit(client, f"{path}/{move}", data).status_code == 303
        db.refresh(published)
        assert published.state == state
    shown = client.get(path).text
    assert "Talks" in shown
    assert "What happened so far" in shown


def test_the_full_form_keeps_a_published_listing_complete(
    client: Any, db: Session, published: Listing, alice: Any, sign_in: Callable[..., Any], submit: Callable[..., Any]
) -> None:
    sign_in(client, alice)
    right = {**WHOLE["rights"][0], "id": str(published.rights[0].id)}
    spoilt = submit(client, f"/listings/{published.id}/edit", full_form(published, summary="", rights=[right]))
    assert spoilt.status_code == 422
    assert 'id="f-summary-error"' in spoilt.text
    db.refresh(published)
    assert published.summary == WHOLE["summary"]
    better = full_form(published, title="Husk filter against arsenic in village wells", rights=[right])
    assert submit(client, f"/listings/{published.id}/edit", better).status_code == 303
    db.refresh(published)
    assert (published.title, published.draft) == (better["title"], None)


def test_a_nonsense_step_or_kind_is_answered_calmly(
    client: Any, draft: Listing, alice: Any, sign_in: Callable[..., Any], submit: Callable[..., Any]
) -> None:
    sign_in(client, alice)
    assert client.get(f"/listings/{draft.id}/guide/13").status_code == 404
    assert client.get(f"/listings/{draft.id}/guide/0").status_code == 404
    assert submit(client, "/listings", kind="nonsense").status_code == 422
    assert submit(client, f"/listings/{draft.id}/draft", {"_step": "99"}).status_code == 404
    odd = {"rights-0": "x", "rights-0-office": "VN", "rights": "y", "rights-0-encumbrances": "z", "terms": "q",
           "environmental_benefits-0-benefit": "??", "sdgs": "six", "kind": ["a", "b"]}
    assert submit(client, f"/listings/{draft.id}/edit", odd).status_code == 422
    assert client.get(f"/listings/{draft.id}/edit").status_code == 200


def test_a_ready_listing_is_reviewed_and_published_on_the_desk(
    client: Any, db: Session, listing: Listing, alice: Any, olga: Any, sign_in: Callable[..., Any],
    submit: Callable[..., Any],
) -> None:
    publication.submit(db, listing, actor=alice.actor)
    sign_in(client, olga)
    assert WHOLE["title"] in client.get("/review").text
    path = f"/review/listings/{listing.id}"
    assert submit(client, f"{path}/review").headers["location"] == path
    assert "Publish it" in client.get(path).text
    assert submit(client, f"{path}/publication").headers["location"] == "/review"
    db.refresh(listing)
    assert (listing.state, listing.reviewer_id) == ("published", olga.user.id)


def test_the_desk_returns_with_a_reason_and_what_to_mend(
    client: Any, db: Session, listing: Listing, alice: Any, olga: Any, sign_in: Callable[..., Any],
    submit: Callable[..., Any],
) -> None:
    publication.submit(db, listing, actor=alice.actor)
    publication.take_up(db, listing, actor=olga.actor)
    sign_in(client, olga)
    path = f"/review/listings/{listing.id}/return"
    unreasoned = submit(client, path, {"note": "Which wells?"})
    assert unreasoned.status_code == 422
    assert "Which wells?" in unreasoned.text
    assert submit(client, path, {"reason": "unclear", "note": "Which wells?"}).status_code == 303
    sign_in(client, alice)
    assert "Which wells?" in client.get(f"/listings/{listing.id}").text


def test_a_suspected_blocker_is_let_pass_by_name(
    client: Any, db: Session, listing: Listing, alice: Any, olga: Any, sign_in: Callable[..., Any],
    submit: Callable[..., Any],
) -> None:
    listing.description += " See the price list of sand filters."
    publication.submit(db, listing, actor=alice.actor)
    publication.take_up(db, listing, actor=olga.actor)
    sign_in(client, olga)
    path = f"/review/listings/{listing.id}"
    assert "You decide" in client.get(path).text
    assert submit(client, f"{path}/publication").status_code == 422
    assert submit(client, f"{path}/publication", {"accepted": "Q14:direct_sale:description"}).status_code == 303


def test_staff_do_not_review_their_own_organisation(
    client: Any, db: Session, olga: Any, sign_in: Callable[..., Any], submit: Callable[..., Any]
) -> None:
    own = service.create(
        db, olga.actor, olga.organisation, whole(rights=[{**WHOLE["rights"][0], "owners": ["Olga Public Agency"]}])
    )
    publication.submit(db, own, actor=olga.actor)
    sign_in(client, olga)
    shown = client.get(f"/review/listings/{own.id}")
    assert "Somebody else must review this" in shown.text
    assert "Begin the review" not in shown.text
    assert submit(client, f"/review/listings/{own.id}/review").status_code == 403


def test_the_desk_is_for_staff(
    client: Any, published: Listing, alice: Any, sign_in: Callable[..., Any], submit: Callable[..., Any]
) -> None:
    assert client.get("/review").status_code == 303
    sign_in(client, alice)
    assert client.get("/review").status_code == 403
    assert client.get(f"/review/listings/{published.id}").status_code == 403
    assert submit(client, f"/review/listings/{published.id}/publication").status_code == 403


def test_needs_are_reviewed_at_the_same_desk(
    client: Any, db: Session, bob: Any, olga: Any, sign_in: Callable[..., Any], submit: Callable[..., Any]
) -> None:
    from backend.needs import service as needs
    from backend.needs.schemas import NeedInput

    need = needs.create(db, bob.actor, bob.organisation, NeedInput(title="เครื่องอบข้าว", description="ลดความชื้นข้าวเปลือก"))
    need.state, need.submitted_at = "submitted", now() - timedelta(days=30)
    db.flush()
    sign_in(client, olga)
    desk = client.get("/review").text
    assert "เครื่องอบข้าว" in desk
    assert "Overdue" in desk
    assert submit(client, f"/review/needs/{need.id}/review").status_code == 303
    shown = client.get(f"/review/needs/{need.id}")
    assert shown.status_code == 200
    assert "Must be mended" in shown.text
    assert submit(client, f"/review/needs/{need.id}/publication").status_code == 422
    returned = submit(client, f"/review/needs/{need.id}/return", {"reason": "incomplete", "note": "ขอรายละเอียด"})
    assert returned.status_code == 303


def test_countries_that_are_not_wanted_are_asked_for_kept_and_shown(
    client: Any, draft: Listing, db: Session, alice: Any, sign_in: Callable[..., Any], submit: Callable[..., Any]
) -> None:
    sign_in(client, alice)
    assert 'name="excluded_countries"' in client.get(f"/listings/{draft.id}/guide/10").text
    saved = submit(client, f"/listings/{draft.id}/edit", full_form(draft, excluded_countries=["SG", "MM"]))
    assert saved.status_code == 303
    db.refresh(draft)
    assert draft.excluded_countries == ["SG", "MM"]
    shown = client.get(f"/listings/{draft.id}").text
    assert "No partners from" in shown
    form = client.get(f"/listings/{draft.id}/edit").text
    assert re.search(r'name="excluded_countries"[^>]*value="SG"[^>]*checked', form)
    submit(client, f"/listings/{draft.id}/edit", full_form(draft))
    db.refresh(draft)
    assert draft.excluded_countries == []

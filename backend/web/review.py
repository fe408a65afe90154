"""The review desk: what waits for a reviewer, and one record with its findings beside the fields, for either noun."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select

from backend.accounts.actor import Actor
from backend.accounts.models import User
from backend.core import events
from backend.core.clock import now
from backend.deps import CurrentUser, Db, load, permit
from backend.i18n import Lazy, _
from backend.listings.models import Listing
from backend.listings.schemas import ENCUMBRANCES
from backend.listings.service import copies
from backend.needs.models import Need
from backend.publication import service as publication
from backend.publication.models import Publishable
from backend.publication.quality import Finding
from backend.publication.reasons import ALL_REASONS, RETURN_REASONS
from backend.publication.states import State
from backend.templating import page
from backend.web.forms import Posted, flash, to

router = APIRouter()

WAITING = (State.SUBMITTED.value, State.IN_REVIEW.value)
MOST_SHOWN = 200


@dataclass(frozen=True)
class Row:
    """One line of the queue."""

    noun: str
    record: Publishable
    due: datetime
    overdue: bool
    own: bool
    mine: bool


@dataclass(frozen=True)
class Shown:
    """One field of a record: how its value is to be read (`how`) and its findings."""

    field: str
    label: Lazy
    how: str
    value: Any
    findings: list[Finding]


LISTING_FIELDS: tuple[tuple[str, Lazy, str], ...] = (
    ("title", _("Title"), "text"), ("summary", _("Summary"), "text"), ("kind", _("Kind"), "code:right_kind"),
    ("lister_role", _("Role of the lister"), "code:lister_role"), ("anonymous", _("Anonymous"), "yes"),
    ("problem", _("Problem"), "text"), ("description", _("Description"), "text"),
    ("advantages", _("Advantages"), "text"), ("economic_comparison", _("Costs compared"), "text"),
    ("applications", _("Uses"), "text"), ("stage", _("Stage"), "code:stage"), ("trl", _("Readiness"), "code:trl"),
    ("ipr_status", _("Protection"), "code:ipr_status"), ("rights", _("Rights"), "rights"),
    ("novelty_acknowledged", _("Knows the danger to novelty"), "yes"),
    ("environmental_benefits", _("Benefits to the environment"), "benefits"),
    ("deal_types", _("Deals wanted"), "codes:deal_type"), ("partner_role", _("The partner's role"), "text"),
    ("partner_kinds", _("Partners sought"), "codes:organisation_kind"), ("territories", _("Countries"), "places"),
    ("excluded_countries", _("Not wanted from"), "places"),
    ("terms", _("Terms"), "terms"), ("terms_visibility", _("Terms are"), "code:terms_visibility"),
    ("sectors", _("Sector"), "codes:sector"), ("sdgs", _("Development goals"), "codes:sdg"),
    ("technology_keywords", _("Technology keywords"), "list"), ("market_keywords", _("Market keywords"), "list"),
    ("nothing_confidential", _("Confirms that nothing is confidential"), "yes"),
)
NEED_FIELDS: tuple[tuple[str, Lazy, str], ...] = (
    ("title", _("Title"), "text"), ("summary", _("Summary"), "text"), ("kind", _("Kind"), "code:need_kind"),
    ("anonymous", _("Anonymous"), "yes"), ("description", _("Description"), "text"),
    ("why_needed", _("Why it is needed"), "text"), ("present_solution", _("How it is managed today"), "text"),
    ("requirements", _("What it must do"), "requirements"), ("out_of_scope", _("What is not wanted"), "text"),
    ("used_in", _("For use in"), "places"), ("site_conditions", _("Conditions on site"), "text"),
    ("deal_types", _("Deals wanted"), "codes:deal_type"), ("right_kinds", _("Kinds of right"), "codes:right_kind"),
    ("partner_kinds", _("Partners sought"), "codes:organisation_kind"),
    ("partner_countries", _("Partners sought in"), "places"),
    ("ip_expectation", _("Rights expected"), "code:ip_expectation"), ("min_trl", _("Least readiness"), "code:trl"),
    ("currency", _("Currency"), "plain"), ("budget_min", _("Budget from"), "money"),
    ("budget_max", _("Budget up to"), "money"), ("award", _("Award"), "money"), ("terms", _("Terms"), "terms"),
    ("deadline", _("Answers until"), "date"), ("decision_on", _("Decision on"), "date"),
    ("sectors", _("Sector"), "codes:sector"), ("sdgs", _("Development goals"), "codes:sdg"),
    ("technology_keywords", _("Technology keywords"), "list"), ("market_keywords", _("Market keywords"), "list"),
    ("ipc", _("IPC"), "list"),
)
NOUNS: dict[str, tuple[type[Any], tuple[tuple[str, Lazy, str], ...]]] = {
    "listings": (Listing, LISTING_FIELDS),
    "needs": (Need, NEED_FIELDS),
}


@router.get("/review", dependencies=[permit("staff.view")])
def queue(request: Request, db: Db, actor: CurrentUser) -> HTMLResponse:
    """What waits, the longest waiting first; what this reviewer has begun stands apart."""
    at = now()
    rows = [row for noun, (model, _fields) in NOUNS.items() for row in _rows(db, noun, model, actor, at)]
    rows.sort(key=lambda row: row.due)
    return page(
        request,
        "review/queue.html",
        mine=[row for row in rows if row.mine],
        waiting=[row for row in rows if row.record.state == State.SUBMITTED],
        others=[row for row in rows if row.record.state == State.IN_REVIEW and not row.mine],
        overdue=sum(row.overdue for row in rows),
    )


def _rows(db: Db, noun: str, model: type[Any], actor: Actor, at: datetime) -> list[Row]:
    query = (
        select(model)
        .where(model.state.in_(WAITING))
        .order_by(model.submitted_at)
        .limit(MOST_SHOWN)
    )
    rows = []
    for record in db.scalars(query).unique():
        due = publication.review_due(record.submitted_at or record.created_at)
        own = publication.is_own(record, actor)
        mine = record.state == State.IN_REVIEW and record.reviewer_id == actor.id
        rows.append(Row(noun, record, due, due < at, own, mine))
    return rows


def _record_page(request: Request, db: Db, actor: Actor, noun: str, record: Any, **more: Any) -> HTMLResponse:
    """All its fields with what the gate says beside each, and what the reviewer may do now."""
    _model, fields = NOUNS[noun]
    found = publication.findings(db, record)
    known = {field for field, _label, _how in fields}
    shown = [
        Shown(field, label, how, getattr(record, field), [f for f in found if f.field.split(".")[0] == field])
        for field, label, how in fields
    ]
    past = events.history(db, record)
    who = {event.actor_id for event in past if event.actor_id}
    status = more.pop("status", 200)
    return page(
        request,
        "review/record.html",
        status=status,
        noun=noun,
        record=record,
        fields=shown,
        elsewhere=[finding for finding in found if finding.field.split(".")[0] not in known],
        suspected=[finding for finding in found if finding.severity == "blocker" and finding.person_decides],
        blocked=[finding for finding in found if finding.severity == "blocker" and not finding.person_decides],
        own=publication.is_own(record, actor),
        due=publication.review_due(record.submitted_at or record.created_at),
        return_reasons=RETURN_REASONS,
        all_reasons=ALL_REASONS,
        encumbrance_words=ENCUMBRANCES,
        history=past,
        names={user.id: user.name for user in db.scalars(select(User).where(User.id.in_(who)))} if who else {},
        copies=copies(db, record) if isinstance(record, Listing) else [],
        **{"errors": [], "note": "", **more},
    )


def _routes(noun: str, model: type[Any]) -> None:
    """The same five addresses for listings and needs."""
    permission = f"{model.__tablename__}.review"
    loaded = load(model, permission)
    locked = load(model, permission, lock=True)
    stem = f"/review/{noun}/{{id:uuid}}"

    def show(request: Request, db: Db, actor: CurrentUser, record: Annotated[Any, loaded]) -> HTMLResponse:
        return _record_page(request, db, actor, noun, record)

    def take_up(db: Db, actor: CurrentUser, record: Annotated[Any, locked]) -> RedirectResponse:
        publication.take_up(db, record, actor=actor)
        return to(f"/review/{noun}/{record.id}")

    def give_back(
        request: Request, db: Db, actor: CurrentUser, form: Posted, record: Annotated[Any, locked]
    ) -> Response:
        reason, note = _text(form.get("reason")), _text(form.get("note"))
        if reason not in RETURN_REASONS or not note.strip():
            errors = [_("Choose a reason and say what should be mended.")]
            return _record_page(request, db, actor, noun, record, status=422, errors=errors, note=note, reason=reason)
        publication.give_back(db, record, actor=actor, reason=reason, note=note)
        flash(request, _("Returned to its author."))
        return to("/review")

    def publish(
        request: Request, db: Db, actor: CurrentUser, form: Posted, record: Annotated[Any, locked]
    ) -> Response:
        accepted = [str(key) for key in form.getlist("accepted")]
        try:
            publication.publish(db, record, actor=actor, accepted=accepted)
        except publication.NotReady as error:
            return _record_page(request, db, actor, noun, record, status=422, errors=[error.message])
        flash(request, _("It is published."))
        return to("/review")

    handlers: list[tuple[str, str, Callable[..., Any]]] = [
        ("GET", stem, show), ("POST", f"{stem}/review", take_up), ("POST", f"{stem}/return", give_back),
        ("POST", f"{stem}/publication", publish),
    ]
    for method, path, handler in handlers:
        router.add_api_route(path, handler, methods=[method], name=f"review_{noun}_{handler.__name__}")


def _text(value: Any) -> str:
    return value[:2000] if isinstance(value, str) else ""


for _noun, (_model, _fields) in NOUNS.items():
    _routes(_noun, _model)

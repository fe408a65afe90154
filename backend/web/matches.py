"""Matches as people read them: what fits, what is missing and what is not known, quoted from both sides."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from backend.accounts.actor import Actor
from backend.core.errors import Invalid
from backend.deps import CurrentUser, Db, load, permit
from backend.i18n import _
from backend.language.detect import detect
from backend.listings.models import Listing
from backend.matching import feedback, reading
from backend.matching.advice import advice
from backend.matching.models import Match, MatchFeedback
from backend.matching.order import Placed
from backend.matching.personal import ALIKE, Adjustment
from backend.matching.quotes import pieces
from backend.matching.reason import Verdict
from backend.matching.store import WORTH_TELLING
from backend.needs.models import Need
from backend.notifications import service as notifications
from backend.publication.states import State
from backend.templating import page
from backend.web.forms import Form, Posted, flash, safe_next, to

router = APIRouter()
PAGE_SIZE = 30
# Evidence that is no sentence of a record but codes or figures: templates word it in the reader's language.
STATED = {("class", "need"), ("class", "listing"), ("requirement", "need")}
SURE = 0.6  # of the language of a quotation


@dataclass
class ShownReason:
    """What the template needs to word one reason; `evidence` has each side's quotation with its language, whole and in
    pieces that are marked or not."""

    code: str
    verdict: Verdict
    weight: float
    data: dict[str, Any]
    evidence: dict[str, Any]


@dataclass
class ShownSide:
    """A need or a listing as the other side may see it; an anonymous owner's or seeker's name is not in it."""

    id: str
    title: str
    summary: str
    language: str
    country: str
    name: str | None
    kind: str
    state: str


@dataclass
class ShownMatch:
    id: str
    score: float
    side: reading.Side
    need: ShownSide
    listing: ShownSide
    right_there: str
    fits: list[ShownReason] = field(default_factory=list)
    missing: list[ShownReason] = field(default_factory=list)
    not_known: list[ShownReason] = field(default_factory=list)
    answer: MatchFeedback | None = None
    may_answer: bool = False
    adjustments: tuple[Adjustment, ...] = ()  # what the reader's own answers changed in its place
    moved: bool = False  # equals taking turns did
    is_close: bool = True  # shown at once; what is weaker, and was told to nobody, stands folded below


def shown(match: Match, side: reading.Side, answer: MatchFeedback | None = None, may_answer: bool = True) -> ShownMatch:
    need, listing = match.need, match.listing
    country = need.organisation.country
    groups: dict[Verdict, list[ShownReason]] = {verdict: [] for verdict in Verdict}
    status_there, quoted = "", set()
    for row in sorted(match.reasons, key=lambda row: -float(row.get("weight") or 0)):
        reason = _reason(row, need, listing)
        if reason.code == "territory" and reason.data.get("state") == country:
            status_there = str(reason.data.get("status"))
        quotation = (reason.evidence["need"], reason.evidence["listing"])
        if quotation in quoted:  # two reasons may rest on the same sentences; they are quoted once
            reason.evidence |= {"need": None, "listing": None}
        quoted.add(quotation)
        if reason.code != "cross_border":  # both member states stand at the head of every card
            groups[reason.verdict].append(reason)
    told_at = match.seeker_told_at if side == "seeker" else match.owner_told_at
    return ShownMatch(
        id=str(match.id),
        score=float(match.score),
        side=side,
        need=side_shown(need),
        listing=side_shown(listing),
        right_there=status_there or reading.right_at(listing, country),
        fits=groups[Verdict.MATCH],
        missing=groups[Verdict.GAP],
        not_known=groups[Verdict.UNKNOWN],
        answer=answer,
        may_answer=may_answer,
        is_close=match.score >= WORTH_TELLING or told_at is not None,
    )


def side_shown(record: Need | Listing) -> ShownSide:
    return ShownSide(
        id=str(record.id),
        title=record.title,
        summary=record.summary,
        language=record.language,
        country=record.organisation.country,
        name=None if record.anonymous else record.organisation.name,
        kind=record.kind,
        state=record.state,
    )


def shown_all(db: Db, actor: Actor, matches: Any, side: reading.Side | None = None) -> list[ShownMatch]:
    answers = reading.feedback_of(db, actor.id, matches)
    rows = []
    for match in matches:
        own = side or reading.side_of(match, actor.roles)
        may = actor.belongs_to(match.need.organisation_id) or actor.belongs_to(match.listing.organisation_id)
        rows.append(shown(match, own, answers.get(match.id), may))
    return rows


def advice_shown(match: Match, side: reading.Side) -> list[tuple[reading.Side, Any]]:
    """What would make it fit better, the reader's own side first."""
    found = advice(match.reasons)
    other: reading.Side = "owner" if side == "seeker" else "seeker"
    return [(one, found.of(one)) for one in (side, other)]


def shown_in_order(db: Db, actor: Actor, rows: Sequence[Placed]) -> list[ShownMatch]:
    """The seeker's list, each match with why it stands where it does."""
    found = shown_all(db, actor, [one.match for one in rows], "seeker")
    for match, one in zip(found, rows, strict=True):
        match.adjustments, match.moved = one.adjustments, one.moved
    return found


def _reason(row: dict[str, Any], need: Need, listing: Listing) -> ShownReason:
    code = str(row.get("code", ""))
    evidence, data = dict(row.get("evidence") or {}), dict(row.get("data") or {})
    marks = data.pop("marks", None) or {}
    if code == "class":
        data["classes"] = evidence
    data["across"] = need.language != listing.language
    quoted: dict[str, Any] = {}
    for side, language in (("need", need.language), ("listing", listing.language)):
        said: Any = None if (code, side) in STATED else evidence.get(side)
        if isinstance(said, dict):
            said, language = said.get("text"), said.get("language") or language
        if isinstance(said, list):
            said = " … ".join(str(part) for part in said)
        quoted[side] = str(said) if said not in (None, "") else None
        if quoted[side]:  # a record may hold titles in several languages, and the quote may be of another one
            found, confidence = detect(quoted[side])
            language = found if confidence > SURE else language
        quoted[f"{side}_language"] = language
        quoted[f"{side}_pieces"] = pieces(quoted[side] or "", marks.get(side) or ())
    return ShownReason(
        code=code,
        verdict=Verdict(row.get("verdict", Verdict.UNKNOWN)),
        weight=float(row.get("weight") or 0),
        data=data,
        evidence=quoted,
    )


@router.get("/matches", dependencies=[permit("account.view")])
def index(request: Request, db: Db, actor: CurrentUser, side: str = "", after: str = "") -> HTMLResponse:
    """All matches of one's needs and listings, the newest first."""
    chosen: reading.Side | None = "seeker" if side == "seeker" else "owner" if side == "owner" else None
    seen = reading.read_cursor(after) if after else None
    found = reading.matches_of(db, actor.roles, side=chosen, after=seen, limit=PAGE_SIZE + 1)
    rows = found[:PAGE_SIZE]
    return page(
        request,
        "matches/index.html",
        matches=shown_all(db, actor, rows, chosen),
        side=chosen or "",
        next_cursor=reading.cursor_of(rows[-1]) if len(found) > PAGE_SIZE else None,
    )


@router.get("/matches/{id}")
def show(
    request: Request, db: Db, actor: CurrentUser, match: Annotated[Match, load(Match, "match.view")]
) -> HTMLResponse:
    notifications.mark_read_about(db, actor.id, [f"/matches/{match.id}"])
    request.state.unread_count = notifications.unread_count(db, actor.id)
    return _page(request, db, actor, match, Form())


@router.post("/matches/{id}/feedback")
def give_feedback(
    request: Request,
    db: Db,
    actor: CurrentUser,
    form: Posted,
    match: Annotated[Match, load(Match, "match.answer")],
) -> Response:
    try:
        feedback.answer(
            db,
            match,
            actor=actor,
            useful=form.get("useful") == "yes",
            reason=str(form.get("reason") or "") or None,
            note=str(form.get("note") or ""),
        )
    except Invalid as error:
        return _page(request, db, actor, match, Form(form, error.findings), status=422)
    flash(request, _("Thank you. Your answer helps us to find better matches."))
    return to(safe_next(str(form.get("_back") or ""), f"/matches/{match.id}"))


def _page(
    request: Request, db: Db, actor: Actor, match: Match, form: Form, status: int = 200
) -> HTMLResponse:
    side = reading.side_of(match, actor.roles)
    return page(
        request,
        "matches/page.html",
        status=status,
        match=shown_all(db, actor, [match], side)[0],
        is_live=State(match.listing.state) is State.PUBLISHED,
        form=form,
        advice=advice_shown(match, side),
        decline_codes=reading.DECLINE_CODES,
        speaking_codes=tuple(ALIKE),
    )

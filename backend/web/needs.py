"""Pages of needs: post one with two answers, complete it, follow its life, and read its matches as they are found."""

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from backend.accounts.actor import Actor
from backend.core import events
from backend.core.clock import now
from backend.core.errors import FieldError, Forbidden, Invalid
from backend.deps import CurrentUser, Db, MaybeUser, load, permit
from backend.i18n import _
from backend.ip.territories import MEMBER_STATES
from backend.matching import reading
from backend.needs import service
from backend.needs.models import Need
from backend.notifications import service as notifications
from backend.publication import service as publication
from backend.publication.quality import blockers
from backend.publication.reasons import ALL_REASONS, HOLD_REASONS, WITHDRAW_REASONS
from backend.publication.states import EDITABLE, State, can
from backend.search.unread import is_unread
from backend.templating import page, reader_locale
from backend.web import need_form
from backend.web.forms import Form, Posted, flash, to
from backend.web.listings import names_of
from backend.web.matches import shown_in_order

router = APIRouter()

ENDED = frozenset({State.EXPIRED, State.WITHDRAWN, State.ARCHIVED})
# What a button does: the verb's service, and what is said afterwards.
MOVES: dict[str, tuple[Any, Any]] = {
    "recall": (publication.recall, _("Taken back. You can change it again.")),
    "resumption": (publication.resume, _("Your need is public again.")),
    "extension": (publication.extend, _("Your need is extended.")),
    "revival": (publication.revive, _("Your need is public again.")),
    "archive": (publication.archive, _("Your need is archived.")),
}


# Posting ----------------------------------------------------------------------------------------------------------


@router.get("/needs/new", dependencies=[permit("need.create")])
def new(request: Request, actor: CurrentUser, title: str = "") -> HTMLResponse:
    country = actor.organisation.country if actor.organisation else ""
    return page(
        request, "needs/new.html", form=Form({"title": title[:256], "used_in": [country]}), states=list(MEMBER_STATES)
    )


@router.post("/needs", dependencies=[permit("need.create")])
def create(request: Request, db: Db, actor: CurrentUser, form: Posted) -> Response:
    data, errors = need_form.read(need_form.raw_of(form), reader_locale(request))
    if actor.organisation is None:
        raise Forbidden(_("Join or create an organisation first."))
    if data is None:
        return page(request, "needs/new.html", status=422, form=Form(form, errors), states=list(MEMBER_STATES))
    need = service.create(db, actor, actor.organisation, data)
    return to(f"/needs/{need.id}")


@router.get("/needs/{id:uuid}/edit")
def edit(request: Request, db: Db, need: Annotated[Need, load(Need, "need.edit")]) -> HTMLResponse:
    return _edit_page(request, db, need, need_form.shown_values(need))


@router.post("/needs/{id:uuid}/edit")
def update(
    request: Request,
    db: Db,
    actor: CurrentUser,
    form: Posted,
    need: Annotated[Need, load(Need, "need.edit", lock=True)],
) -> Response:
    """Save, or save and hand to the reviewers; "add" and "remove" only change the rows shown, and keep a draft."""
    locale = reader_locale(request)
    raw = need_form.raw_of(form, need, locale)
    if form.get("_add") or form.get("_remove"):
        values = need_form.with_rows_changed(form)
        service.save_draft(db, need, raw)
        return _edit_page(request, db, need, values)
    data, errors = need_form.read(raw, locale)
    if data is None:
        service.save_draft(db, need, raw)
        return _edit_page(request, db, need, form, errors, status=422)
    version = str(form.get("_version") or "")
    try:
        service.update(db, actor, need, data, int(version) if version.isdecimal() else None)
        if form.get("_action") == "submit":
            publication.submit(db, need, actor=actor)
    except service.ChangedMeanwhile as error:
        return _edit_page(request, db, need, form, [FieldError("", error.code, error.message)], status=409)
    except Invalid as error:
        return _edit_page(request, db, need, form, error.findings, status=422)
    flash(request, _("Handed to the reviewers.") if form.get("_action") == "submit" else _("Saved."))
    return to(f"/needs/{need.id}")


@router.post("/needs/{id:uuid}/draft")
def save_draft(
    request: Request,
    db: Db,
    form: Posted,
    need: Annotated[Need, load(Need, "need.edit", lock=True)],
) -> Response:
    """What one types is kept as one types; nothing is refused here."""
    locale = reader_locale(request)
    service.save_draft(db, need, need_form.raw_of(form, need, locale))
    return Response(status_code=204)


# Reading ----------------------------------------------------------------------------------------------------------


@router.get("/needs/{id:uuid}")
def show(request: Request, db: Db, actor: MaybeUser, need: Annotated[Need, load(Need, "need.view")]) -> HTMLResponse:
    """Its people see everything with its matches; the public sees what is public, or that it is gone."""
    own = actor is not None and actor.belongs_to(need.organisation_id)
    if not own and not (actor and actor.is_staff) and need.state != State.PUBLISHED:
        ended = State(need.state) in ENDED
        return page(request, "needs/gone.html", status=410 if ended else 404, need=need, ended=ended)
    found = service.findings(db, need) if own else []
    if own and actor is not None:
        notifications.mark_read_about(db, actor.id, [f"/needs/{need.id}"])
    past = events.history(db, need) if own or (actor and actor.is_staff) else []
    return page(
        request,
        "needs/page.html",
        need=need,
        own=own,
        unread=own and is_unread(db, need.id),
        findings=found,
        blockers=blockers(found),
        moves=_moves(need, actor) if actor else [],
        history=past,
        names=names_of(db, past),
        all_reasons=ALL_REASONS,
        hold_reasons=HOLD_REASONS,
        withdraw_reasons=WITHDRAW_REASONS,
        **(_matches(db, actor, need) if own and actor else {"match_status": None}),
    )


@router.get("/needs/{id:uuid}/matches")
def matches(
    request: Request, db: Db, actor: CurrentUser, need: Annotated[Need, load(Need, "need.own")]
) -> HTMLResponse:
    return page(request, "needs/_matches.html", need=need, **_matches(db, actor, need))


# Life -------------------------------------------------------------------------------------------------------------


@router.post("/needs/{id:uuid}/submission")
def submission(
    request: Request, db: Db, actor: CurrentUser, need: Annotated[Need, load(Need, "need.submit", lock=True)]
) -> Response:
    try:
        publication.submit(db, need, actor=actor)
    except publication.NotReady as error:
        return _edit_page(request, db, need, need_form.shown_values(need), error.findings, status=422)
    flash(request, _("Handed to the reviewers. That takes about three working days."))
    return to(f"/needs/{need.id}")


@router.post("/needs/{id:uuid}/hold")
def hold(
    db: Db, actor: CurrentUser, form: Posted, need: Annotated[Need, load(Need, "need.hold", lock=True)]
) -> RedirectResponse:
    publication.hold(db, need, actor=actor, reason=_text(form, "reason") or "owner_pause", note=_text(form, "note"))
    return to(f"/needs/{need.id}")


@router.post("/needs/{id:uuid}/withdrawal")
def withdrawal(
    request: Request,
    db: Db,
    actor: CurrentUser,
    form: Posted,
    need: Annotated[Need, load(Need, "need.manage", lock=True)],
) -> RedirectResponse:
    reason = _text(form, "reason") or "no_longer_offered"
    publication.withdraw(db, need, actor=actor, reason=reason, note=_text(form, "note"))
    flash(request, _("Your need is withdrawn."))
    return to(f"/needs/{need.id}")


@router.post("/needs/{id:uuid}/deletion")
def deletion(
    request: Request, db: Db, actor: CurrentUser, need: Annotated[Need, load(Need, "need.delete", lock=True)]
) -> RedirectResponse:
    service.discard(db, actor, need)
    flash(request, _("The draft is deleted."))
    return to("/dashboard")


@router.post("/needs/{id:uuid}/interest")
def interest(
    db: Db, actor: CurrentUser, form: Posted, need: Annotated[Need, load(Need, "need.manage", lock=True)]
) -> RedirectResponse:
    move = publication.open_for_interest if form.get("open") == "yes" else publication.close_for_interest
    move(db, need, actor=actor)
    return to(f"/needs/{need.id}")


def _move(name: str) -> Any:
    verb, said = MOVES[name]

    def route(
        request: Request, db: Db, actor: CurrentUser, need: Annotated[Need, load(Need, "need.manage", lock=True)]
    ) -> RedirectResponse:
        verb(db, need, actor=actor)
        flash(request, said)
        return to(f"/needs/{need.id}")

    return route


for _name in MOVES:
    router.post(f"/needs/{{id:uuid}}/{_name}", name=f"need_{_name}")(_move(_name))


# ------------------------------------------------------------------------------------------------------------------


def _edit_page(
    request: Request, db: Db, need: Need, values: Any, errors: Iterable[FieldError] = (), status: int = 200
) -> HTMLResponse:
    """The form; the gate's advice stands beside each field unless the field is plainly wrong."""
    return page(
        request,
        "needs/edit.html",
        status=status,
        need=need,
        form=Form(values, errors, service.findings(db, need)),
        states=list(MEMBER_STATES),
    )


def _matches(db: Db, actor: Actor, need: Need) -> dict[str, Any]:
    found = reading.placed_for(db, need, reader=actor.id)
    return {
        "match_status": reading.status_of(db, need),
        "matches": shown_in_order(db, actor, found),
        "refused": reading.refused_for(db, need),
        "embedding_pending": any(
            reason.get("code") == "text_similarity" and reason.get("verdict") == "UNKNOWN"
            for one in found
            for reason in one.match.reasons
        ),
    }


def _moves(need: Need, actor: Actor) -> list[str]:
    """The names of the buttons that stand under the need."""
    if not actor.edits_for(need.organisation_id):
        return []
    state, at = need.state, now()
    names = [name for name, verb in (("submission", "submit"), ("recall", "recall"), ("hold", "hold"),
                                     ("resumption", "resume"), ("archive", "archive"), ("withdrawal", "withdraw"))
             if can(verb, state)]
    if State(state) in EDITABLE:
        names.insert(0, "edit")
    if publication.may_extend(need, at):
        names.append("extension")
    if publication.may_revive(need, at):
        names.append("revival")
    if state == State.PUBLISHED:
        names.append("interest")
    if state == State.DRAFT and need.published_at is None:
        names[names.index("withdrawal")] = "deletion"  # nobody has seen it, so nothing needs to be withdrawn
    return names


def _text(form: Any, name: str) -> str:
    value = form.get(name)
    return value[:2000] if isinstance(value, str) else ""



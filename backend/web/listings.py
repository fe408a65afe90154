"""Pages of listings: read one as a seeker does, and follow its life. Filling one in, and searching, are next door."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select

from backend.accounts.actor import Actor
from backend.accounts.models import User
from backend.core import events
from backend.core.clock import now
from backend.deps import CurrentUser, Db, MaybeUser, load
from backend.i18n import _
from backend.ip.territories import MEMBER_STATES
from backend.listings import service, visibility
from backend.listings.models import Listing
from backend.listings.schemas import ENCUMBRANCES
from backend.publication import service as publication
from backend.publication.quality import blockers
from backend.publication.reasons import ALL_REASONS, HOLD_REASONS, RETURN_REASONS, WITHDRAW_REASONS
from backend.publication.states import EDITABLE, State, can
from backend.search.unread import is_unread
from backend.templating import page
from backend.web import listing_edit
from backend.web.forms import Posted, flash, to

router = APIRouter()
router.include_router(listing_edit.router)

# What a button does: the verb's service, and what is said afterwards.
MOVES: dict[str, tuple[Any, Any]] = {
    "recall": (publication.recall, _("Taken back. You can change it again.")),
    "extension": (publication.extend, _("Your listing is extended.")),
    "revival": (publication.revive, _("Your listing is public again.")),
    "archive": (publication.archive, _("Your listing is archived.")),
}


# Reading ----------------------------------------------------------------------------------------------------------


@router.get("/listings/{id:uuid}")
def show(
    request: Request, db: Db, actor: MaybeUser, listing: Annotated[Listing, load(Listing, "listing.view")]
) -> HTMLResponse:
    """All a seeker needs; its own people also see what to mend and what happened. What has ended leaves a marker."""
    if not visibility.sees_page(listing, actor):
        ended = listing.state in visibility.ENDED
        return page(request, "listings/gone.html", status=410 if ended else 404, listing=listing, ended=ended)
    own = actor is not None and actor.belongs_to(listing.organisation_id)
    inside = visibility.is_insider(listing, actor)
    found = service.findings(db, listing) if own else []
    past = events.history(db, listing) if inside else []
    return page(
        request,
        "listings/page.html",
        listing=listing,
        own=own,
        unread=own and is_unread(db, listing.id),
        inside=inside,
        owner_name=visibility.owner_name(listing, actor),
        rights=visibility.rights_shown(listing, actor),
        elsewhere=_without_right(listing),
        terms=listing.terms if visibility.sees_terms(listing, actor) else None,
        findings=found,
        blockers=[finding for finding in blockers(found) if not finding.person_decides],
        moves=_moves(listing, actor) if actor else [],
        history=past,
        names=names_of(db, past),
        encumbrance_words=ENCUMBRANCES,
        hold_reasons=HOLD_REASONS,
        withdraw_reasons=WITHDRAW_REASONS,
        return_reasons=RETURN_REASONS,
        all_reasons=ALL_REASONS,
    )


# Life -------------------------------------------------------------------------------------------------------------


@router.post("/listings/{id:uuid}/submission")
def submission(
    request: Request, db: Db, actor: CurrentUser,
    listing: Annotated[Listing, load(Listing, "listing.submit", lock=True)],
) -> Response:
    try:
        publication.submit(db, listing, actor=actor)
    except publication.NotReady:
        return listing_edit.check_page(request, db, listing, status=422)
    flash(request, _("Handed to the reviewers. That takes about three working days."))
    return to(f"/listings/{listing.id}")


@router.post("/listings/{id:uuid}/hold")
def hold(
    request: Request, db: Db, actor: CurrentUser, form: Posted,
    listing: Annotated[Listing, load(Listing, "listing.hold", lock=True)],
) -> RedirectResponse:
    publication.hold(db, listing, actor=actor, reason=_text(form, "reason") or "owner_pause", note=_text(form, "note"))
    flash(request, _("It is on hold and not shown to others."))
    return to(f"/listings/{listing.id}")


@router.post("/listings/{id:uuid}/resumption")
def resumption(
    request: Request, db: Db, actor: CurrentUser,
    listing: Annotated[Listing, load(Listing, "listing.hold", lock=True)],
) -> RedirectResponse:
    publication.resume(db, listing, actor=actor)
    flash(request, _("Your listing is public again."))
    return to(f"/listings/{listing.id}")


@router.post("/listings/{id:uuid}/withdrawal")
def withdrawal(
    request: Request, db: Db, actor: CurrentUser, form: Posted,
    listing: Annotated[Listing, load(Listing, "listing.manage", lock=True)],
) -> RedirectResponse:
    reason = _text(form, "reason") or "no_longer_offered"
    publication.withdraw(db, listing, actor=actor, reason=reason, note=_text(form, "note"))
    flash(request, _("Your listing is withdrawn."))
    return to(f"/listings/{listing.id}")


@router.post("/listings/{id:uuid}/deletion")
def deletion(
    request: Request, db: Db, actor: CurrentUser,
    listing: Annotated[Listing, load(Listing, "listing.delete", lock=True)],
) -> RedirectResponse:
    service.discard(db, actor, listing)
    flash(request, _("The draft is deleted."))
    return to("/dashboard")


@router.post("/listings/{id:uuid}/interest")
def interest(
    db: Db, actor: CurrentUser, form: Posted, listing: Annotated[Listing, load(Listing, "listing.manage", lock=True)]
) -> RedirectResponse:
    move = publication.open_for_interest if form.get("open") == "yes" else publication.close_for_interest
    move(db, listing, actor=actor)
    return to(f"/listings/{listing.id}")


def _move(name: str) -> Any:
    verb, said = MOVES[name]

    def route(
        request: Request, db: Db, actor: CurrentUser,
        listing: Annotated[Listing, load(Listing, "listing.manage", lock=True)],
    ) -> RedirectResponse:
        verb(db, listing, actor=actor)
        flash(request, said)
        return to(f"/listings/{listing.id}")

    return route


for _name in MOVES:
    router.post(f"/listings/{{id:uuid}}/{_name}", name=f"listing_{_name}")(_move(_name))


# ------------------------------------------------------------------------------------------------------------------


def _without_right(listing: Listing) -> list[str]:
    """Member states for which no right is recorded here: said plainly, it may be good news for a seeker there."""
    offices = {right.office for right in listing.rights}
    return [code for code in MEMBER_STATES if code not in offices] if listing.rights else []


def _moves(listing: Listing, actor: Actor) -> list[str]:
    """The names of the buttons that stand beside the listing."""
    state, at = listing.state, now()
    if not actor.edits_for(listing.organisation_id):
        by_staff = (("hold", "hold"), ("resumption", "resume")) if actor.is_staff else ()
        return [name for name, verb in by_staff if can(verb, state)]
    names = [
        name
        for name, verb in (("submission", "submit"), ("recall", "recall"), ("hold", "hold"), ("resumption", "resume"),
                           ("archive", "archive"), ("withdrawal", "withdraw"))
        if can(verb, state)
    ]
    if State(state) in EDITABLE:
        names.insert(0, "edit")
    if publication.may_extend(listing, at):
        names.append("extension")
    if publication.may_revive(listing, at):
        names.append("revival")
    if state == State.PUBLISHED:
        names.append("interest")
    if state == State.DRAFT and listing.published_at is None:
        names[names.index("withdrawal")] = "deletion"  # nobody has seen it, so nothing needs to be withdrawn
    return names


def names_of(db: Db, past: list[events.Event]) -> dict[Any, str]:
    who = {event.actor_id for event in past if event.actor_id}
    return {user.id: user.name for user in db.scalars(select(User).where(User.id.in_(who)))} if who else {}


def _text(form: Any, name: str) -> str:
    value = form.get(name)
    return value[:2000] if isinstance(value, str) else ""



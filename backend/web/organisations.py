"""Organisations: the public page, what its admins may change, who belongs to it, and whom it invites."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.accounts import invitations, organisations, ratelimit, schemas, sessions
from backend.accounts.actor import Actor
from backend.accounts.models import ROLES, Invitation, Membership, Organisation
from backend.core.clock import now, today
from backend.core.errors import DomainError, FieldError, Invalid
from backend.deps import CurrentUser, Db, load, permit
from backend.i18n import LOCALES, _, country_name, use_locale
from backend.ip.territories import COUNTRIES, MEMBER_STATES
from backend.listings.models import Listing
from backend.publication.states import State
from backend.templating import page, reader_locale
from backend.web.forms import Form, Posted, flash, to, unflatten
from backend.web.session import current_login

router = APIRouter()
SHOWN_LISTINGS = 20


def country_options(request: Request) -> list[tuple[str, list[tuple[str, str]]]]:
    """The member states first, then everybody else, each by name in the reader's language."""
    with use_locale(reader_locale(request)):
        states = frozenset(MEMBER_STATES)
        groups = ((_("Member states of ASEAN"), states), (_("Other countries"), COUNTRIES - states))
        return [
            (str(name), sorted(((code, country_name(code)) for code in codes), key=lambda pair: pair[1].casefold()))
            for name, codes in groups
        ]


# One's own ---------------------------------------------------------------------------------------------------------


@router.get("/organisation", dependencies=[permit("account.view")])
def own(request: Request, actor: CurrentUser) -> Response:
    """An admin edits; everybody else reads what the public reads."""
    organisation = actor.organisation
    if organisation is None:
        return to("/organisations/new")
    if not actor.administers(organisation.id):
        return to(f"/organisations/{organisation.id}")
    return _edit(request, Form({field: getattr(organisation, field) for field in OWN_FIELDS}))


OWN_FIELDS = ("name", "local_name", "kind", "country", "city", "registration_number", "website", "languages")


def _edit(request: Request, form: Form, status: int = 200) -> HTMLResponse:
    return page(
        request, "organisations/edit.html", status=status,
        form=form, countries=country_options(request), languages=list(LOCALES.items()),
    )  # fmt: skip


@router.post("/organisation", dependencies=[permit("organisation.edit_current")])
def edit(request: Request, db: Db, actor: CurrentUser, posted: Posted) -> Response:
    values = unflatten(posted)
    assert actor.organisation is not None  # noqa: S101 - the permission holds only for who acts for one
    try:
        organisations.edit(db, actor.organisation, schemas.read_organisation(values), actor=actor)
    except Invalid as error:
        return _edit(request, Form(values, error.findings), status=422)
    flash(request, _("Saved."))
    return to("/organisation")


@router.get("/organisations/new", dependencies=[permit("account.view")])
def new(request: Request) -> HTMLResponse:
    return _new(request, Form())


def _new(request: Request, form: Form, status: int = 200) -> HTMLResponse:
    return page(
        request, "organisations/new.html", status=status,
        form=form, countries=country_options(request), languages=list(LOCALES.items()),
    )  # fmt: skip


@router.post("/organisations", dependencies=[permit("account.edit")])
def create(request: Request, db: Db, actor: CurrentUser, posted: Posted) -> Response:
    values = unflatten(posted)
    try:
        organisation = organisations.create(db, actor.user, schemas.read_organisation(values))
    except Invalid as error:
        return _new(request, Form(values, error.findings), status=422)
    _act_for(request, db, organisation)
    flash(request, _("Your organisation is on Padan now."))
    return to("/organisation/members")


def _act_for(request: Request, db: Session, organisation: Organisation) -> None:
    login = current_login(request, db)
    if login:
        sessions.choose(db, login, organisation)


@router.post("/organisations/{id}/choice")
def choose(
    request: Request, db: Db, organisation: Annotated[Organisation, load(Organisation, "organisation.choose")]
) -> Response:
    """From now on this browser acts for that organisation."""
    _act_for(request, db, organisation)
    flash(request, _("You act for %(organisation)s now.", organisation=organisation.name))
    return to("/dashboard")


@router.get("/organisation/choice", dependencies=[permit("account.view")])
def choices(request: Request, actor: CurrentUser) -> HTMLResponse:
    return page(request, "organisations/choice.html", memberships=actor.user.memberships)


# Members and invitations -------------------------------------------------------------------------------------------


@router.get("/organisation/members", dependencies=[permit("account.view")])
def member_list(request: Request, db: Db, actor: CurrentUser) -> Response:
    if actor.organisation is None:
        return to("/organisations/new")
    return _members(request, db, actor, Form({"role": "editor"}))


def _members(
    request: Request, db: Session, actor: Actor, form: Form, status: int = 200, problem: Any = None
) -> HTMLResponse:
    organisation = actor.organisation
    assert organisation is not None  # noqa: S101 - every caller has looked
    administers = actor.administers(organisation.id)
    return page(
        request, "organisations/members.html", status=status,
        form=form, problem=problem, roles=ROLES, administers=administers, now=now(),
        members=organisations.members(db, organisation),
        invitations=invitations.open_of(db, organisation) if administers else [],
    )  # fmt: skip


@router.post("/organisation/members", dependencies=[permit("organisation.edit_current")])
def invite(request: Request, db: Db, actor: CurrentUser, posted: Posted) -> Response:
    values = unflatten(posted)
    assert actor.organisation is not None  # noqa: S101 - the permission holds only for who acts for one
    try:
        email = schemas.read_email(values)
        role = schemas.read_choice(values, "role", ROLES)
        ratelimit.check_invitations(actor.organisation.id)
        invitations.invite(db, actor.organisation, email, role, actor=actor, now=now())
    except Invalid as error:
        return _members(request, db, actor, Form(values, error.findings), status=422)
    flash(request, _("The invitation to %(address)s is on its way.", address=email))
    return to("/organisation/members")


@router.post("/memberships/{id}/role")
def change_role(
    request: Request,
    db: Db,
    actor: CurrentUser,
    posted: Posted,
    membership: Annotated[Membership, load(Membership, "membership.change", lock=True)],
) -> Response:
    role = schemas.read_choice(unflatten(posted), "role", ROLES)
    return _after(request, db, actor, lambda: organisations.change_role(db, membership, role, actor=actor))


@router.post("/memberships/{id}/removal")
def remove_member(
    request: Request,
    db: Db,
    actor: CurrentUser,
    membership: Annotated[Membership, load(Membership, "membership.change", lock=True)],
) -> Response:
    return _after(request, db, actor, lambda: organisations.remove(db, membership, actor=actor))


@router.post("/memberships/{id}/departure")
def leave(
    request: Request,
    db: Db,
    actor: CurrentUser,
    membership: Annotated[Membership, load(Membership, "membership.leave", lock=True)],
) -> Response:
    return _after(request, db, actor, lambda: organisations.remove(db, membership, actor=actor), then="/dashboard")


def _after(
    request: Request, db: Session, actor: Actor, change: Any, then: str = "/organisation/members"
) -> Response:
    """Do it and go on, or show the members again with why not (the last admin stays)."""
    try:
        change()
    except DomainError as error:
        return _members(request, db, actor, Form({"role": "editor"}), status=error.status, problem=error.message)
    flash(request, _("Saved."))
    return to(then)


@router.post("/invitations/{id}/withdrawal")
def withdraw_invitation(
    request: Request,
    db: Db,
    actor: CurrentUser,
    invitation: Annotated[Invitation, load(Invitation, "invitation.withdraw", lock=True)],
) -> Response:
    invitations.withdraw(db, invitation, actor=actor, now=now())
    flash(request, _("The invitation is withdrawn; its link opens nothing any more."))
    return to("/organisation/members")


# What everybody sees -----------------------------------------------------------------------------------------------


@router.get("/organisations/{id}")
def show(
    request: Request,
    db: Db,
    organisation: Annotated[Organisation, load(Organisation, "organisation.view")],
) -> HTMLResponse:
    return _show(request, db, organisation, Form({"level": organisation.verification_level, "verified_on": today()}))


def _show(request: Request, db: Session, shown: Organisation, form: Form, status: int = 200) -> HTMLResponse:
    """An anonymous listing is neither shown nor counted here: the count would give its owner away."""
    public = (
        Listing.organisation_id == shown.id, Listing.state == State.PUBLISHED, Listing.anonymous.is_(False)
    )  # fmt: skip
    listings = db.scalars(select(Listing).where(*public).order_by(Listing.published_at.desc()).limit(SHOWN_LISTINGS))
    return page(
        request, "organisations/page.html", status=status, shown=shown, form=form,
        listings=listings.unique().all(), count=db.scalar(select(func.count()).where(*public)),
    )  # fmt: skip


@router.post("/organisations/{id}/verification")
def verify(
    request: Request,
    db: Db,
    actor: CurrentUser,
    posted: Posted,
    organisation: Annotated[Organisation, load(Organisation, "organisation.verify", lock=True)],
) -> Response:
    values = unflatten(posted)
    try:
        level = schemas.read_choice(values, "level", "01234")
        on = _day(str(values.get("verified_on", "")))
        source = schemas.read_line(values, "source", most=300)
        organisations.verify(db, organisation, level=int(level), on=on, source=source, actor=actor)
    except Invalid as error:
        return _show(request, db, organisation, Form(values, error.findings), status=422)
    flash(request, _("The verification level is recorded."))
    return to(f"/organisations/{organisation.id}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        raise Invalid(FieldError("verified_on", "date", _("Write the day like 2026-09-30."))) from None

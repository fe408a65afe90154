"""Organisations and who belongs to them.

There is always an admin, and what a member could reach ends with the membership.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from backend.accounts.actor import Actor
from backend.accounts.models import ApiToken, LoginSession, Membership, Organisation, User
from backend.accounts.schemas import OrganisationInput
from backend.core import clock
from backend.core.errors import Conflict, FieldError, Invalid
from backend.core.events import record
from backend.core.ids import new_id
from backend.core.text import clean_line
from backend.i18n import _


def _number_taken(field: str) -> Invalid:
    message = _(
        "An organisation of this country with this registration number is on Padan already. "
        "Ask its admin to invite you."
    )
    return Invalid(FieldError(field, "duplicate_registration", message))


def refuse_taken_number(
    session: Session,
    given: OrganisationInput,
    *,
    besides: Organisation | None = None,
    field: str = "registration_number",
) -> None:
    """Raises Invalid when another organisation of the country holds the number. The database refuses it as well."""
    if not given.registration_number:
        return
    holder = select(Organisation.id).where(
        Organisation.country == given.country, Organisation.registration_number == given.registration_number
    )
    if besides is not None:
        holder = holder.where(Organisation.id != besides.id)
    if session.scalar(holder):
        raise _number_taken(field)


def create(
    session: Session, user: User, given: OrganisationInput, *, field: str = "registration_number"
) -> Organisation:
    """A new organisation at level V0, with `user` as its admin."""
    refuse_taken_number(session, given, field=field)
    organisation = Organisation(id=new_id(), verification_level=0)
    _take_over(organisation, given)
    try:
        with session.begin_nested():
            session.add(organisation)
    except IntegrityError:
        raise _number_taken(field) from None
    record(session, "organisation.created", organisation, actor=user, organisation_id=organisation.id, react=False)
    add_member(session, organisation, user, "admin", actor=user)
    return organisation


def _take_over(organisation: Organisation, given: OrganisationInput) -> None:
    organisation.name, organisation.local_name = given.name, given.local_name
    organisation.kind, organisation.country, organisation.city = given.kind, given.country, given.city
    organisation.registration_number = given.registration_number
    organisation.website, organisation.languages = given.website, list(given.languages)


def edit(session: Session, organisation: Organisation, given: OrganisationInput, *, actor: Actor) -> None:
    """Change what the organisation says of itself. A new name, country or number is a new claim: back to V0."""
    refuse_taken_number(session, given, besides=organisation)
    claims = ("name", "country", "registration_number")
    before = {claim: getattr(organisation, claim) for claim in claims}
    as_partner = _as_partner(organisation)
    level = organisation.verification_level
    try:
        with session.begin_nested():
            _take_over(organisation, given)
            if level and any(before[claim] != getattr(organisation, claim) for claim in claims):
                organisation.verification_level = 0
                organisation.verified_on = organisation.verification_source = None
    except IntegrityError:
        raise _number_taken("registration_number") from None
    record(
        session,
        "organisation.changed",
        organisation,
        actor=actor,
        organisation_id=organisation.id,
        data={"before": before, "level_before": level, "as_partner": as_partner != _as_partner(organisation)},
    )


def _as_partner(organisation: Organisation) -> tuple[object, ...]:
    """What others wish or do not wish of a partner."""
    return organisation.kind, organisation.country, sorted(organisation.languages)


def verify(
    session: Session, organisation: Organisation, *, level: int, on: date, source: str, actor: Actor
) -> None:
    """Staff say how far the claim was checked, when and against what. The caller holds `organisation.verify`."""
    source = clean_line(source)
    findings = []
    if not 0 <= level <= 4:
        findings.append(FieldError("level", "unknown", _("Please choose one from the list.")))
    if on > clock.today():
        findings.append(FieldError("verified_on", "in_future", _("This day has not come yet.")))
    if level and not 3 <= len(source) <= 300:
        findings.append(FieldError("source", "required", _("Say which register or document was looked at.")))
    if findings:
        raise Invalid(findings)
    before = organisation.verification_level
    organisation.verification_level = level
    organisation.verified_on = on if level else None
    organisation.verification_source = source if level else None
    record(
        session,
        "organisation.verified",
        organisation,
        actor=actor,
        organisation_id=organisation.id,
        data={"before": before, "level": level, "on": on.isoformat(), "source": source},
    )


def members(session: Session, organisation: Organisation) -> Sequence[Membership]:
    query = select(Membership).options(joinedload(Membership.user)).where(Membership.organisation_id == organisation.id)
    return session.scalars(query.order_by(Membership.created_at, Membership.id)).all()


def add_member(
    session: Session, organisation: Organisation, user: User, role: str, *, actor: Actor | User
) -> Membership:
    membership = Membership(id=new_id(), user=user, organisation=organisation, role=role)
    session.add(membership)
    session.flush()
    _record(session, "membership.added", membership, actor)
    return membership


def change_role(session: Session, membership: Membership, role: str, *, actor: Actor) -> None:
    """Raises Conflict when the last admin would be gone."""
    if membership.role == role:
        return
    if membership.role == "admin":
        _keep_an_admin(session, membership)
    membership.role = role
    _record(session, "membership.changed", membership, actor)


def remove(session: Session, membership: Membership, *, actor: Actor) -> None:
    """End a membership, one's own included. The member's tokens for the organisation end with it, and their browsers
    act for it no longer. Raises Conflict for the last admin."""
    if membership.role == "admin":
        _keep_an_admin(session, membership)
    there = membership.organisation_id
    session.execute(
        update(ApiToken)
        .where(ApiToken.user_id == membership.user_id, ApiToken.organisation_id == there, ApiToken.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )
    session.execute(
        update(LoginSession)
        .where(LoginSession.user_id == membership.user_id, LoginSession.organisation_id == there)
        .values(organisation_id=None)
    )
    _record(session, "membership.removed", membership, actor)
    session.delete(membership)
    session.flush()


def _keep_an_admin(session: Session, leaving: Membership) -> None:
    """Two admins who leave at the same moment queue here, so that the second one sees the first one gone."""
    session.execute(select(Organisation.id).where(Organisation.id == leaving.organisation_id).with_for_update())
    others = select(func.count()).where(
        Membership.organisation_id == leaving.organisation_id,
        Membership.role == "admin",
        Membership.id != leaving.id,
    )
    if not session.scalar(others):
        raise Conflict(
            _("An organisation needs an admin. Make somebody else admin first."), code="last_admin", field="role"
        )


def _record(session: Session, verb: str, membership: Membership, actor: Actor | User) -> None:
    record(
        session,
        verb,
        membership,
        actor=actor,
        organisation_id=membership.organisation_id,
        data={"user_id": str(membership.user_id), "role": membership.role},
        react=False,
    )

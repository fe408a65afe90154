"""Needs over the API: post one with a title and a description, complete it, and read its explained matches."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, ValidationError

from backend.accounts.actor import Actor
from backend.api.matches import MatchesOfNeed, placed_shown
from backend.api.strict import StrictRoute
from backend.core.errors import DomainError, Forbidden, Invalid, NotFound
from backend.core.money import Money
from backend.deps import CurrentUser, Db, MaybeUser, load, permit
from backend.i18n import _
from backend.matching import reading
from backend.needs import service
from backend.needs.models import Need
from backend.needs.schemas import NeedInput
from backend.publication import service as publication
from backend.publication.messages import errors_of
from backend.publication.states import State

router = APIRouter(tags=["needs"], route_class=StrictRoute)


class Gone(DomainError):
    status, code = 410, "gone"


class OrganisationBrief(BaseModel):
    name: str | None
    country: str
    verification_level: int


class FindingShown(BaseModel):
    rule: str
    severity: str
    field: str
    code: str
    message: str
    mend: str


class NeedShown(BaseModel):
    """A need as its reader may see it. `organisation.name` is null where the seeker stays anonymous."""

    id: UUID
    reference: str
    state: str
    url: str
    open_for_interest: bool
    language: str
    title: str
    summary: str
    description: str
    kind: str
    why_needed: str
    present_solution: str
    requirements: list[dict[str, Any]]
    out_of_scope: str
    used_in: list[str]
    site_conditions: str
    right_kinds: list[str]
    ipc: list[str]
    min_trl: int | None
    partner_kinds: list[str]
    partner_countries: list[str]
    ip_expectation: str
    sectors: list[str]
    sdgs: list[int]
    technology_keywords: list[str]
    market_keywords: list[str]
    deal_types: list[str]
    terms: dict[str, Any] | None
    currency: str | None
    budget_min: str | None
    budget_max: str | None
    award: str | None
    deadline: date | None
    decision_on: date | None
    organisation: OrganisationBrief
    published_at: datetime | None
    expires_at: datetime | None
    version: int
    quality: int | None = None
    findings: list[FindingShown] | None = None


def need_shown(db: Db, need: Need, actor: Actor | None) -> dict[str, Any]:
    own = actor is not None and actor.belongs_to(need.organisation_id)

    def amount(minor: int | None) -> str | None:
        return str(Money(minor, need.currency).to_decimal()) if minor is not None and need.currency else None

    plain = {name: getattr(need, name) for name in NeedShown.model_fields if hasattr(need, name)}
    shown = plain | {
        "url": f"/needs/{need.id}",
        "budget_min": amount(need.budget_min),
        "budget_max": amount(need.budget_max),
        "award": amount(need.award),
        "organisation": {
            "name": need.organisation.name if own or not need.anonymous else None,
            "country": need.organisation.country,
            "verification_level": need.organisation.verification_level,
        },
    }
    if own:
        shown["findings"] = [finding.as_data() for finding in service.findings(db, need)]
    else:
        shown.pop("quality", None)
    return shown


@router.post("/needs", status_code=201, response_model=NeedShown, dependencies=[permit("need.create")])
def create(db: Db, actor: CurrentUser, data: NeedInput, response: Response) -> dict[str, Any]:
    """Title and description suffice: the need is matched at once, for you alone. Submit it to publish it."""
    if actor.organisation is None:
        raise Forbidden(_("Join or create an organisation first."))
    need = service.create(db, actor, actor.organisation, data)
    response.headers["location"] = f"/api/v1/needs/{need.id}"
    return need_shown(db, need, actor)


@router.get("/needs/{id}", response_model=NeedShown)
def show(db: Db, actor: MaybeUser, need: Annotated[Need, load(Need, "need.view")]) -> dict[str, Any]:
    """A published need, or any of your own."""
    own = actor is not None and (actor.belongs_to(need.organisation_id) or actor.is_staff)
    if not own and need.state != State.PUBLISHED:
        if State(need.state) in (State.EXPIRED, State.WITHDRAWN, State.ARCHIVED):
            raise Gone(_("This need is no longer open."))
        raise NotFound(_("There is nothing here."))
    return need_shown(db, need, actor)


@router.patch("/needs/{id}", response_model=NeedShown)
def change(
    db: Db,
    actor: CurrentUser,
    need: Annotated[Need, load(Need, "need.edit", lock=True)],
    changes: Annotated[
        dict[str, Any],
        Body(
            description="Any of the fields of a need (see POST /needs); the others stay as they are.",
            examples=[{"summary": "Drying paddy with the sun instead of husk", "min_trl": 6}],
        ),
    ],
) -> dict[str, Any]:
    """Change some of a need's fields. Unknown ones are refused."""
    try:
        data = NeedInput.model_validate({**service.input_of(need), **changes})
    except ValidationError as error:
        raise Invalid(errors_of(error), _("Something in this request is not right.")) from error
    service.update(db, actor, need, data)
    return need_shown(db, need, actor)


@router.post("/needs/{id}/submission", response_model=NeedShown)
def submit(
    db: Db, actor: CurrentUser, need: Annotated[Need, load(Need, "need.submit", lock=True)]
) -> dict[str, Any]:
    """Hand a complete need to the reviewers; 422 with every blocker otherwise."""
    publication.submit(db, need, actor=actor)
    return need_shown(db, need, actor)


@router.get("/needs/{id}/matches", response_model=MatchesOfNeed, response_model_exclude_unset=True)
def matches(db: Db, actor: MaybeUser, need: Annotated[Need, load(Need, "need.own")]) -> dict[str, Any]:
    """The best 50, with reasons; equally good ones take turns, and your own answers count in the order.

    "pending" until the need, as it now stands, has been compared with the listings.
    """
    return {
        "status": reading.status_of(db, need),
        "items": [placed_shown(one) for one in reading.placed_for(db, need, reader=actor.id if actor else None)],
    }

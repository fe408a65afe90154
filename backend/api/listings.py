"""Listings over the API: read one, create a draft, change it, hand it to the review desk. Searching is next door."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Response
from pydantic import BaseModel

from backend.accounts.actor import Actor
from backend.api.strict import StrictRoute
from backend.core.errors import DomainError, Forbidden, Invalid, NotFound
from backend.deps import CurrentUser, Db, MaybeUser, load, permit
from backend.i18n import _
from backend.listings import service, visibility
from backend.listings.models import Listing
from backend.listings.schemas import ListingInput
from backend.publication import service as publication
from backend.publication.states import State

router = APIRouter(tags=["listings"], route_class=StrictRoute)


class Gone(DomainError):
    status, code = 410, "gone"


class OwnerBrief(BaseModel):
    name: str | None
    country: str
    verification_level: int
    verified_on: date | None
    verification_source: str | None


class FindingShown(BaseModel):
    rule: str
    severity: str
    field: str
    code: str
    message: str
    mend: str


class RightShown(BaseModel):
    """One right in one country. `checked_at` null means that nobody has looked it up in a register yet."""

    id: UUID
    kind: str
    office: str
    title: str | None
    application_number: str | None
    application_date: date | None
    publication_number: str | None
    publication_date: date | None
    registration_number: str | None
    registration_date: date | None
    status: str
    expires_on: date | None
    owners: list[str]
    ipc: list[str]
    cpc: list[str]
    nice: list[int]
    locarno: list[str]
    goods_services: str | None
    last_use_on: date | None
    encumbrances: list[dict[str, Any]]
    checked_at: datetime | None
    check_source: str | None
    check_result: str | None


class ListingShown(BaseModel):
    """A listing as its reader may see it. `organisation.name` is null where the owner stays anonymous, `terms` where
    they are not public; `findings` and `quality` are for its own people."""

    id: UUID
    reference: str
    state: str
    url: str
    open_for_interest: bool
    kind: str
    lister_role: str
    anonymous: bool
    language: str
    title: str
    summary: str
    problem: str
    description: str
    advantages: str
    economic_comparison: str
    applications: str
    stage: str | None
    trl: int | None
    ipr_status: str | None
    rights: list[RightShown]
    deal_types: list[str]
    terms: dict[str, Any] | None
    terms_visibility: str
    partner_role: str
    partner_kinds: list[str]
    territories: list[str]
    excluded_countries: list[str]
    sectors: list[str]
    sdgs: list[int]
    technology_keywords: list[str]
    market_keywords: list[str]
    green: bool
    environmental_benefits: list[dict[str, Any]]
    organisation: OwnerBrief
    submitted_at: datetime | None
    published_at: datetime | None
    expires_at: datetime | None
    version: int
    quality: int | None = None
    findings: list[FindingShown] | None = None


def listing_shown(db: Db, listing: Listing, actor: Actor | None) -> dict[str, Any]:
    inside = visibility.is_insider(listing, actor)
    owner = listing.organisation
    shown = {name: getattr(listing, name) for name in ListingShown.model_fields if hasattr(listing, name)}
    shown |= {
        "url": f"/listings/{listing.id}",
        "rights": visibility.rights_shown(listing, actor),
        "terms": listing.terms if visibility.sees_terms(listing, actor) else None,
        "quality": listing.quality if inside else None,
        "organisation": {
            "name": visibility.owner_name(listing, actor),
            "country": owner.country,
            "verification_level": owner.verification_level,
            "verified_on": owner.verified_on,
            "verification_source": owner.verification_source if visibility.sees_owner(listing, actor) else None,
        },
    }
    if inside:
        shown["findings"] = [finding.as_data() for finding in service.findings(db, listing)]
    return shown


@router.get("/listings/{id}", response_model=ListingShown)
def show(db: Db, actor: MaybeUser, listing: Annotated[Listing, load(Listing, "listing.view")]) -> Any:
    """One listing. 410 when it was public once and no longer is."""
    if not visibility.sees_page(listing, actor):
        if listing.state == State.ON_HOLD:
            raise NotFound(_("This listing is on hold."), code="on_hold")
        raise Gone(_("This listing is no longer public."))
    return listing_shown(db, listing, actor)


@router.post("/listings", status_code=201, response_model=ListingShown, dependencies=[permit("listing.create")])
def create(db: Db, actor: CurrentUser, data: ListingInput, response: Response) -> Any:
    """Create a draft of your organisation. `findings` says what is still missing before it can be submitted."""
    if actor.organisation is None:
        raise Forbidden(_("Join or create an organisation first."))
    listing = service.create(db, actor, actor.organisation, data)
    response.headers["location"] = f"/api/v1/listings/{listing.id}"
    return listing_shown(db, listing, actor)


@router.patch("/listings/{id}", response_model=ListingShown)
def change(
    db: Db,
    actor: CurrentUser,
    data: ListingInput,
    listing: Annotated[Listing, load(Listing, "listing.edit", lock=True)],
    if_match: Annotated[str | None, Header(description="The `version` you read; 409 when it changed since.")] = None,
) -> Any:
    """Change the fields sent; lists and `terms` are replaced as a whole, everything else stays."""
    version = (if_match or "").strip('W/" ')
    if if_match and not (version.isascii() and version.isdecimal() and len(version) < 10):
        raise Invalid([], _("If-Match must be the version number you read."))
    service.update(db, actor, listing, data, int(version) if version else None)
    return listing_shown(db, listing, actor)


@router.post("/listings/{id}/submission", response_model=ListingShown)
def submission(
    db: Db, actor: CurrentUser, listing: Annotated[Listing, load(Listing, "listing.submit", lock=True)]
) -> Any:
    """Hand the listing to the review desk; 422 with `errors` while something must be mended first."""
    publication.submit(db, listing, actor=actor)
    return listing_shown(db, listing, actor)

"""Search over the API: the same questions, filters and counts as the pages, and nothing that a page would not show."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from backend.api.strict import StrictRoute
from backend.core.errors import FieldError, Invalid
from backend.core.paging import MAX_PAGE, BadCursor, decode_cursor, encode_cursor
from backend.deps import Db, MaybeUser, permit
from backend.i18n import _
from backend.search import service
from backend.search.query import DEFAULT_SIZE, MAX_SIZE, Kind, parse
from backend.templating import reader_locale

router = APIRouter(tags=["search"], route_class=StrictRoute)


class SearchHit(BaseModel):
    """One listing or need as anyone may see it. `highlights` is escaped HTML with <mark> around the words found."""

    id: UUID
    reference: str
    title: str
    summary: str
    language: str
    kind: str = Field(description="The leading right kind of a listing; the kind of a need.")
    owner_country: str
    owner_name: str | None = Field(description="Null when the owner wishes to stay unnamed.")
    verification_level: int
    right_kinds: list[str]
    deal_types: list[str]
    exclusivity: list[str]
    sectors: list[str]
    sdgs: list[int]
    territories: list[str]
    in_force: list[str]
    ipc: list[str]
    nice: list[int]
    trl: int | None
    green: bool
    posted_terms: bool
    open_for_interest: bool
    published_at: datetime
    expires_at: datetime | None
    score: float
    highlights: dict[str, str]


class FacetCount(BaseModel):
    value: str
    count: int


class SearchAnswer(BaseModel):
    items: list[SearchHit]
    total: int
    page: int
    size: int
    facets: dict[str, list[FacetCount]]
    next_cursor: str | None
    engine: str
    degraded: bool = Field(description="True when the usual engine did not answer and another one did.")
    distant: bool = Field(description="True when nothing fits closely and these only come nearest in meaning.")
    took_ms: float

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [], "total": 0, "page": 1, "size": 20, "next_cursor": None, "engine": "postgres",
                "degraded": False, "distant": False, "took_ms": 18.4,
                "facets": {"owner_country": [{"value": "VN", "count": 12}]},
            }
        }
    )  # fmt: skip


class _Common(BaseModel):
    """Unknown parameters are refused, so that a misspelt filter never widens a search in silence."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field("", description="Words in any language.", examples=["pengering surya untuk ikan"])
    right_kind: list[str] = Field([], examples=[["patent"]])
    owner_country: list[str] = Field([], description="ISO 3166-1 alpha-2.", examples=[["VN"]])
    deal_type: list[str] = []
    exclusivity: list[str] = []
    sector: list[str] = []
    sdg: list[str] = []
    trl_min: str | None = None
    trl_max: str | None = None
    ipc: list[str] = Field([], description="A section (A) or a class (A01).")
    green: list[str] = Field([], description='"yes" or absent.')
    verification: str | None = Field(None, description="At least this level, 0 to 4.")
    language: list[str] = []
    sort: Literal["relevance", "newest", "expiring", "title"] | None = None
    page: int = Field(1, ge=1, le=MAX_PAGE)
    size: int = Field(DEFAULT_SIZE, ge=1, le=MAX_SIZE)
    cursor: str | None = Field(None, description="`next_cursor` of the answer before; instead of `page`.")
    lang: str | None = Field(None, description="The language of messages.")


class ListingQuestion(_Common):
    territory: list[str] = Field([], description="Where a right is in force.")
    nice: list[str] = []
    posted_terms: list[str] = Field([], description='"yes" or absent.')


class NeedQuestion(_Common):
    record_kind: list[str] = []
    used_in: list[str] = Field([], description="Where it will be used.")


@router.get("/listings", dependencies=[permit("page.view")])
def listings(request: Request, db: Db, actor: MaybeUser, question: Annotated[ListingQuestion, Query()]) -> SearchAnswer:
    """Search listings. Values of one filter are alternatives; all filters must hold."""
    return _answer(request, db, "listing")


@router.get("/needs", dependencies=[permit("page.view")])
def needs(request: Request, db: Db, actor: MaybeUser, question: Annotated[NeedQuestion, Query()]) -> SearchAnswer:
    """Search published needs."""
    return _answer(request, db, "need")


def _answer(request: Request, db: Db, kind: Kind) -> SearchAnswer:
    query, problems = parse(kind, request.query_params.multi_items(), ignore=("lang", "cursor"))
    if problems:
        raise Invalid(problems)
    if cursor := request.query_params.get("cursor"):
        query = query.at(_page_of(cursor))
    found = service.search(db, query, reader_locale(request))
    more = query.offset + len(found.hits) < found.total and query.page < MAX_PAGE and found.hits
    return SearchAnswer(
        items=[_hit(hit) for hit in found.hits],
        total=found.total,
        page=query.page,
        size=query.size,
        facets={
            name: [FacetCount(value=value, count=count) for value, count in values]
            for name, values in found.results.facets.items()
        },
        next_cursor=encode_cursor([query.page + 1]) if more else None,
        engine=found.results.engine,
        degraded=found.degraded,
        distant=found.distant,
        took_ms=round(found.results.took_ms, 1),
    )


def _page_of(cursor: str) -> int:
    try:
        number = decode_cursor(cursor, 1)[0]
    except (BadCursor, ValueError) as error:
        raise _bad_cursor() from error
    if type(number) is not int or not 1 <= number <= MAX_PAGE:
        raise _bad_cursor()
    return number


def _bad_cursor() -> Invalid:
    return Invalid(FieldError("cursor", "bad_cursor", _("This cursor is not one of ours.")))


def _hit(hit: service.Hit) -> SearchHit:
    row = hit.document
    fields: dict[str, Any] = {
        name: getattr(row, name) for name in SearchHit.model_fields if name not in ("kind", "score", "highlights")
    }
    return SearchHit(
        **fields,
        kind=row.record_kind,
        score=round(hit.score, 4),
        highlights={"title": str(hit.title), "summary": str(hit.summary)},
    )

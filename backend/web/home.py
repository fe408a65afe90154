"""The front door: what Padan is, the newest on offer, and the language switch."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import func, select

from backend.core.errors import FieldError, NotFound
from backend.core.settings import settings
from backend.deps import Db, MaybeUser, permit
from backend.i18n import _
from backend.search.models import SearchDocument
from backend.search.service import newest
from backend.templating import page
from backend.web.forms import Form

router = APIRouter()


@router.get("/", dependencies=[permit("page.view")])
def home(request: Request, db: Db, actor: MaybeUser) -> HTMLResponse:
    per_kind = select(SearchDocument.kind, func.count()).group_by(SearchDocument.kind)
    counts: dict[str, int] = {row[0]: row[1] for row in db.execute(per_kind)}
    states, languages = db.execute(
        select(func.count(SearchDocument.owner_country.distinct()), func.count(SearchDocument.language.distinct()))
    ).one()
    figures = {
        "listings": counts.get("listing", 0), "needs": counts.get("need", 0), "states": states, "languages": languages,
    }
    return page(
        request, "home/page.html",
        newest_listings=newest(db, "listing", 6), newest_needs=newest(db, "need", 6), figures=figures,
    )


@router.get("/about", dependencies=[permit("page.view")])
def about(request: Request, actor: MaybeUser) -> HTMLResponse:
    return page(request, "home/about.html")


@router.get("/components", dependencies=[permit("page.view")])
def components(request: Request, actor: MaybeUser) -> HTMLResponse:
    """Every component on one page, for those who build pages."""
    if settings().is_production:
        raise NotFound
    sample = Form(
        {"title": "Solar desalination membrane", "deal_types": ["option"], "fee": "12000", "fee_currency": "THB"},
        errors=[FieldError("email", "invalid", _("This is not an e-mail address."))],
    )
    return page(request, "home/components.html", form=sample)


@router.get("/favicon.ico", dependencies=[permit("page.view")])
def favicon() -> Response:
    return Response(status_code=308, headers={"location": "/static/favicon.svg"})

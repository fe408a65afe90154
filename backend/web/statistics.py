"""The public figures as a page: what is on offer, what is asked, how fairly it is shown. One row is read."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from backend.deps import Db, MaybeUser, permit
from backend.matching.exposure import BAND, WINDOW
from backend.statistics import service
from backend.templating import page

router = APIRouter()


@router.get("/statistics", dependencies=[permit("page.view")])
def show(request: Request, db: Db, actor: MaybeUser) -> HTMLResponse:
    return page(
        request, "statistics/page.html",
        found=service.latest(db), band=round(BAND * 100), days=WINDOW.days, least=service.LEAST,
    )

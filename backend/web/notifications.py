"""What one was told: read, and marked as read."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from backend.core.paging import MAX_PAGE, Page
from backend.deps import CurrentUser, Db, load, permit
from backend.notifications import service
from backend.notifications.digests import item_of
from backend.notifications.models import Notification
from backend.templating import page, url
from backend.web.forms import Posted, safe_next, to

router = APIRouter()
PAGE_SIZE = 30


@router.get("/notifications", dependencies=[permit("account.view")])
def index(request: Request, db: Db, actor: CurrentUser) -> HTMLResponse:
    typed = request.query_params.get("page", "1")
    number = min(int(typed), MAX_PAGE) if typed.isascii() and typed.isdecimal() and len(typed) < 6 and int(typed) else 1
    rows, total = service.notifications_of(db, actor.id, page=number, size=PAGE_SIZE)
    items: list[dict[str, Any]] = [
        item_of(row) | {"created_at": row.created_at, "is_read": row.read_at is not None} for row in rows
    ]
    return page(
        request,
        "notifications/page.html",
        items=items,
        pages=Page(items, number, PAGE_SIZE, total, lambda n: url("/notifications", page=n)),
        unread=service.unread_count(db, actor.id),
        until=rows[0].created_at.isoformat() if rows else "",
    )


@router.post("/notifications/reading", dependencies=[permit("account.edit")])
def read_all(db: Db, actor: CurrentUser, form: Posted) -> RedirectResponse:
    """Everything up to the newest one shown; what arrived since stays unread."""
    try:
        until = datetime.fromisoformat(str(form.get("until") or ""))
    except ValueError:
        until = None
    service.mark_all_read(db, actor.id, until if until is not None and until.tzinfo else None)
    return to("/notifications")


@router.post("/notifications/{id:uuid}/reading")
def read(
    form: Posted, notification: Annotated[Notification, load(Notification, "notification.read", lock=True)]
) -> RedirectResponse:
    service.mark_read(notification)
    return to(notification.url if form.get("open") else safe_next(str(form.get("_back") or ""), "/notifications"))

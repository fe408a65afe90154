"""The cookie that keeps a browser signed in: out of scripts' reach, and not sent along with another site's forms."""

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from backend.accounts import sessions
from backend.accounts.models import LoginSession
from backend.core.clock import now
from backend.core.settings import settings


def set_session_cookie(response: Response, token: str) -> None:
    response.set_cookie(
        sessions.cookie_name(),
        token,
        max_age=int(sessions.ABSOLUTE.total_seconds()),
        path="/",
        secure=settings().secure_cookies,
        httponly=True,
        samesite="lax",
    )


def clear_session_cookie(response: Response) -> None:
    """Also asks the browser to forget pages it kept, which a shared computer would show to the next person."""
    response.delete_cookie(
        sessions.cookie_name(), path="/", secure=settings().secure_cookies, httponly=True, samesite="lax"
    )
    response.headers["clear-site-data"] = '"cache"'


def current_login(request: Request, db: Session) -> LoginSession | None:
    raw = request.cookies.get(sessions.cookie_name(), "")
    return sessions.find(db, raw, now()) if raw else None


def address_of(request: Request) -> str | None:
    """Where the request comes from; the server has taken proxies into account, and only those it trusts."""
    return request.client.host if request.client else None


def agent_of(request: Request) -> str | None:
    return request.headers.get("user-agent")

"""What every request passes: a size limit, the reader's language, the browser's seed for CSRF, and security headers.

Plain ASGI, because Starlette's BaseHTTPMiddleware runs the application in another task and loses context variables.
"""

import re
import secrets
import time
from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs

import structlog
from asgi_correlation_id import correlation_id
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.core import metrics
from backend.core.settings import settings
from backend.i18n import UI_LOCALES
from backend.web.forms import FLASH_COOKIE, dump_flashes, load_flashes

SECRET_SEGMENT = re.compile(r"/[A-Za-z0-9_-]{40,}")
MAX_BODY = 2_000_000
YEAR = 31_536_000
log = structlog.get_logger("padan.web")


class PageMiddleware:
    """`refuse` words an HTTP error and `fault` an unexpected one, so that these answers too carry every header."""

    def __init__(
        self, app: ASGIApp, refuse: Callable[[Request, HTTPException], Response],
        fault: Callable[[Request, Exception], Response],
    ) -> None:
        self.app, self.refuse, self.fault = app, refuse, fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        is_head = scope["method"] == "HEAD"
        if is_head:
            scope["method"] = "GET"  # the same answer, without its body (RFC 9110, section 9.3.2)
        request = Request(scope)
        state = scope.setdefault("state", {})
        state["csp_nonce"] = secrets.token_urlsafe(16)
        state["csrf_seed"] = request.cookies.get("padan-csrf") or secrets.token_urlsafe(24)
        new_seed = "padan-csrf" not in request.cookies
        asked = (parse_qs(scope["query_string"].decode("latin-1")).get("lang") or [""])[0]
        state["locale_chosen"] = next(
            (locale for locale in (asked, request.cookies.get("lang")) if locale in UI_LOCALES), None
        )
        state["locale_asked"] = accepted_locale(request.headers.get("accept-language", ""))
        state["flashes"] = load_flashes(request.cookies[FLASH_COOKIE]) if FLASH_COOKIE in request.cookies else []
        status = 500
        answering = False
        received = 0

        async def limited_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BODY:
                raise HTTPException(413)
            return message

        async def send_with_headers(message: Message) -> None:
            nonlocal status, answering
            if message["type"] == "http.response.start":
                status, answering = message["status"], True
                headers = MutableHeaders(scope=message)
                secure_headers(headers, scope, state)
                if not scope["path"].startswith(("/static/", "/api/", "/healthz", "/metrics")):
                    if new_seed and headers.get("content-type", "").startswith("text/html"):
                        headers.append("set-cookie", cookie("padan-csrf", state["csrf_seed"]))
                    if asked in UI_LOCALES:
                        headers.append("set-cookie", cookie("lang", asked, max_age=YEAR))
                    if state.get("new_flashes"):
                        flashes = dump_flashes(state["new_flashes"])
                        headers.append("set-cookie", cookie(FLASH_COOKIE, flashes, max_age=60))
                    elif state["flashes"] and headers.get("content-type", "").startswith("text/html"):
                        headers.append("set-cookie", cookie(FLASH_COOKIE, "", max_age=0))
            elif is_head:
                message = {**message, "body": b""}
            await send(message)

        try:
            declared = request.headers.get("content-length") or "0"
            if not (declared.isascii() and declared.isdecimal()):
                await self.refuse(request, HTTPException(400))(scope, receive, send_with_headers)
            elif int(declared[:20]) > MAX_BODY:
                await self.refuse(request, HTTPException(413))(scope, receive, send_with_headers)
            else:
                await self.app(scope, limited_receive, send_with_headers)
        except Exception as error:
            if not answering:
                await self.fault(request, error)(scope, receive, send_with_headers)
            raise
        finally:
            seconds = time.perf_counter() - started
            route = getattr(scope.get("route"), "path", "unmatched")
            metrics.REQUESTS.labels(method_label(scope["method"]), route, str(status)).inc()
            metrics.REQUEST_SECONDS.labels(route).observe(seconds)
            log.info(
                "request", method=scope["method"], path=loggable(scope["path"]), status=status,
                ms=round(seconds * 1000, 1), request_id=correlation_id.get(),
            )


def loggable(path: str) -> str:
    """A link from a mail is a key for an hour or a day: it does not belong into a log."""
    return SECRET_SEGMENT.sub("/…", path)


def method_label(method: str) -> str:
    return method if method in ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS") else "other"


def accepted_locale(header: str) -> str:
    """The first language of Accept-Language that we speak, in the browser's order of preference."""
    wishes = []
    for part in header[:200].split(","):
        tag, _semicolon, quality = part.strip().partition(";q=")
        try:
            wishes.append((-(float(quality) if quality else 1.0), tag.split("-")[0].lower()))
        except ValueError:
            continue
    return next((tag for _quality, tag in sorted(wishes, key=lambda wish: wish[0]) if tag in UI_LOCALES), "en")


def cookie(name: str, value: str, max_age: int | None = None) -> str:
    jar: SimpleCookie = SimpleCookie()
    jar[name] = value
    morsel: Any = jar[name]
    morsel["path"] = "/"
    morsel["samesite"] = "Lax"
    morsel["httponly"] = True
    if settings().secure_cookies:
        morsel["secure"] = True
    if max_age is not None:
        morsel["max-age"] = max_age
    return morsel.OutputString()  # type: ignore[no-any-return]


def secure_headers(headers: MutableHeaders, scope: Scope, state: dict[str, Any]) -> None:
    nonce = state["csp_nonce"]
    headers.setdefault(
        "content-security-policy",
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
        "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'; object-src 'none'",
    )
    headers.setdefault("x-content-type-options", "nosniff")
    headers.setdefault("referrer-policy", "strict-origin-when-cross-origin")
    headers.setdefault("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()")
    headers.setdefault("cross-origin-opener-policy", "same-origin")
    headers.setdefault("cross-origin-resource-policy", "same-origin")
    if settings().secure_cookies:
        headers.setdefault("strict-transport-security", f"max-age={YEAR}; includeSubDomains")
    if scope["path"].startswith("/static/"):
        headers.setdefault("cache-control", f"public, max-age={YEAR}, immutable")
    elif state.get("actor") is not None:
        headers["cache-control"] = "no-store"

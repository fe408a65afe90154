"""The web application: routers, middleware, error pages. `create()` builds it; nothing happens at import."""

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import bootstrap
import js_lib_htmx
import structlog
from asgi_correlation_id import CorrelationIdMiddleware, correlation_id
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi.routing import APIRoute
from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from backend import api, web
from backend.api.description import described
from backend.core.errors import DomainError, FieldError, Invalid, TooMany
from backend.core.logs import configure_logs
from backend.core.memory import settle
from backend.core.settings import settings
from backend.i18n import _, use_locale, words
from backend.language.embedder import start_with_embedder
from backend.templating import TEMPLATES, page, reader_locale, url
from backend.web.forms import verify_csrf
from backend.web.middleware import PageMiddleware, loggable

log = structlog.get_logger("padan")

TITLES = {
    400: _("That request was not understood"), 401: _("Please sign in"), 403: _("Not allowed"), 404: _("Not found"),
    405: _("Not possible here"), 409: _("Something changed meanwhile"), 410: _("No longer here"),
    413: _("Too large"), 422: _("Something is not right yet"), 429: _("Too many tries"),
    500: _("Something went wrong on our side"), 503: _("Back in a moment"),
}


def create() -> FastAPI:
    """Build the application; raises RuntimeError when production is configured unsafely."""
    problems = settings().problems()
    if problems:
        raise RuntimeError("Padan cannot start in production: " + "; ".join(problems))
    configure_logs()
    app = FastAPI(
        title="Padan API",
        version="1",
        description=api.DESCRIPTION,
        openapi_url=f"{api.PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
    )
    for router in web.routers():
        app.include_router(router, include_in_schema=False, dependencies=[Depends(verify_csrf)])
    for router in api.routers():
        app.include_router(router, prefix=api.PREFIX)
    vendor = {"bootstrap": Path(bootstrap.__path__[0]), "htmx": Path(js_lib_htmx.__path__[0])}
    for name, directory in vendor.items():
        app.mount(f"/static/vendor/{name}", StaticFiles(directory=directory / "static" / name))
    app.mount("/static", StaticFiles(directory=TEMPLATES / "static"))
    app.openapi = lambda: described(app)  # type: ignore[method-assign]
    app.add_exception_handler(DomainError, domain_error)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, unreadable)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, http_error)  # type: ignore[arg-type]
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(PageMiddleware, refuse=http_error, fault=our_fault)
    app.add_middleware(CorrelationIdMiddleware)
    return app


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    start_with_embedder()
    settle()
    yield


# Errors ------------------------------------------------------------------------------------------------------------


def is_api(request: Request) -> bool:
    return request.url.path.startswith("/api/")


def answer(request: Request, status: int, code: str, message: Any, errors: list[FieldError] | None = None) -> Response:
    """problem+json (RFC 9457) for programs, a page in the reader's language for people."""
    if is_api(request):
        with use_locale(reader_locale(request)):
            body: dict[str, Any] = {
                "type": f"{settings().base_url}/developers#{code}",
                "title": str(TITLES.get(status, code)),
                "status": status,
                "code": code,
                "detail": words(message),
                "request_id": correlation_id.get(),
            }
            if errors is not None:
                body["errors"] = [{"field": e.field, "code": e.code, "message": words(e.message)} for e in errors]
        return JSONResponse(body, status_code=status, media_type="application/problem+json")
    return page(
        request, "error.html", status=status,
        title=TITLES.get(status, TITLES[500]), message=message, request_id=correlation_id.get(), errors=errors or [],
    )


def domain_error(request: Request, error: DomainError) -> Response:
    if error.status == 401 and not is_api(request):
        if request.headers.get("hx-request"):
            return Response(status_code=401, headers={"HX-Redirect": "/login"})
        # A form whose session has ended: after signing in, back to the page it stood on.
        here = request.url if request.method == "GET" else URL(request.headers.get("referer", ""))
        target = here.path + (f"?{here.query}" if here.query else "") if here.hostname == request.url.hostname else None
        return RedirectResponse(url("/login", next=target), status_code=303)
    errors = list(error.findings) if isinstance(error, Invalid) else None
    response = answer(request, error.status, error.code, error.message, errors)
    if error.status == 401:
        response.headers["www-authenticate"] = "Bearer"
    if isinstance(error, TooMany):
        response.headers["retry-after"] = str(error.retry_after)
    return response


def unreadable(request: Request, error: RequestValidationError) -> Response:
    """What FastAPI could not read. A page's path or query that makes no sense is simply not found."""
    if not is_api(request):
        return answer(request, 404, "not_found", _("There is nothing here."))
    found = error.errors()
    if any(item["type"] == "json_invalid" for item in found):
        return answer(request, 400, "bad_json", _("The body is not valid JSON."))
    return answer(request, 422, "invalid", _("Something in this request is not right."), field_errors(found))


def field_errors(found: Any) -> list[FieldError]:
    from backend.publication.messages import message_for

    return [
        FieldError(
            ".".join(str(part) for part in item["loc"] if part not in ("body", "query", "path")) or "body",
            str(item["type"]),
            message_for(item),
        )
        for item in found
    ]


HTTP_ERRORS = {
    400: ("bad_request", _("That request was not understood.")),
    404: ("not_found", _("There is nothing here.")),
    405: ("method_not_allowed", _("This address does not take that kind of request.")),
    413: ("too_large", _("That is too large to be read. At most 2 MB can be sent at once.")),
}


def http_error(request: Request, error: HTTPException) -> Response:
    code, message = HTTP_ERRORS.get(error.status_code, ("http_error", HTTP_ERRORS[400][1]))
    response = answer(request, error.status_code, code, message)
    response.headers.update(error.headers or {})
    if error.status_code == 405:
        response.headers["allow"] = ", ".join(methods_at(request.url.path))
    return response


def methods_at(path: str) -> list[str]:
    """What an address takes in all: its methods may stand in several rooms."""
    rooms = api.routers() if path.startswith(api.PREFIX + "/") else web.routers()
    matching = [r for r in routes_of(rooms) if r.path_regex.match(path.removeprefix(api.PREFIX))]
    found = {method for route in matching for method in route.methods or ()}
    return sorted(found | ({"HEAD"} if "GET" in found else set()))


def routes_of(routers: Iterable[APIRouter]) -> Iterator[APIRoute]:
    """Every route of these rooms, and of the rooms within them."""
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute):
                yield route
            elif (inner := getattr(route, "original_router", None)) is not None:
                yield from routes_of([inner])


def our_fault(request: Request, error: Exception) -> Response:
    log.error("unhandled", exc_info=error, path=loggable(request.url.path))
    return answer(request, 500, "internal", _("We have been told. Please try again in a moment."))

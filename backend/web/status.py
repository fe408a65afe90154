"""For machines: is it well, how is it doing, what may be crawled."""

import hmac
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import select, text

from backend.core import metrics
from backend.core.db import is_reachable, session_scope
from backend.core.errors import NotFound
from backend.core.settings import settings
from backend.deps import Db, permit
from backend.search.models import SearchDocument
from backend.search.service import engine_health

router = APIRouter()


@router.get("/healthz", dependencies=[permit("page.view")])
def healthz() -> JSONResponse:
    """200 when database, worker and search engine answer, else 503 with which does not."""
    checks: dict[str, Any] = {"database": is_reachable()}
    if checks["database"]:
        with session_scope() as session:
            beat = text("SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers")
            age = session.scalar(beat)
            checks["worker"] = age is not None and age < 45
            checks["search"] = engine_health(session)
    else:
        checks |= {"worker": False, "search": False}
    well = all(checks.values())
    return JSONResponse({"status": "ok" if well else "unwell", "checks": checks}, status_code=200 if well else 503)


@router.get("/metrics", dependencies=[permit("page.view")])
def show_metrics(request: Request, db: Db) -> Response:
    """Open in the demo; in production only with the operator's token."""
    token = settings().metrics_token.get_secret_value()
    if settings().is_production:
        sent = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not token or not hmac.compare_digest(sent.encode(), token.encode()):
            raise NotFound
    for status, count in db.execute(text("SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY 1")):
        metrics.JOBS_WAITING.labels(status).set(count)
    age = db.scalar(
        text(
            "SELECT coalesce(extract(epoch FROM now() - min(e.at)), 0) FROM procrastinate_jobs j "
            "JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred' "
            "WHERE j.status = 'todo' AND (j.scheduled_at IS NULL OR j.scheduled_at <= now())"
        )
    )
    metrics.QUEUE_AGE.set(float(age or 0))
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@router.get("/robots.txt", dependencies=[permit("page.view")])
def robots() -> PlainTextResponse:
    rules = ["User-agent: *", "Disallow: /dashboard", "Disallow: /api/", "Disallow: /login", "Allow: /"]
    return PlainTextResponse("\n".join([*rules, f"Sitemap: {settings().base_url}/sitemap.xml", ""]))


@router.get("/sitemap.xml", dependencies=[permit("page.view")])
def sitemap(db: Db) -> Response:
    """The newest 40,000 public pages (the format's limit is 50,000)."""
    rows = db.execute(
        select(SearchDocument.kind, SearchDocument.id, SearchDocument.published_at)
        .order_by(SearchDocument.published_at.desc())
        .limit(40_000)
    )
    base = settings().base_url
    urls = [f"<url><loc>{base}{path}</loc></url>" for path in ("/", "/listings", "/needs", "/about", "/statistics")]
    urls += [
        f"<url><loc>{base}/{kind}s/{key}</loc><lastmod>{at.date().isoformat()}</lastmod></url>"
        for kind, key, at in rows
    ]
    body = '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    return Response(body + "".join(urls) + "</urlset>", media_type="application/xml")

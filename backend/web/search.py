"""The results pages of listings and needs, and the suggestions while one types. One form, and no script needed."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from backend.core.paging import MAX_PAGE, Page
from backend.deps import CurrentUser, Db, MaybeUser, permit
from backend.i18n import _, use_locale
from backend.search import embedding, service, unread
from backend.search.facets import facets_of
from backend.search.labels import facet_label, value_label
from backend.search.meilisearch import INDEXES
from backend.search.query import RANGES, Kind, SearchQuery, parse
from backend.templating import page, reader_locale
from backend.web.forms import Posted, flash, to

router = APIRouter()

PATHS: dict[Kind, str] = {"listing": "/listings", "need": "/needs"}
SORT_NAMES = {
    "relevance": _("Best fit first"),
    "newest": _("Newest first"),
    "expiring": _("Ending soon first"),
    "title": _("By title"),
}


@router.get("/listings", dependencies=[permit("page.view")])
def listings(request: Request, db: Db, actor: MaybeUser) -> HTMLResponse:
    return results(request, db, "listing")


@router.get("/needs", dependencies=[permit("page.view")])
def needs(request: Request, db: Db, actor: MaybeUser) -> HTMLResponse:
    return results(request, db, "need")


@router.get("/listings/suggestions", dependencies=[permit("page.view")])
def listing_suggestions(request: Request, db: Db, actor: MaybeUser) -> HTMLResponse:
    return suggestions(request, db, "listing")


@router.get("/needs/suggestions", dependencies=[permit("page.view")])
def need_suggestions(request: Request, db: Db, actor: MaybeUser) -> HTMLResponse:
    return suggestions(request, db, "need")


@router.get("/review/search-index", dependencies=[permit("staff.view")])
def search_index(request: Request, db: Db, actor: MaybeUser) -> HTMLResponse:
    """For staff: what the outside index refused, and how far the reading of new texts is."""
    entries = service.quarantined(db)
    kinds = {name: kind for kind, name in INDEXES.items()}
    rows = [(entry, kinds.get(entry.index, "listing")) for entry in entries]
    done, total = service.embedding_progress(db)
    return page(request, "search/quarantine.html", rows=rows, done=done, total=total)


@router.get("/review/reading", dependencies=[permit("staff.view")])
def reading(request: Request, db: Db, actor: CurrentUser) -> HTMLResponse:
    """For staff: which texts wait to be read for their meaning, since when, and what went wrong."""
    done, total = service.embedding_progress(db)
    rows = unread.waiting(db)
    troubled = [row for row in rows if row.tries]
    return page(request, "search/reading.html", rows=rows, troubled=len(troubled), done=done, total=total)


@router.post("/review/reading/tries", dependencies=[permit("staff.act")])
def try_reading(request: Request, db: Db, actor: CurrentUser, form: Posted) -> RedirectResponse:
    embedding.try_now(db)
    flash(request, _("It is being tried now. Look again in a minute."))
    return to("/review/reading")


def results(request: Request, db: Db, kind: Kind) -> HTMLResponse:
    """What makes no sense in the address is said above the results and otherwise ignored."""
    query, problems = parse(kind, request.query_params.multi_items(), ignore=("lang",))
    problems = [problem for problem in problems if problem.code != "unknown_parameter"]
    locale = reader_locale(request)
    found = service.search(db, query, locale)
    path = PATHS[kind]
    done, total = service.embedding_progress(db)
    partial = request.headers.get("hx-target") == "results" and not request.headers.get("hx-history-restore-request")
    with use_locale(locale):
        context: dict[str, Any] = {
            "kind": kind,
            "path": path,
            "query": query,
            "found": found,
            "problems": [(facet_label(problem.field, kind), problem.message) for problem in problems],
            "facets": _facets(found),
            "chips": _chips(query, path),
            "clear": query.unfiltered().url(path),
            "sorts": [(name, words) for name, words in SORT_NAMES.items() if name != "relevance" or query.q],
            "pages": Page(
                found.hits, query.page, query.size, min(found.total, MAX_PAGE * query.size),
                lambda number: query.at(number).url(path),
            ),
            "waiting": total - done,
            "loosened": _loosened(service.loosened(db, query), query, path) if not found.total else [],
        }  # fmt: skip
    response = page(request, "search/_results.html" if partial else "search/page.html", **context)
    if partial:
        response.headers["hx-push-url"] = query.url(path)  # the address to share, without the empty fields of a form
    response.headers["vary"] = "HX-Request, HX-Target, Cookie, Accept-Language"
    return response


def suggestions(request: Request, db: Db, kind: Kind) -> HTMLResponse:
    query, _problems = parse(kind, [("q", request.query_params.get("q", ""))])
    items = service.suggest(db, kind, query.q, reader_locale(request)) if len(query.q) >= 2 else []
    return page(request, "search/_suggestions.html", items=items)


def _facets(found: service.Found) -> list[dict[str, Any]]:
    """Each facet with its values and counts; a chosen value stays to be seen even where it counts nothing."""
    shown = []
    for facet in facets_of(found.query.kind):
        if facet.name == "trl":
            continue  # a range of two selects
        counts = dict(found.results.facets.get(facet.name, []))
        chosen = sorted(found.query.chosen.get(facet.name, ()))
        if facet.name == "verification":
            chosen = [str(found.query.verification)] if found.query.verification else []
        values = [*counts, *(value for value in chosen if value not in counts)]
        if values:
            options = [(value, value_label(facet.name, value), counts.get(value, 0)) for value in values]
            shown.append(
                {
                    "name": facet.name,
                    "label": facet_label(facet.name, found.query.kind),
                    "options": options,
                    "chosen": chosen,
                }
            )
    return shown


def _chips(query: SearchQuery, path: str) -> list[tuple[str, str]]:
    chips = [
        (f"{facet_label(name, query.kind)}: {value_label(name, value)}", query.without(name, value).url(path))
        for name, values in query.chosen.items()
        for value in values
    ]
    chips += [
        (
            f"{facet_label(name, query.kind)}: {value_label(name, str(getattr(query, name)))}",
            query.without(name).url(path),
        )
        for name in RANGES
        if getattr(query, name) is not None
    ]
    return chips


def _loosened(found: list[tuple[str, str | None, int]], query: SearchQuery, path: str) -> list[tuple[str, int, str]]:
    """(filter in words, or "" for all of them; answers without it; address)."""
    return [
        (
            facet_label(name, query.kind) if name else "",
            count,
            (query.without(name) if name else query.unfiltered()).url(path),
        )
        for name, _value, count in found
    ]

"""Up to four matches of one need side by side: each row a point that was compared, each column a listing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from backend.deps import CurrentUser, Db, load
from backend.matching import reading
from backend.needs.models import Need
from backend.templating import page
from backend.web.matches import ShownMatch, ShownReason, shown_all

router = APIRouter()
MOST = 4

# The order of the rows: first what it is, then where and on which terms, then the rest. A new point comes last.
ORDER = (
    "text_similarity", "shared_words", "class", "requirement", "territory", "deal_type", "exclusivity", "terms",
    "budget", "stage", "right_kind", "deadline", "partner_kind", "partner_country", "language", "sector", "sdg",
    "green",
)


@dataclass
class Row:
    """One point; `cells` has what was found for each column, nothing where it was not compared."""

    point: ShownReason
    cells: list[list[ShownReason]] = field(default_factory=list)


@router.get("/needs/{id:uuid}/compare")
def compare(
    request: Request,
    db: Db,
    actor: CurrentUser,
    need: Annotated[Need, load(Need, "need.own")],
    match: Annotated[list[str] | None, Query(max_length=100)] = None,
) -> HTMLResponse:
    """The chosen matches, best first; with none or too many chosen, the choice again with what was ticked."""
    found = [one.match for one in reading.placed_for(db, need, reader=actor.id)]
    asked = dict.fromkeys(_ids(match or []))
    chosen = [one for one in found if one.id in asked]
    if not 0 < len(chosen) <= MOST:
        return page(
            request, "matches/choice.html", status=422, need=need, matches=shown_all(db, actor, found, "seeker"),
            chosen={str(one.id) for one in chosen}, gone=len(asked) - len(chosen), most=MOST,
        )
    columns = shown_all(db, actor, chosen, "seeker")
    return page(
        request, "matches/compare.html", need=need, matches=columns, rows=rows_of(columns),
        gone=len(asked) - len(chosen), most=MOST,
    )


def rows_of(columns: Sequence[ShownMatch]) -> list[Row]:
    """A row for every point that was compared in any column."""
    rows: dict[tuple[Any, ...], Row] = {}
    for at, column in enumerate(columns):
        for reason in (*column.fits, *column.missing, *column.not_known):
            row = rows.setdefault(_point(reason), Row(reason, [[] for _ in columns]))
            row.cells[at].append(reason)
    return [rows[key] for key in sorted(rows, key=lambda key: (_place(key[0]), str(key)))]


def _point(reason: ShownReason) -> tuple[str, str]:
    """What makes two reasons of one code two points: the state, the must-have, or whose wish it is."""
    asked = reason.data.get("asked") or {}
    wish = reason.data.get("wish_of") if reason.code.startswith("partner_") else ""
    parts = (reason.data.get("state") if reason.code == "territory" else "", wish, *sorted(asked.items()))
    return reason.code, str(parts)


def _place(code: str) -> int:
    return ORDER.index(code) if code in ORDER else len(ORDER)


def _ids(said: Sequence[str]) -> list[UUID]:
    """What is no id at all was never a match."""
    found = []
    for text in said:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found

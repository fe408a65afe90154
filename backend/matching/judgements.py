"""What people said of matches, as judgements that an evaluation reads: only in sum, and only of what is public.

A pair counts once five different people judged it, so that no file tells what one of them said. Notes, names and who
answered stay behind; the texts are those of the search projection, which holds what anyone may see and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from backend.matching.models import Match, MatchFeedback
from backend.search.models import SearchDocument

PEOPLE = 5
# The share of people who called a pair useful, from which on it is a good fit (2) or a possible one (1).
GOOD, POSSIBLE = 2 / 3, 1 / 3


def export(session: Session, folder: Path) -> int:
    """Write `corpus.jsonl`, `queries.jsonl` and `qrels.tsv` into the folder; returns how many pairs were judged.

    The corpus also holds the other public listings those needs were matched with, unjudged: without them every order
    would be a good one.
    """
    judged = _judged(session)
    needs = _documents(session, "need", {need for need, _ in judged})
    listings = _documents(session, "listing", {listing for _, listing in judged})
    judged = {pair: grade for pair, grade in judged.items() if pair[0] in needs and pair[1] in listings}
    asked = sorted({need for need, _ in judged})
    near = session.scalars(select(Match.listing_id).where(Match.need_id.in_(asked), Match.score > 0))
    listings = _documents(session, "listing", {listing for _, listing in judged} | set(near))
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "corpus.jsonl", (_listing(listings[key]) for key in sorted(listings)))
    _write(folder / "queries.jsonl", (_query(needs[key]) for key in asked))
    lines = [f"{need}\t{listing}\t{grade}\n" for (need, listing), grade in sorted(judged.items())]
    (folder / "qrels.tsv").write_text("".join(["query_id\tdoc_id\trelevance\n", *lines]), encoding="utf-8")
    return len(judged)


def grade(useful: float) -> int:
    """Of the share of people who called a pair useful: 2, 1 or 0."""
    return 2 if useful >= GOOD - 1e-9 else 1 if useful >= POSSIBLE - 1e-9 else 0


def _judged(session: Session) -> dict[tuple[UUID, UUID], int]:
    """One answer a person and pair; the database sees to that."""
    share = func.avg(case((MatchFeedback.useful, 1.0), else_=0.0))
    rows = session.execute(
        select(Match.need_id, Match.listing_id, share)
        .join(MatchFeedback, MatchFeedback.match_id == Match.id)
        .group_by(Match.need_id, Match.listing_id)
        .having(func.count(MatchFeedback.user_id.distinct()) >= PEOPLE)
    )
    return {(row[0], row[1]): grade(float(row[2])) for row in rows}


def _documents(session: Session, kind: str, ids: set[UUID]) -> dict[UUID, Any]:
    wanted = sorted(ids)
    found: dict[UUID, Any] = {}
    columns = (
        SearchDocument.id, SearchDocument.title, SearchDocument.text, SearchDocument.language, SearchDocument.ipc,
        SearchDocument.owner_country,
    )
    for at in range(0, len(wanted), 10_000):
        these = SearchDocument.id.in_(wanted[at : at + 10_000])
        found |= {row.id: row for row in session.execute(select(*columns).where(SearchDocument.kind == kind, these))}
    return found


def _query(document: Any) -> dict[str, Any]:
    return {"id": str(document.id), "text": document.text, "lang": document.language, "ipc": list(document.ipc or ())}


def _listing(document: Any) -> dict[str, Any]:
    """The projection's text begins with the title, which a corpus has for itself."""
    body = document.text.removeprefix(document.title).lstrip()
    return {
        "id": str(document.id), "title": document.title, "text": body, "lang": document.language,
        "ipc": list(document.ipc or ()), "country": document.owner_country,
    }


def _write(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")

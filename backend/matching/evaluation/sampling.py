"""A part of a folder of judgements: small enough for a suite of tests, and as hard as so few documents can be."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from backend.language.detect import detect
from backend.language.segment import terms
from backend.matching.evaluation.engines import WordsAlone
from backend.matching.evaluation.folder import Judgements, Row


def sample(whole: Judgements, queries: int, documents: int) -> Judgements:
    """Always the same part: `queries` queries drawn by the hash of their names, all that was judged for them, and up to
    `documents` the others that share most words with the right answers, since those are easiest to take for one.

    Fewer wrong answers than there are make a right one easier to find, so the figures of a sample compare only with
    those of the same sample."""
    drawn = sorted(whole.queries, key=lambda row: _lot(row["id"]))[:queries]
    known = {row["id"] for row in whole.documents}
    kept = {name for row in drawn for name in whole.grades[row["id"]] if name in known}
    for name in _alike(whole, drawn):
        if len(kept) >= documents:
            break
        kept.add(name)
    held = [row for row in whole.documents if row["id"] in kept]
    return Judgements(whole.name, held, drawn, whole.grades, whole.warnings)


def words(row: Row) -> list[str]:
    """The words of a query or document that carry content, as matching reads them."""
    body = "\n".join(filter(None, [row.get("title"), row["text"]]))
    return terms(body, row.get("lang") or detect(body)[0])


def _lot(name: str) -> tuple[bytes, str]:
    return hashlib.sha256(name.encode()).digest(), name


def _alike(whole: Judgements, queries: list[Row]) -> Iterator[str]:
    """Documents by their likeness to a right answer of each query in turn: the most alike of each, then the next; and
    last those that are like none."""
    held = {row["id"]: words(row) for row in whole.documents}
    engine = WordsAlone(held.items())
    right = (name for row in queries for name, grade in whole.grades[row["id"]].items() if grade > 0 and name in held)
    rankings = [engine.found(set(held[name]), 200) for name in right]
    for place in range(200):
        for ranking in rankings:
            yield from ranking[place : place + 1]
    yield from sorted(held, key=_lot)

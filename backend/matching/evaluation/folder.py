"""A folder of judgements: `corpus.jsonl[.gz]`, `queries.jsonl[.gz]` and `qrels.tsv`, read with every fault named.

Judgements of queries or documents that the folder does not hold are told and left as they are: such a document counts
as one that nobody found, which is what other scorers do with it.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Row = dict[str, Any]
NAMED = 5  # unknown names that a warning lists
HIGHEST = 10  # a grade counts 2^grade - 1


class EvaluationError(Exception):
    """An evaluation cannot be run as asked; the message is for whoever asked."""


@dataclass(frozen=True)
class Judgements:
    """`grades`: query -> document -> 0 (does not fit), 1, 2, ...; `queries`: those that something is known to fit."""

    name: str
    documents: Sequence[Row]
    queries: Sequence[Row]
    grades: Mapping[str, Mapping[str, int]]
    warnings: tuple[str, ...] = field(default=())


def read(folder: Path) -> Judgements:
    if not folder.is_dir():
        raise EvaluationError(f"There is no folder {folder}.")
    documents, queries = list(_records(folder / "corpus.jsonl")), list(_records(folder / "queries.jsonl"))
    grades = _grades(folder / "qrels.tsv")
    known, asked = {row["id"] for row in documents}, {row["id"] for row in queries}
    named = {document for row in grades.values() for document in row}
    warnings = [
        *_unknown(folder, "queries", "queries.jsonl", set(grades) - asked),
        *_unknown(folder, "documents", "corpus.jsonl", named - known),
    ]
    judged = [row for row in queries if any(grade > 0 for grade in grades.get(row["id"], {}).values())]
    if not judged:
        raise EvaluationError(f"{folder / 'qrels.tsv'}: for no query of queries.jsonl is any document known to fit.")
    return Judgements(folder.resolve().name, documents, judged, grades, tuple(warnings))


def _records(path: Path) -> Iterator[Row]:
    """Lines with a `text` and a name of their own."""
    seen: set[str] = set()
    for number, line in _lines(path):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise EvaluationError(f"{path}, line {number}: not JSON ({error}).") from error
        if not isinstance(row, dict):
            raise EvaluationError(f"{path}, line {number}: not a JSON object.")
        row["text"] = row.get("text") or ""
        for name in ("id", "text"):
            if not isinstance(row.get(name), str):
                raise EvaluationError(f"{path}, line {number}: `{name}` is missing or not a text.")
        if not row["text"].strip() and not row.get("title"):
            raise EvaluationError(f"{path}, line {number}: neither `title` nor `text` says anything.")
        if row["id"] in seen:
            raise EvaluationError(f"{path}, line {number}: the name {row['id']!r} stands there twice.")
        seen.add(row["id"])
        yield row
    if not seen:
        raise EvaluationError(f"{path} is empty.")


def _grades(path: Path) -> dict[str, dict[str, int]]:
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    for number, line in _lines(path):
        cells = line.rstrip("\r").split("\t")
        if number == 1 and cells[0] == "query_id":
            continue
        try:
            query, document, grade = cells[0], cells[1], int(cells[2])
        except (IndexError, ValueError) as error:
            raise EvaluationError(
                f"{path}, line {number}: should be query, document and a whole number, with tabs between."
            ) from error
        if grade > HIGHEST:
            raise EvaluationError(f"{path}, line {number}: the grade {grade} is above {HIGHEST}.")
        grades[query][document] = max(0, grade)
    return dict(grades)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    packed = path.with_name(path.name + ".gz")
    chosen = packed if packed.exists() else path
    try:
        raw = gzip.decompress(chosen.read_bytes()) if chosen is packed else chosen.read_bytes()
        whole = raw.decode("utf-8-sig")
    except FileNotFoundError as error:
        raise EvaluationError(f"{path.parent} holds no {path.name}.") from error
    except (OSError, EOFError, zlib.error) as error:
        raise EvaluationError(f"{chosen} cannot be read: {error}.") from error
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{chosen} is not UTF-8 at byte {error.start}.") from error
    for number, line in enumerate(whole.split("\n"), 1):
        if line.strip():
            yield number, line


def _unknown(folder: Path, what: str, file: str, names: set[str]) -> list[str]:
    if not names:
        return []
    some = ", ".join(sorted(names)[:NAMED]) + (", ..." if len(names) > NAMED else "")
    return [f"{folder / 'qrels.tsv'} judges {len(names)} {what} that {file} does not hold: {some}"]

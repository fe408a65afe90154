"""Streams a file into the marketplace: batches are transactions, rows are known by source and external id.

Running the same file again changes nothing, and a run that was stopped goes on where it stopped, because what a batch
stored is skipped by its hash. A row that is not right is reported and left out; its neighbours are stored.
"""

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast
from uuid import UUID

from rich.progress import Progress
from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from backend.accounts.models import Organisation
from backend.core.bulk import copy_rows
from backend.core.clock import now
from backend.core.db import session_scope
from backend.core.events import Event
from backend.core.ids import new_id
from backend.core.marking import N_
from backend.imports.records import Problem, Reader, Record
from backend.listings.models import IpRight, Listing
from backend.needs.models import Need
from backend.publication.references import new_references
from backend.publication.service import LIFE
from backend.search.copies import copies_among
from backend.search.indexing import enqueue_indexing

Kind = Literal["listings", "needs"]
BATCH = 500
MAX_LINE = 1_000_000


@dataclass
class Report:
    """What became of the rows. `refused` rows are in `problems` with what is wrong."""

    read: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    problems: list[Problem] = field(default_factory=list)
    unread: dict[str, int] = field(default_factory=dict)
    dry_run: bool = False
    stored: dict[UUID, int] = field(default_factory=dict)  # the listings stored, with their rows
    copied: int = 0  # rows whose text is for the most part that of another organisation's listing
    own_again: int = 0  # the same within one organisation: members of a family, as a rule

    def summary(self) -> dict[str, Any]:
        counts = {name: getattr(self, name) for name in ("read", "created", "changed", "unchanged", "refused")}
        mended = sum(problem.warning for problem in self.problems)
        return {**counts, "mended": mended, "names_not_read": self.unread, "dry_run": self.dry_run,
                "copied": self.copied, "own_text_again": self.own_again}


def import_file(
    path: Path,
    *,
    kind: Kind,
    source: str,
    organisation: str | None = None,
    country: str = "SG",
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Import a JSON-lines file (plain or gzip) as published records."""
    report = Report(dry_run=dry_run)
    reader = Reader()
    bar = progress.add_task(f"importing {kind}", total=path.stat().st_size) if progress else None
    seen: dict[str, int] = {}
    with path.open("rb") as raw:
        lines: BinaryIO = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if path.suffix == ".gz" else raw
        numbered = enumerate(_lines(lines), start=1)
        while batch := list(islice(numbered, BATCH)):
            records = []
            for number, line in batch:
                record = _record(reader, kind, number, line)
                if record is not None and record.external_id in seen:
                    reader.problems.append(Problem(number, "id", "repeated", N_("This id stood in an earlier row.")))
                    record = None
                if record is None:
                    report.refused += 1
                    continue
                seen[record.external_id] = number
                records.append(record)
            report.read += len(batch)
            if not dry_run:
                with session_scope() as session:
                    _store(session, kind, source, records, report, organisation, country, seen)
            if progress and bar is not None:
                progress.update(bar, completed=raw.tell())
    report.problems, report.unread = reader.problems, reader.unread
    return report


def report_copies(session: Session, report: Report) -> None:
    """Say which stored listings repeat another one's text. Asked for once they are indexed; nothing is left out for it,
    since only a person can say who wrote it first."""
    if not report.stored:
        return
    for key, copy in copies_among(session, list(report.stored)):
        if copy.own:
            report.own_again += 1
            continue
        report.copied += 1
        message = N_("Most of this text stands in another organisation's listing too.")
        place = f"{copy.reference}, {round(100 * max(copy.share, copy.share_back))} %"
        report.problems.append(Problem(report.stored[key], "text", "copied_text", f"{message} ({place})", warning=True))


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(MAX_LINE):
        if line.strip():
            yield line


def _record(reader: Reader, kind: Kind, number: int, line: bytes) -> Record | None:
    try:
        row = json.loads(line.decode("utf-8"), parse_constant=_no_constant)
    except UnicodeDecodeError:
        reader.problems.append(Problem(number, "row", "not_utf8", N_("This row is not UTF-8.")))
        return None
    except (ValueError, RecursionError):
        reader.problems.append(Problem(number, "row", "not_json", N_("This row is not JSON.")))
        return None
    return reader.listing(number, row) if kind == "listings" else reader.need(number, row)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _store(
    session: Session,
    kind: Kind,
    source: str,
    records: list[Record],
    report: Report,
    named: str | None,
    country: str,
    numbers: dict[str, int],
) -> None:
    """One batch: new rows in bulk, changed rows one by one, unchanged ones not at all; then their search documents."""
    model: type[Listing] | type[Need] = Listing if kind == "listings" else Need
    known = {
        row.external_id: (row.id, row.external_hash)
        for row in session.execute(
            select(model.id, model.external_id, model.external_hash).where(
                model.source == source, model.external_id.in_([record.external_id for record in records])
            )
        )
    }
    owners = _owners(session, source, records, named, country)
    fresh, changed = [], []
    for record in records:
        if record.external_id not in known:
            fresh.append(record)
        elif known[record.external_id][1] != _hash(record):
            changed.append(record)
        else:
            report.unchanged += 1
    if fresh:
        ids = _create(session, model, source, fresh, owners)
        if model is Listing:
            report.stored |= {key: numbers[one.external_id] for key, one in zip(ids, fresh, strict=True)}
        report.created += len(fresh)
    if changed:
        ids = [_change(session, model, known[record.external_id][0], record) for record in changed]
        enqueue_indexing(session, _noun(model), ids)
        if model is Listing:
            report.stored |= {key: numbers[one.external_id] for key, one in zip(ids, changed, strict=True)}
        report.changed += len(changed)


def _owners(
    session: Session, source: str, records: list[Record], named: str | None, country: str
) -> dict[str, Organisation]:
    """Who lists each record: the one organisation that was named, else the owner the row gives, else the source."""

    def key(record: Record) -> tuple[str, str]:
        if named or not (record.owner and record.owner_country):
            return named or source.replace("_", " "), country
        return record.owner, record.owner_country

    wanted = {key(record) for record in records}
    external = {pair: f"{pair[1]}:{pair[0]}"[:300] for pair in wanted}
    held = {
        organisation.external_id: organisation
        for organisation in session.scalars(
            select(Organisation).where(Organisation.source == "import", Organisation.external_id.in_(external.values()))
        )
    }
    for (name, state), external_id in external.items():
        if external_id not in held:
            kind = "tto" if (name, state) == (named or source.replace("_", " "), country) else "msme_small"
            held[external_id] = Organisation(
                id=new_id(), name=name, country=state, kind=kind, source="import", external_id=external_id
            )
            session.add(held[external_id])
    session.flush()
    return {record.external_id: held[external[key(record)]] for record in records}


def _hash(record: Record) -> bytes:
    content = json.dumps([record.values, record.rights], sort_keys=True, default=str)
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).digest()


def _create(
    session: Session,
    model: type[Listing] | type[Need],
    source: str,
    records: list[Record],
    owners: dict[str, Organisation],
) -> list[UUID]:
    at = now()
    rows, rights, events = [], [], []
    for record, reference in zip(records, _references(session, model, records, owners, at), strict=True):
        key, owner = new_id(), owners[record.external_id]
        rows.append({
            **_defaults(model), "id": key, "reference": reference, "organisation_id": owner.id, "source": source,
            "external_id": record.external_id, "external_hash": _hash(record), "state": "published", "created_at": at,
            "updated_at": at, "submitted_at": at, "published_at": at, "expires_at": at + LIFE, **record.values,
        })
        rights += [
            {**_defaults(IpRight), "id": new_id(), "listing_id": key, "position": place, **right}
            for place, right in enumerate(record.rights)
        ]
        events.append(_event(model, "published", key, owner.id, source, at))
    for table, written in ((model, rows), (IpRight, rights), (Event, events)):
        copy_rows(session, cast(Table, table.__table__), written)
    ids = [row["id"] for row in rows]
    enqueue_indexing(session, _noun(model), ids)
    return ids


@lru_cache
def _defaults(model: type[Any]) -> dict[str, Any]:
    """Every column with its default, since rows of one bulk insert must name the same columns."""
    values = {}
    for column in model.__table__.columns:
        default = column.default
        values[column.key] = None if default is None else default.arg(None) if default.is_callable else default.arg
    return values


def _noun(model: type[Any]) -> Literal["listing", "need"]:
    return "listing" if model is Listing else "need"


def _event(model: type[Any], verb: str, key: UUID, organisation_id: UUID, source: str, at: datetime) -> dict[str, Any]:
    return {
        "id": new_id(), "verb": f"{_noun(model)}.{verb}", "subject_kind": _noun(model), "subject_id": key,
        "actor_id": None, "organisation_id": organisation_id, "data": {"import": source}, "at": at,
    }


def _references(
    session: Session, model: Any, records: Iterable[Record], owners: dict[str, Organisation], at: datetime
) -> list[str]:
    """References are numbered per kind and state, so they are drawn per group and dealt out in the rows' order."""
    groups = [(record.values["kind"], owners[record.external_id].country) for record in records]
    drawn = {
        group: iter(new_references(session, model, *group, at, groups.count(group))) for group in sorted(set(groups))
    }
    return [next(drawn[group]) for group in groups]


def _change(session: Session, model: Any, key: UUID, record: Record) -> UUID:
    at = now()
    row = session.get_one(model, key)
    changes = {**record.values, "external_hash": _hash(record), "updated_at": at, "version": row.version + 1}
    for name, value in changes.items():
        setattr(row, name, value)
    if isinstance(row, Listing):
        row.rights = [IpRight(id=new_id(), position=place, **right) for place, right in enumerate(record.rights)]
    session.flush()
    session.execute(insert(Event), [_event(model, "changed", key, row.organisation_id, str(row.source), at)])
    return key

"""A file is taken in batch by batch, never twice, and a bad row costs only itself."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text

from backend.core.db import session_scope
from backend.core.events import Event
from backend.imports import service
from backend.imports.service import Report, import_file
from backend.listings.models import IpRight, Listing
from backend.needs.models import Need
from backend.search.indexing import help_along
from backend.search.models import SearchDocument

pytestmark = pytest.mark.usefixtures("clean_database")


def rows(count: int, **changes: Any) -> list[dict[str, Any]]:
    return [
        {"id": f"X{n}", "title": f"Dryer number {n}", "text": "Dries paddy and saves fuel.", "lang": "en", **changes}
        for n in range(count)
    ]


def write(path: Path, lines: list[Any]) -> Path:
    body = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    path.write_bytes(gzip.compress(body) if path.suffix == ".gz" else body)
    return path


def take_in(path: Path, kind: Any = "listings", **options: Any) -> Report:
    return import_file(path, kind=kind, source="test", **options)


def count(model: Any) -> int:
    with session_scope() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_rows_become_published_listings_that_are_indexed(tmp_path: Path) -> None:
    report = take_in(write(tmp_path / "a.jsonl.gz", rows(3)))
    help_along(lambda done, total: None)

    assert (report.created, report.refused, count(Listing), count(SearchDocument)) == (3, 0, 3, 3)


def test_patent_documents_keep_their_right(tmp_path: Path) -> None:
    take_in(write(tmp_path / "a.jsonl", rows(2, kind="A1", country="VN")))

    assert count(IpRight) == 2


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", rows(3))
    take_in(path)
    events = count(Event)

    report = take_in(path)

    assert (report.unchanged, report.created, report.changed, count(Event)) == (3, 0, 0, events)


def test_a_changed_row_changes_its_listing_alone(tmp_path: Path) -> None:
    take_in(write(tmp_path / "a.jsonl", rows(3)))
    changed = rows(3)
    changed[1]["title"] = "A better dryer"

    report = take_in(write(tmp_path / "b.jsonl", changed))

    assert (report.changed, report.unchanged, count(Listing)) == (1, 2, 3)
    with session_scope() as session:
        assert session.scalars(select(Listing.title).where(Listing.external_id == "X1")).one() == "A better dryer"


@pytest.mark.parametrize(
    ("line", "code"),
    [(b"{broken", "not_json"), (b"\xff\xfe", "not_utf8"), (b'{"id": NaN}', "not_json"), ({"id": "X0"}, "missing")],
)
def test_a_bad_row_is_reported_and_its_neighbours_are_stored(tmp_path: Path, line: Any, code: str) -> None:
    good = rows(3)

    report = take_in(write(tmp_path / "a.jsonl", [good[1], line, good[2]]))

    assert [(problem.row, problem.code) for problem in report.problems] == [(2, code)]
    assert (report.created, report.refused, count(Listing)) == (2, 1, 2)


def test_a_repeated_id_is_refused(tmp_path: Path) -> None:
    report = take_in(write(tmp_path / "a.jsonl", [*rows(1), *rows(1)]))

    assert (report.created, report.refused, report.problems[0].code) == (1, 1, "repeated")


def test_a_dry_run_stores_nothing(tmp_path: Path) -> None:
    report = take_in(write(tmp_path / "a.jsonl", rows(3)), dry_run=True)

    assert (report.read, count(Listing), count(Event)) == (3, 0, 0)


def test_an_import_that_was_stopped_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.jsonl", rows(5))
    monkeypatch.setattr(service, "BATCH", 2)
    store, calls = service._store, []

    def stopped(*arguments: Any) -> None:
        store(*arguments)
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt  # in the second batch, after its rows were written and before they were committed

    monkeypatch.setattr(service, "_store", stopped)
    with pytest.raises(KeyboardInterrupt):
        take_in(path)
    monkeypatch.setattr(service, "_store", store)
    assert count(Listing) == 2

    report = take_in(path)

    assert (report.unchanged, report.created, count(Listing)) == (2, 3, 5)


def test_needs_are_taken_in_too(tmp_path: Path) -> None:
    report = take_in(write(tmp_path / "a.jsonl", rows(2)), kind="needs")

    assert (report.created, count(Need)) == (2, 2)


def test_every_imported_row_has_its_event_and_its_indexing_job(tmp_path: Path, clean_database: Engine) -> None:
    take_in(write(tmp_path / "a.jsonl", rows(3)))

    with session_scope() as session:
        jobs = session.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'search.index'"))
    assert (count(Event), jobs) == (3, 1)


TEXT = (
    "The dryer moves warm air from the roof through trays of paddy and saves the fuel of the burner. A mill built with"
    " local steel runs it through the night from stones that the sun has heated during the day."
)


def test_a_row_that_repeats_the_text_of_another_owner_is_reported(tmp_path: Path) -> None:
    twice = [
        {"id": "1", "title": "Dryer", "text": TEXT, "owner": "One", "country": "VN"},
        {"id": "2", "title": "Other", "text": TEXT + " It is new.", "owner": "Two", "country": "TH"},
    ]
    report = take_in(write(tmp_path / "a.jsonl", twice))
    help_along(lambda done, total: None)
    with session_scope() as session:
        service.report_copies(session, report)
    assert report.copied == 2
    assert {(problem.row, problem.code, problem.warning) for problem in report.problems} == {
        (1, "copied_text", True), (2, "copied_text", True),
    }  # fmt: skip


def test_one_text_imported_a_hundred_times_is_reported(tmp_path: Path) -> None:
    many = [{"id": str(n), "title": f"D {n}", "text": TEXT, "owner": f"O{n}", "country": "VN"} for n in range(100)]
    report = take_in(write(tmp_path / "a.jsonl", many))
    help_along(lambda done, total: None)
    with session_scope() as session:
        service.report_copies(session, report)
    assert report.copied == 99


def test_a_family_of_one_owner_is_counted_and_not_complained_of(tmp_path: Path) -> None:
    report = take_in(write(tmp_path / "a.jsonl", rows(2, text=TEXT)))
    help_along(lambda done, total: None)
    with session_scope() as session:
        service.report_copies(session, report)
    assert (report.copied, report.own_again, report.problems) == (0, 2, [])

"""A row becomes a record, or says what is wrong with it."""

from datetime import date
from typing import Any

import pytest

from backend.imports.records import Reader, Record, first_sentences

ROW: dict[str, Any] = {"id": "X1", "title": "Rice dryer that burns its own husk", "text": "Dries paddy. Saves fuel."}


def listing(**changes: Any) -> tuple[Record | None, list[str]]:
    reader = Reader()
    record = reader.listing(1, {**ROW, **changes})
    return record, [problem.code for problem in reader.problems]


def test_a_technology_on_offer_belongs_to_its_owner_in_the_owners_state() -> None:
    record, problems = listing(owner="Ilog Works", country="PH")

    assert record is not None
    assert (record.owner, record.owner_country, record.rights, problems) == ("Ilog Works", "PH", [], [])
    assert record.values["kind"] == "know_how"


def test_a_patent_document_becomes_a_right_at_its_office_that_nobody_has_checked() -> None:
    record, _problems = listing(id="WO2015195175", country="WO", kind="A2", date="23/12/15", ipc=["b64f1/04"])

    assert record is not None
    (right,) = record.rights
    assert (right["office"], right["publication_number"], right["status"]) == ("WO", "WO2015195175", "not_checked")
    assert (right["publication_date"], right["ipc"]) == (date(2015, 12, 23), ["B64F1/04"])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id": ""}, "missing"),
        ({"title": None}, "missing"),
        ({"title": ["a"]}, "not_text"),
        ({"lang": "xx"}, "unknown_language"),
        ({"country": "QQ"}, "unknown_country"),
        ({"trl": 10}, "out_of_range"),
        ({"trl": True}, "out_of_range"),
        ({"green": "yes"}, "not_a_flag"),
        ({"ipc": "B64F"}, "not_a_list"),
        ({"kind": "A1", "country": "VN", "date": "31/02/20"}, "bad_date"),
        ({"text": "\ud800"}, "broken_text"),
    ],
)
def test_a_row_that_is_not_right_is_refused_with_what_is_wrong(changes: dict[str, Any], code: str) -> None:
    record, problems = listing(**changes)

    assert record is None
    assert problems == [code]


def test_unreadable_characters_are_taken_out_and_said() -> None:
    record, problems = listing(text="Saves\x85fuel")

    assert record is not None
    assert record.values["description"] == "Saves fuel"
    assert problems == ["control_character"]


def test_a_title_too_long_stands_whole_in_the_text() -> None:
    title = "Dryer " * 60
    record, problems = listing(title=title)

    assert record is not None
    assert len(record.values["title"]) <= 256
    assert record.values["description"].startswith(title.strip())
    assert problems == ["too_long"]


def test_a_row_that_is_no_object_is_refused() -> None:
    reader = Reader()

    assert reader.need(7, [1]) is None
    assert (reader.problems[0].row, reader.problems[0].code) == (7, "not_an_object")


def test_a_summary_ends_with_a_sentence() -> None:
    text = "One sentence of words. " * 40

    assert len(first_sentences(text)) <= 500
    assert first_sentences(text).endswith("words.")

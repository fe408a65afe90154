"""Rows written by COPY read back as what was given."""

from datetime import date

import pytest
from psycopg.errors import CheckViolation
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from backend.accounts.models import Organisation
from backend.core.bulk import copy_rows
from backend.core.clock import now
from backend.core.ids import new_id

TABLE = Organisation.__table__

HARD = ["", "\\", "\\N", "\\.", "tab\tline\nreturn\r\\n", "{a,b}", '"quoted", \'so\'', "ภาษาไทย 中文", "NULL"]


def row(**values: object) -> dict[str, object]:
    at = now()
    plain = {"id": new_id(), "name": "x", "kind": "tto", "country": "SG", "created_at": at, "languages": ["en"]}
    held = {
        column.key: column.default.arg for column in TABLE.columns if column.default is not None and
        column.default.is_scalar
    }  # fmt: skip
    return {**held, **plain, **values}


@pytest.mark.parametrize("hard", HARD)
def test_any_text_comes_back_as_it_was(db: Session, hard: str) -> None:
    key = new_id()
    copy_rows(db, TABLE, [row(id=key, name=hard, languages=[hard, "en"], verified_on=date(2026, 4, 12))])
    held = db.execute(select(TABLE.c.name, TABLE.c.languages, TABLE.c.verified_on).where(TABLE.c.id == key)).one()
    assert tuple(held) == (hard, [hard, "en"], date(2026, 4, 12))


def test_json_bytes_and_what_is_missing_come_back_as_they_were(db: Session) -> None:
    columns = "data jsonb, key bytea, yes bool, number int, few int[], at timestamptz"
    db.execute(text(f"CREATE TEMP TABLE bulk_kinds ({columns})"))
    from sqlalchemy import ARRAY, Boolean, Column, DateTime, Integer, LargeBinary, MetaData, Table
    from sqlalchemy.dialects.postgresql import JSONB

    table = Table(
        "bulk_kinds", MetaData(), Column("data", JSONB(none_as_null=True)), Column("key", LargeBinary),
        Column("yes", Boolean), Column("number", Integer), Column("few", ARRAY(Integer)),
        Column("at", DateTime(timezone=True)),
    )  # fmt: skip
    given = [
        {"data": {"a": ["\\", "\n", "é"]}, "key": b"\\x00\n", "yes": True, "number": -3, "few": [1, 2], "at": now()},
        {"data": [], "key": b"", "yes": False, "number": 0, "few": [], "at": now()},
        {"data": None, "key": None, "yes": None, "number": None, "few": None, "at": None},
    ]
    copy_rows(db, table, given)
    assert [dict(one._mapping) for one in db.execute(select(table))] == given


def test_no_rows_write_nothing(db: Session) -> None:
    copy_rows(db, TABLE, [])


def test_what_a_constraint_refuses_is_not_stored(db: Session) -> None:
    with pytest.raises(CheckViolation), db.begin_nested():
        copy_rows(db, TABLE, [row(verification_level=99)])

"""Facet values and their numbers, which the database gives out and never uses again."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.search.models import FacetValue


def codes_for(session: Session, tags: Iterable[str]) -> dict[str, int]:
    """The number of each tag; new ones are made in this transaction. Sorted, so that two writers never deadlock."""
    wanted = sorted(set(tags))
    query = select(FacetValue.tag, FacetValue.code).where(FacetValue.tag.in_(wanted))
    found = dict(session.execute(query).all())
    missing = [tag for tag in wanted if tag not in found]
    if missing:
        session.execute(insert(FacetValue).values([{"tag": tag} for tag in missing]).on_conflict_do_nothing())
        found = dict(session.execute(query).all())
    return found


def packed(codes: Iterable[int]) -> bytes:
    return b"".join(code.to_bytes(2, "big") for code in codes)


def tags_by_code(session: Session) -> dict[int, str]:
    """Every number and its tag: a few hundred rows, read each time, so nothing can be stale."""
    return dict(session.execute(select(FacetValue.code, FacetValue.tag)).all())

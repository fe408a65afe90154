"""The reference people quote to each other: kind, member state, day and a running number, as in TO-VN-20260412-003."""

from datetime import datetime

from sqlalchemy import BigInteger, cast, func, select, text
from sqlalchemy.orm import Session

from backend.core.db import Base
from backend.publication.models import Publishable

PREFIXES: dict[str, str] = {
    # rights on offer
    "patent": "TO",
    "utility_model": "TO",
    "green_technology": "TO",
    "know_how": "TO",
    "software": "SW",
    "industrial_design": "DS",
    "trade_mark": "TM",
    "geographical_indication": "GI",
    "plant_variety": "PV",
    "copyright_work": "CW",
    "bundle": "BU",
    # needs
    "technology_request": "TR",
    "licence_request": "LR",
    "challenge": "CH",
    "rd_consortium": "RD",
    "brand_content": "BC",
}


def new_references(
    session: Session, model: type[Publishable], kind: str, country: str, at: datetime, count: int = 1
) -> list[str]:
    """The next `count` references of that day. The lock is held to the end of the transaction, so that two people who
    create at the same moment never get the same number."""
    noun = str(getattr(model, "__tablename__", ""))  # a mixin has none of its own
    stem = f"{PREFIXES.get(kind, 'XX')}-{country}-{at:%Y%m%d}-"
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:stem, 0))"), {"stem": f"{noun}:{stem}"})
    reference = Base.metadata.tables[noun].c.reference
    last = session.scalar(
        select(func.max(cast(func.substr(reference, len(stem) + 1), BigInteger))).where(reference.startswith(stem))
    )
    first = int(last or 0) + 1
    return [f"{stem}{number:03d}" for number in range(first, first + count)]

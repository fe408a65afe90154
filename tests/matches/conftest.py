"""Matches with their reasons, as pages show them."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.matching.models import Match
from backend.matching.service import match_need
from backend.needs.models import Need
from tests.matching.conftest import ask, offer

__all__ = ["ask", "offer"]

MOISTURE = {"parameter": "Moisture", "operator": "at_most", "value": "14", "unit": "%", "importance": "must"}
OFFERS = (
    ("Solar cabinet for paddy rice", "A cabinet of steel. It can dry paddy rice by solar heat. Moisture is 12 %."),
    ("Heat pump for paddy rice", "A heat pump can dry paddy rice at night. It needs a grid."),
    ("Rotary drum for paddy rice", "A drum on rollers can dry paddy rice within one hour."),
    ("Silo with fans for paddy rice", "Fans in a silo dry paddy rice slowly, at low cost."),
    ("Infrared belt for paddy rice", "Infrared lamps over a belt dry paddy rice in minutes."),
)  # fmt: skip


@pytest.fixture
def need(ask: Callable[..., Need], bob: Any) -> Need:
    return ask(
        bob, "Dry paddy rice without smoke", "Our mill burns husk today. We must dry paddy rice without smoke.",
        state="published", requirements=[MOISTURE], min_trl=6, used_in=["TH"], right_kinds=["design"],
    )


@pytest.fixture
def matches(db: Session, need: Need, offer: Callable[..., Any], alice: Any) -> list[Match]:
    """Five of them, the best first; the first listing does not say how mature it is."""
    for at, (title, text) in enumerate(OFFERS):
        level = None if at == 0 else 8
        offer(alice, title, text, trl=level, kind="patent", rights={"TH": "pending"})
    match_need(db, need)
    db.flush()
    return list(db.scalars(select(Match).where(Match.need_id == need.id).order_by(Match.score.desc(), Match.id)))

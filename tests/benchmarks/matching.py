"""How long matching one need takes, embedding and writing included, beside the bare embedding of the same text."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from backend.accounts.models import Organisation
from backend.core.ids import new_id
from backend.language.embed import embedder
from backend.matching.profile import need_text
from backend.matching.service import match_need
from backend.needs.models import Need


def measure(engine: Engine, texts: Sequence[tuple[str, str]], country: str = "TH") -> dict[str, dict[str, float]]:
    """Milliseconds for needs of (title, description) against what the database holds. Nothing is kept."""
    took: dict[str, list[float]] = {"match_need": [], "bare embedding": []}
    embedder().query(["warm"])
    for number, (title, description) in enumerate(texts):
        with Session(engine, expire_on_commit=False) as session:
            seeker = Organisation(id=new_id(), name=f"Seeker {number}", kind="university", country=country)
            need = Need(
                id=new_id(), reference=new_id().hex, organisation=seeker, title=title, description=description,
                language="en", used_in=[country],
            )
            session.add_all([seeker, need])
            session.flush()
            with _clock(took["match_need"]):
                match_need(session, need)
                session.flush()
            with _clock(took["bare embedding"]):
                embedder().query([need_text(need) + " "])
            session.rollback()
    return {name: _summary(values) for name, values in took.items()}


class _clock:
    def __init__(self, into: list[float]) -> None:
        self._into = into

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *_: Any) -> None:
        self._into.append((time.perf_counter() - self._began) * 1000)


def _summary(values: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(values, n=20)
    return {"median": round(statistics.median(values), 1), "p95": round(cuts[-1], 1), "runs": len(values)}

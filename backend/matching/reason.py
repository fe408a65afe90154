"""One reason for or against a match, as data: what it is about, how it turned out, how much it counts, and on what
evidence. Pages word it in the reader's language; tests compare codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    MATCH = "MATCH"
    GAP = "GAP"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Reason:
    """`weight` is in log-odds, never negative: what a MATCH adds, a GAP takes, an UNKNOWN would add if it were met."""

    code: str
    verdict: Verdict
    weight: float
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def effect(self) -> float:
        return {Verdict.MATCH: self.weight, Verdict.GAP: -self.weight, Verdict.UNKNOWN: 0.0}[self.verdict]

    def as_dict(self) -> dict[str, Any]:
        """As stored with the match. `evidence` = {"need": ..., "listing": ...}, quoted in the original language."""
        data = dict(self.data)
        return {
            "code": self.code,
            "verdict": self.verdict.value,
            "weight": round(self.weight, 3),
            "evidence": data.pop("evidence", {}),
            "data": data,
        }

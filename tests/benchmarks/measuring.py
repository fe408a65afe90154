"""One figure beside its goal and a reference from the same run, since a number without its machine says little."""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Spread:
    """What several runs took: the middle one, and the one that only one in twenty exceeds."""

    p50: float
    p95: float
    runs: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        if len(values) == 1:
            return cls(values[0], values[0], 1)
        return cls(statistics.median(values), statistics.quantiles(values, n=20, method="inclusive")[-1], len(values))

    def __str__(self) -> str:
        shown = [f"{value:,.0f}" if value >= 100 else f"{value:.1f}" for value in (self.p50, self.p95)]
        return shown[0] if self.runs == 1 else "/".join(shown)


@dataclass(frozen=True)
class Figure:
    """`goal` holds for the 95th percentile; with `at_least` for the value itself, which should be large."""

    name: str
    unit: str
    value: Spread
    goal: float | None
    reference_name: str
    reference: Spread | None
    at_least: bool = False
    note: str = ""

    @property
    def met(self) -> bool | None:
        if self.goal is None:
            return None
        return self.value.p50 >= self.goal if self.at_least else self.value.p95 <= self.goal

    @property
    def ratio(self) -> float | None:
        return self.value.p50 / self.reference.p50 if self.reference and self.reference.p50 else None

    def cells(self) -> list[str]:
        goal = "-" if self.goal is None else f"{'>=' if self.at_least else '<='} {self.goal:,.0f}"
        met = {True: "met", False: "MISSED", None: ""}[self.met]
        reference = f"{self.reference} ({self.reference_name})" if self.reference else "-"
        ratio = f"{self.ratio:.2f}x" if self.ratio else "-"
        return [self.name, f"{self.value} {self.unit}", goal, met, reference, ratio, self.note]


class Report:
    """Prints each figure as it is measured, and all of them as a table at the end."""

    def __init__(self, into: Path) -> None:
        self._into = into
        self.figures: list[Figure] = []
        self.notes: list[str] = []
        self._load = os.getloadavg()

    def add(self, figure: Figure) -> None:
        self.figures.append(figure)
        print("\n" + " | ".join(cell for cell in figure.cells() if cell), flush=True)

    def note(self, text: str) -> None:
        self.notes.append(text)
        print(f"\n{text}", flush=True)

    def table(self) -> list[str]:
        rows = [["figure", "p50/p95", "goal", "", "reference p50/p95", "ratio", ""]]
        rows += [figure.cells() for figure in self.figures]
        widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        return [*lines, "", *self.notes, self._machine()]

    def save(self) -> None:
        self._into.parent.mkdir(parents=True, exist_ok=True)
        content = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            "machine": self._machine(),
            "notes": self.notes,
            "figures": [_plain(figure) for figure in self.figures],
        }
        self._into.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def _machine(self) -> str:
        before, after = (" ".join(f"{one:.2f}" for one in load) for load in (self._load, os.getloadavg()))
        return f"{os.cpu_count()} cores; load average {before} before, {after} after"


def timed(work: Callable[[], Any]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def _plain(figure: Figure) -> dict[str, Any]:
    return {
        "figure": figure.name, "unit": figure.unit, "p50": figure.value.p50, "p95": figure.value.p95,
        "runs": figure.value.runs, "goal": figure.goal, "at_least": figure.at_least, "met": figure.met,
        "reference": figure.reference_name,
        "reference_p50": figure.reference.p50 if figure.reference else None,
        "reference_p95": figure.reference.p95 if figure.reference else None,
        "ratio": figure.ratio, "note": figure.note,
    }  # fmt: skip

"""The folders of judgements beside the project, evaluated once in a run, and the floors their figures must keep.

The whole folders take half an hour to embed, so `make test` takes a sample of each: always the same queries, what is
known to fit them, and the documents most like the right answers. Among so few a right answer is easier to find, so the
sample has floors of its own, which tell that something broke; how good matching is, only the whole folders tell
(`make quality`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from backend.core.migrations import ROOT
from backend.core.settings import settings
from backend.matching.evaluation.evaluate import Evaluation, as_dict, evaluate
from backend.matching.evaluation.folder import read
from backend.matching.evaluation.sampling import sample
from backend.matching.evaluation.tables import calibration_table, figures_table
from tests.conftest import SHARED

JUDGEMENTS = SHARED / "data" / "judgements"
FLOORS = Path(__file__).parent / "floors.json"
KEPT_VECTORS = ROOT / "var" / "vectors"


@dataclass
class Evaluated:
    whole: bool
    done: list[Evaluation] = field(default_factory=list)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    whole = bool(config.getoption("--whole"))
    return {"test_whole.py": not whole, "test_sample.py": whole}.get(collection_path.name) or None


EVALUATED = pytest.StashKey[Evaluated]()


def floors() -> dict[str, Any]:
    held: dict[str, Any] = json.loads(FLOORS.read_text())
    return held


FOLDERS = sorted(floors()["whole"])


@pytest.fixture(scope="session")
def whole(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--whole"))


@pytest.fixture(scope="session")
def results(request: pytest.FixtureRequest, database: str, whole: bool) -> Callable[[str], dict[str, Any]]:
    """`results("folder")`: the figures of all systems, of the whole folder or of its sample."""
    evaluated = request.config.stash.setdefault(EVALUATED, Evaluated(whole))
    held: dict[str, dict[str, Any]] = {}
    # Vectors kept by `padan evaluate` are taken; a suite leaves none of its own in the project.
    cache = KEPT_VECTORS if whole or KEPT_VECTORS.is_dir() else settings().var_dir / "vectors"

    def result(folder: str) -> dict[str, Any]:
        if not (JUDGEMENTS / folder).is_dir():
            pytest.skip(f"the judgements {folder} are not beside the project")
        if folder not in held:
            judgements = read(JUDGEMENTS / folder)
            if not whole:
                size = floors()["sample"]
                judgements = sample(judgements, size["queries"], size["documents"])
            evaluated.done.append(evaluate(judgements, cache=cache, alone=whole))
            held[folder] = evaluated.done[-1].as_dict()
        return held[folder]

    return result


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    evaluated = config.stash.get(EVALUATED, None)
    if evaluated is None or not evaluated.whole or not evaluated.done:
        return
    result = as_dict(evaluated.done)
    (ROOT / "var").mkdir(exist_ok=True)
    (ROOT / "var" / "quality.json").write_text(json.dumps(result, ensure_ascii=False))
    out = Console(file=StringIO(), width=130)
    out.print(figures_table(result["folders"]), calibration_table(result["calibration"]))
    terminalreporter.section("figures")
    terminalreporter.write_line(out.file.getvalue())  # type: ignore[attr-defined]

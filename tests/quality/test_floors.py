"""The floors of quality themselves: one for every folder, and none lower than it ever was."""

import json
import subprocess
from typing import Any

import pytest

from backend.core.migrations import ROOT
from tests.quality.conftest import FLOORS, JUDGEMENTS, floors


def test_every_folder_has_its_floors() -> None:
    if not JUDGEMENTS.is_dir():
        pytest.skip("the judgements are not beside the project")
    there = sorted(path.name for path in JUDGEMENTS.iterdir() if path.is_dir())
    assert [name for name in there if name not in floors()["whole"] or name not in floors()["sample"]] == []


def test_no_floor_was_ever_lowered() -> None:
    """A sample of another size is another sample; its floors begin anew."""
    name = str(FLOORS.relative_to(ROOT))
    log = subprocess.run(["git", "log", "--format=%H", "--", name], cwd=ROOT, capture_output=True, text=True)
    if log.returncode:
        pytest.skip("not a git checkout")
    now, lowered = floors(), []
    size = {key: now["sample"][key] for key in ("queries", "documents")}
    for commit in log.stdout.split():
        shown = subprocess.run(["git", "show", f"{commit}:{name}"], cwd=ROOT, capture_output=True, text=True)
        then: dict[str, Any] = json.loads(shown.stdout or "{}")
        kinds = ["whole"] if size.items() - then.get("sample", {}).items() else ["whole", "sample"]
        for kind in kinds:
            lowered += [
                (commit[:8], kind, folder, floor, now[kind].get(folder))
                for folder, floor in then.get(kind, {}).items()
                if floor > now[kind].get(folder, 0.0)
            ]
    assert lowered == []

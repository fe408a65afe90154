"""Matching still finds, in a sample of each folder of judgements, what it found before (nDCG@10)."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.quality.conftest import FOLDERS, floors


@pytest.mark.parametrize("folder", FOLDERS)
def test_matching_stays_above_the_floor_of_the_sample(results: Callable[[str], dict[str, Any]], folder: str) -> None:
    assert results(folder)["ndcg@10"] >= floors()["sample"][folder]

"""How well matching finds what people judged to fit, on all of the judgements (nDCG@10)."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.quality.conftest import FOLDERS, floors

Results = Callable[[str], dict[str, Any]]


@pytest.mark.parametrize("folder", FOLDERS)
def test_matching_stays_above_its_floor(results: Results, folder: str) -> None:
    assert results(folder)["ndcg@10"] >= floors()["whole"][folder]


@pytest.mark.parametrize("folder", FOLDERS)
def test_matching_is_better_than_words_alone_and_vectors_alone(results: Results, folder: str) -> None:
    systems = results(folder)["systems"]
    assert systems["padan"]["ndcg@10"] >= max(systems["bm25"]["ndcg@10"], systems["embeddings"]["ndcg@10"])


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_language_is_worse_off_than_with_vectors_alone(results: Results, folder: str) -> None:
    systems = results(folder)["systems"]
    padan = {language: one["ndcg@10"] for language, one in systems["padan"]["by_lang"].items()}
    alone = {language: one["ndcg@10"] for language, one in systems["embeddings"]["by_lang"].items()}
    assert {language: padan[language] for language in alone if padan[language] < alone[language]} == {}

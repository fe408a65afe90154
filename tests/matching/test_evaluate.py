"""Measuring matching against judgements: the arithmetic, and the whole way over a small folder."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from backend.core.db import database_url, new_engine
from backend.matching.evaluate import evaluate, measured


@pytest.mark.parametrize(
    ("found", "grades", "expected"),
    [
        (["a", "b"], {"a": 1}, (1.0, 1.0, 1.0)),
        (["b", "a"], {"a": 1}, (1 / math.log2(3), 1.0, 0.5)),
        (["b"], {"a": 1}, (0.0, 0.0, 0.0)),
        (["a", "b"], {"a": 1, "b": 2}, ((1 + 3 / math.log2(3)) / (3 + 1 / math.log2(3)), 1.0, 1.0)),
        ([*"bcdefghijk", "a"], {"a": 1}, (0.0, 1.0, 0.0)),
    ],
)
def test_the_three_figures(found: list[str], grades: dict[str, int], expected: tuple[float, float, float]) -> None:
    assert measured(found, grades) == pytest.approx(expected)


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, database: str) -> Path:
    write(
        tmp_path / "corpus.jsonl",
        [
            {"id": "dryer", "title": "Solar dryer for paddy rice", "text": "Dries paddy with the heat of the sun."},
            {"id": "filter", "title": "Water filter", "text": "Takes arsenic out of well water.", "ipc": ["C02F1/28"]},
            {"id": "mark", "title": "Trade mark for mango juice", "text": "A registered mark, with a franchise."},
        ],
    )
    write(
        tmp_path / "queries.jsonl",
        [
            {"id": "q1", "text": "ต้องการเครื่องอบข้าวเปลือกพลังงานแสงอาทิตย์", "lang": "th"},
            {"id": "q2", "text": "remove arsenic from drinking water", "lang": "en", "exclude": ["dryer"]},
            {"id": "q3", "text": "nothing is known to fit this", "lang": "en"},
        ],
    )
    (tmp_path / "qrels.tsv").write_text("query_id\tdoc_id\trelevance\nq1\tdryer\t1\nq2\tfilter\t2\n", encoding="utf-8")
    return tmp_path


def test_a_folder_is_evaluated_and_its_database_dropped(folder: Path, tmp_path: Path) -> None:
    result = evaluate(folder, cache=tmp_path / "vectors")
    assert result["queries"] == 2
    assert result["ndcg@10"] == result["recall@100"] == result["mrr@10"] == 1.0
    assert {language: row["queries"] for language, row in result["by_lang"].items()} == {"en": 1, "th": 1}
    engine = new_engine(database_url())
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM pg_database WHERE datname LIKE 'padan_evaluation%'")) == 0
    engine.dispose()
    kept = list((tmp_path / "vectors").iterdir())
    assert [file.stat().st_size for file in kept] == [5 * (32 + 768)]

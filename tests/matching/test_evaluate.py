"""Measuring matching against judgements: the arithmetic, the faults of a folder, and the whole way over a small one."""

import gzip
import json
import math
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from backend.cli import cli
from backend.core.db import database_url, new_engine
from backend.matching.evaluation.engines import VectorsAlone, WordsAlone
from backend.matching.evaluation.evaluate import as_dict, evaluate, read_all
from backend.matching.evaluation.folder import EvaluationError, read
from backend.matching.evaluation.measures import measured
from backend.matching.evaluation.sampling import sample


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


def test_words_alone_are_ranked_by_the_formula_of_bm25() -> None:
    engine = WordsAlone([("a", ["rice", "dryer"]), ("b", ["rice", "rice", "mill", "mill", "mill"]), ("c", ["mango"])])
    rarity, mean = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5)), 8 / 3
    of_a = rarity * 1 * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 2 / mean))
    of_b = rarity * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 5 / mean))
    assert engine.found(["rice"], 10) == (["a", "b"] if of_a > of_b else ["b", "a"])
    assert engine.found(["rice", "mango", "mango"], 2)[0] == "c"
    assert engine.found(["unheard"], 10) == []


def test_vectors_alone_are_ranked_by_their_angle_and_not_by_their_length() -> None:
    import numpy as np

    def vector(*numbers: float) -> Any:
        return np.array(numbers, dtype=np.float32)

    engine = VectorsAlone([("far", vector(0, 9)), ("near", vector(1, 0.1)), ("unread", None)])
    assert engine.found(vector(1, 0), 10) == ["near", "far"]
    assert engine.found(None, 10) == []


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "small"
    made.mkdir()
    write(
        made / "corpus.jsonl",
        [
            {"id": "dryer", "title": "Solar dryer for paddy rice", "text": "Dries paddy with the heat of the sun."},
            {"id": "filter", "title": "Water filter", "text": "Takes arsenic out of well water.", "ipc": ["C02F1/28"]},
            {"id": "mark", "title": "Trade mark for mango juice", "text": "A registered mark, with a franchise."},
        ],
    )
    write(
        made / "queries.jsonl",
        [
            {"id": "q1", "text": "ต้องการเครื่องอบข้าวเปลือกพลังงานแสงอาทิตย์", "lang": "th"},
            {"id": "q2", "text": "remove arsenic from drinking water", "lang": "en", "exclude": ["dryer"]},
            {"id": "q3", "text": "nothing is known to fit this", "lang": "en"},
        ],
    )
    (made / "qrels.tsv").write_text("query_id\tdoc_id\trelevance\nq1\tdryer\t1\nq2\tfilter\t2\n", encoding="utf-8")
    return made


MADE = "SELECT count(*) FROM pg_database WHERE datname LIKE :mine"


def test_a_folder_is_evaluated_and_its_database_dropped(folder: Path, database: str, tmp_path: Path) -> None:
    result = as_dict([evaluate(read(folder), cache=tmp_path / "vectors")])
    assert result["queries"] == 2
    assert result["ndcg@10"] == result["recall@100"] == result["mrr@10"] == 1.0
    assert {language: row["queries"] for language, row in result["by_lang"].items()} == {"en": 1, "th": 1}
    systems = result["folders"]["small"]["systems"]
    assert systems["padan"]["ndcg@10"] == systems["embeddings"]["ndcg@10"] == 1.0
    assert [systems["bm25"]["by_lang"][language]["ndcg@10"] for language in ("en", "th")] == [1.0, 0.0]
    engine = new_engine(database_url())
    with engine.connect() as connection:
        assert connection.scalar(text(MADE), {"mine": f"padan_evaluation_{os.getpid()}%"}) == 0
    engine.dispose()
    kept = list((tmp_path / "vectors").iterdir())
    assert [file.stat().st_size % (32 + 768) for file in kept] == [0]


def test_a_second_run_makes_no_vector_again(
    folder: Path, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = as_dict([evaluate(read(folder), cache=tmp_path / "vectors")])

    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("a vector was made again")

    monkeypatch.setattr("backend.matching.evaluation.vectors.embed_texts", refuse)
    assert as_dict([evaluate(read(folder), cache=tmp_path / "vectors")]) == first


def lines(*rows: str) -> str:
    return "\n".join(rows)


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("corpus.jsonl", lines('{"id": "a", "text": "x"}', '{"id": '), "corpus.jsonl, line 2: not JSON"),
        ("corpus.jsonl", "[1]", "corpus.jsonl, line 1: not a JSON object"),
        ("corpus.jsonl", lines("", '{"text": "x"}'), "corpus.jsonl, line 2: `id` is missing"),
        ("corpus.jsonl", '{"id": "a", "text": " "}', "line 1: neither `title` nor `text`"),
        ("corpus.jsonl", lines(*['{"id": "a", "text": "x"}'] * 2), "line 2: the name 'a' stands there twice"),
        ("corpus.jsonl", "", "corpus.jsonl is empty"),
        ("queries.jsonl", '{"id": "q1", "text": 5}', "queries.jsonl, line 1: `text` is missing or not a text"),
        ("qrels.tsv", lines("query_id\tdoc_id\trelevance", "q1 dryer 1"), "qrels.tsv, line 2: should be query"),
        ("qrels.tsv", "q1\tdryer\tyes", "qrels.tsv, line 1: should be query, document"),
        ("qrels.tsv", "q1\tdryer\t99", "qrels.tsv, line 1: the grade 99 is above 10"),
        ("qrels.tsv", "q1\tdryer\t0", "for no query of queries.jsonl is any document known to fit"),
    ],
)
def test_a_fault_is_told_with_its_file_and_line(folder: Path, file: str, content: str, told: str) -> None:
    (folder / file).write_text(content)
    with pytest.raises(EvaluationError) as error:
        read(folder)
    assert told in str(error.value)


@pytest.mark.parametrize("file", ["corpus.jsonl", "queries.jsonl", "qrels.tsv"])
def test_a_missing_file_is_named(folder: Path, file: str) -> None:
    (folder / file).unlink()
    with pytest.raises(EvaluationError, match=f"holds no {file}"):
        read(folder)


def test_a_packed_file_that_is_torn_is_named(folder: Path) -> None:
    (folder / "corpus.jsonl.gz").write_bytes(gzip.compress(b"{}" * 500)[:20])
    with pytest.raises(EvaluationError, match=r"corpus\.jsonl\.gz cannot be read"):
        read(folder)


def test_a_file_that_is_not_utf_8_is_named(folder: Path) -> None:
    (folder / "corpus.jsonl").write_bytes(b'{"id": "a", "text": "\xff"}')
    with pytest.raises(EvaluationError, match=r"corpus\.jsonl is not UTF-8 at byte 21"):
        read(folder)


def test_judgements_of_what_the_folder_does_not_hold_are_told_and_count_as_not_found(folder: Path) -> None:
    with (folder / "qrels.tsv").open("a") as file:
        file.write("q1\tghost\t1\nq9\tdryer\t1\n")
    judgements = read(folder)
    assert [warning.split("judges ")[1] for warning in judgements.warnings] == [
        "1 queries that queries.jsonl does not hold: q9",
        "1 documents that corpus.jsonl does not hold: ghost",
    ]
    assert measured(["dryer"], judgements.grades["q1"])[1] == 0.5


def test_a_sample_is_always_the_same_and_holds_what_was_judged(folder: Path) -> None:
    drawn = sample(read(folder), 1, 2)
    (query,) = drawn.queries
    assert drawn == sample(read(folder), 1, 2)
    assert len(drawn.documents) == 2
    assert set(drawn.grades[query["id"]]) <= {row["id"] for row in drawn.documents}


def test_a_sample_is_filled_with_what_is_most_like_the_right_answer(folder: Path) -> None:
    with (folder / "corpus.jsonl").open("a") as file:
        file.write("\n" + json.dumps({"id": "twin", "text": "Takes iron out of well water."}))
    (folder / "qrels.tsv").write_text("q2\tfilter\t1\n")
    assert [row["id"] for row in sample(read(folder), 1, 2).documents] == ["filter", "twin"]


def test_folders_of_one_name_are_told_apart_by_their_path(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "small"
    shutil.copytree(folder, other)
    assert [judgements.name for judgements in read_all([folder, other, folder])] == [str(folder), str(other)]


@pytest.fixture
def run(database: str) -> Callable[..., Any]:
    return lambda *arguments: CliRunner().invoke(cli, [str(argument) for argument in arguments])


def test_the_command_prints_json_and_draws_the_scores(folder: Path, run: Callable[..., Any], tmp_path: Path) -> None:
    done = run("evaluate", folder, "--json", "--plot", tmp_path / "plot.svg")
    assert done.exit_code == 0
    result = json.loads(done.stdout.splitlines()[-1])
    assert set(result["folders"]["small"]["systems"]) == {"padan", "bm25", "embeddings"}
    assert sum(one["count"] for one in result["calibration"]["bins"]) == result["calibration"]["pairs"]
    assert (tmp_path / "plot.svg").read_text().startswith("<svg ")


def test_the_command_prints_a_table(folder: Path, run: Callable[..., Any]) -> None:
    done = run("evaluate", folder)
    assert [word for word in ("BM25", "vectors", "Padan", "small", "share relevant") if word not in done.stdout] == []


def test_the_command_prints_the_numbers_to_write_into_the_score(folder: Path, run: Callable[..., Any]) -> None:
    done = run("calibrate", folder)
    assert done.exit_code == 0
    assert [name for name in ("START", "COSINE_WEIGHT", "WORDS_WEIGHT") if f"{name} = " not in done.stdout] == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["/nowhere/at/all"], "There is no folder /nowhere/at/all."),
        ([], "Name a folder of judgements, or ask for --from-feedback."),
        (["--from-feedback"], "There is too little feedback: a match counts once 5 people judged it"),
    ],
)
def test_what_cannot_be_evaluated_is_said_in_a_line(run: Callable[..., Any], arguments: list[str], told: str) -> None:
    done = run("evaluate", *arguments)
    assert done.exit_code == 2
    assert told in done.stderr

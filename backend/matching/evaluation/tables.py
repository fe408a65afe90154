"""The figures of an evaluation as tables for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.table import Table

_COLUMNS = (("bm25", "BM25"), ("embeddings", "vectors"), ("padan", "Padan"))


def figures_table(folders: Mapping[str, Mapping[str, Any]]) -> Table:
    """nDCG@10 of the three systems, by folder and language; the best of a row is bold."""
    table = Table("judgements", "language", box=box.SIMPLE_HEAD)
    for heading in ("queries", "BM25", "vectors", "Padan", "recall@100", "MRR@10"):
        table.add_column(heading, justify="right")
    for name, result in folders.items():
        systems = result["systems"]
        languages = list(result["by_lang"])
        table.add_row(name, "all" if len(languages) > 1 else languages[0], *_row(systems))
        for language in languages if len(languages) > 1 else []:
            table.add_row("", language, *_row({key: one["by_lang"][language] for key, one in systems.items()}))
    table.caption = "nDCG@10 of words alone, the model's vectors alone and Padan; recall@100 and MRR@10 of Padan"
    return table


def calibration_table(calibration: Mapping[str, Any]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("score", "pairs", "mean score", "share relevant"):
        table.add_column(heading, justify="right")
    for one in calibration["bins"]:
        if one["count"]:
            cells = (str(one["count"]), _number(one["mean_score"]), _number(one["share_relevant"]))
            table.add_row(f"{one['from']:.1f}-{one['to']:.1f}", *cells)
    table.caption = f"expected calibration error {_number(calibration['expected_calibration_error'])}"
    return table


def held_out_table(held_out: Mapping[str, Mapping[str, Any]]) -> Table:
    """Each folder with the constants fitted to the others."""
    table = Table("judgements", box=box.SIMPLE_HEAD)
    for heading in ("nDCG@10 now", "fitted", "calibration error", "relevant near 0.8", "pairs near 0.8"):
        table.add_column(heading, justify="right")
    for name, one in held_out.items():
        near = one["near_0.8"]
        numbers = (one["ndcg@10_now"], one["ndcg@10"], one["expected_calibration_error"], near["share_relevant"])
        table.add_row(name, *(_number(value) for value in numbers), str(near["count"]))
    table.caption = "each folder with constants fitted to the others"
    return table


def _row(systems: Mapping[str, Mapping[str, Any]]) -> list[str]:
    values = {key: systems[key]["ndcg@10"] for key, _ in _COLUMNS}
    highest = max(values.values())
    cells = [f"[bold]{value:.3f}[/bold]" if value == highest else f"{value:.3f}" for value in values.values()]
    padan = systems["padan"]
    return [str(padan["queries"]), *cells, f"{padan['recall@100']:.3f}", f"{padan['mrr@10']:.3f}"]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"

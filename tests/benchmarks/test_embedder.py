"""How fast the bundled embedder reads, one text at a time and in batches."""

from __future__ import annotations

import time

import pytest

from backend.language.embed import LocalEmbedder, embedder, passage_text
from tests.benchmarks.asked import mixed
from tests.benchmarks.measuring import Figure, Report, Spread

TEXTS, BATCH = 48, 16


def test_tokens_a_second(report: Report) -> None:
    model = embedder()
    if not isinstance(model, LocalEmbedder):
        pytest.skip("an outside server embeds")
    texts = [passage_text(*pair) for pair in mixed(TEXTS)]
    sizes = [model.token_count(text) for text in texts]
    model.passage(["warm"])
    single = []
    for text, size in zip(texts, sizes, strict=True):
        began = time.perf_counter()
        model.passage([text])
        single.append(size / (time.perf_counter() - began))
    batches = []
    for at in range(0, TEXTS, BATCH):
        began = time.perf_counter()
        model.passage(texts[at : at + BATCH])
        batches.append(sum(sizes[at : at + BATCH]) / (time.perf_counter() - began))
    spread = Spread.of([sum(batches) / len(batches)])
    one = Spread.of([sum(single) / len(single)])
    note = f"{TEXTS} texts of {sum(sizes) / TEXTS:.0f} tokens"
    report.add(Figure("embedder, in batches", "tokens/s", spread, None, "one text at a time", one, True, note))

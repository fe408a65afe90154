"""Sentences of a record fit to be quoted, in the original language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from backend.language.segment import sentences

QUOTE = 280
READ = 2_500  # characters of a long text that are searched for a sentence to quote


def best_sentence(texts: Sequence[str], weights: Mapping[str, float]) -> str:
    """The sentence that holds most of the weighted words; the first where none holds any."""
    best, most = (texts[0] if texts else ""), 0.0
    for sentence in texts:
        folded = sentence.lower()
        held = sum(weight for word, weight in weights.items() if word in folded or word[:-1] + "ie" in folded)
        if held > most:
            best, most = sentence, held
    return best


def shortened(text: str) -> str:
    """A quote short enough for a card, cut at a space and marked as cut."""
    if len(text) <= QUOTE:
        return text
    head = text[:QUOTE]
    return head[: head.rfind(" ") if head.rfind(" ") > QUOTE // 2 else QUOTE].rstrip(" ,;") + " …"


@lru_cache(maxsize=4_096)
def sentences_of(text: str) -> tuple[str, ...]:
    return tuple(sentences(text[:READ], limit=40))

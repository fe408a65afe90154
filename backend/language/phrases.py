"""The lexicon read by its English headwords: which of them a text of any language speaks of, and by which phrases a
language says one. Texts in two languages meet here by what they name, without a model.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from backend.language.segment import stem

_LEXICON = Path(__file__).parent / "lexicon"
_LONGEST = 4  # words of a phrase
_ACCENTS = re.compile("[\u0300-\u036f]")
_WORD = re.compile(r"\w+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")


def folded(text: str) -> str:
    """Lower case, Latin letters without accents; as long as the text itself wherever it is written in NFC."""
    lowered = text.lower()
    if lowered.isascii():
        return lowered
    plain = _ACCENTS.sub("", unicodedata.normalize("NFD", lowered.replace("đ", "d")))
    return unicodedata.normalize("NFC", plain)


@lru_cache(maxsize=4_096)
def concepts(text: str, language: str) -> frozenset[str]:
    """The headwords that a text speaks of."""
    plain = folded(text)
    index = _index(language)
    if language != "en" and _UNSPACED.search(plain):
        return frozenset(name for phrase, names in index.items() if phrase in plain for name in names)
    words = [stem(word) if language == "en" else word for word in _WORD.findall(plain)]
    found: set[str] = set()
    for length in range(1, _LONGEST + 1):
        for at in range(len(words) - length + 1):
            found |= index.get(" ".join(words[at : at + length]), frozenset())
    return frozenset(found)


def phrases(concept: str, language: str) -> tuple[str, ...]:
    """How a language says a headword, folded; English says it as it is."""
    return (concept,) if language == "en" else _table(language).get(concept, ())


@lru_cache(maxsize=16_384)
def pattern(phrase: str) -> re.Pattern[str]:
    """Finds a folded phrase in a folded text: as whole words where the script writes them apart."""
    if _UNSPACED.search(phrase):
        return re.compile(re.escape(phrase))
    ends = "(?:ies|y)" if phrase.endswith("y") else "(?:e?s)?"
    body = re.escape(phrase[:-1] if phrase.endswith("y") else phrase)
    return re.compile(rf"(?<!\w){body}{ends}(?!\w)")


@lru_cache
def _table(language: str) -> Mapping[str, tuple[str, ...]]:
    path = _LEXICON / f"{language}.tsv"
    if not path.is_file():
        return {}
    rows = (line.split("\t") for line in path.read_text("utf-8").splitlines() if line.count("\t") == 1)
    return {row[0]: tuple(_tellable(row[1])) for row in rows}


def _tellable(said: str) -> list[str]:
    """One or two letters of a script without spaces stand inside too many other words; Han is denser."""
    found = [folded(phrase.strip()) for phrase in said.split("|")]
    return [phrase for phrase in found if len(phrase) > (1 if re.search("[\u3400-\u9fff]", phrase) else 2)]


@lru_cache
def _index(language: str) -> Mapping[str, frozenset[str]]:
    index: dict[str, set[str]] = {}
    if language == "en":
        for file in _LEXICON.glob("*.tsv"):
            for name in _table(file.stem):
                index.setdefault(" ".join(stem(word) for word in name.split()), set()).add(name)
    else:
        for name, said in _table(language).items():
            for phrase in said:
                index.setdefault(phrase, set()).add(name)
    return {phrase: frozenset(names) for phrase, names in index.items()}

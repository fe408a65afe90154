"""Words as PostgreSQL stores and looks them up, written by us rather than by its parser.

Its parser follows the server's locale and tears Thai, Khmer and Tamil vowels off their letters in some; ours gives the
same words on every server. Content words only, English plurals made singular, as matching counts them.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from backend.language.segment import MAX_CHARACTERS, MAX_WORD, MAX_WORDS, is_content, stem, terms, words

MAX_POSITION = 16_383  # PostgreSQL's own
MAX_POSITIONS = 60
_ASCII = re.compile(r"[a-z0-9]+")
_NUMBER = re.compile(r"[A-Za-z]{0,4}[\s./-]*\d[\dA-Za-z\s./-]{2,30}")


def vector_literal(
    parts: Iterable[tuple[str, str | Sequence[str]]],
    numbers: Iterable[str] = (),
    language: str | None = None,
    *,
    keywords: str = "",
    listed: str = "",
) -> str:
    """A tsvector literal of (weight, text or its words) parts; `numbers` are register numbers, kept whole, weight A.

    `keywords` raise a word that the text holds to weight B; a word that stands only among them, or only in a bare list
    (`listed`), gets no place: a search finds it, and matching, which counts places, does not count it.
    """
    places: dict[str, list[str]] = {}
    position = 0
    for weight, text in parts:
        for word in tokens(text, language) if isinstance(text, str) else text:
            position += 1
            held = places.get(word)
            if held is None:
                places[word] = [f"{position}{weight}" if position < MAX_POSITION else f"{MAX_POSITION}{weight}"]
            elif len(held) < MAX_POSITIONS:
                held.append(f"{position}{weight}" if position < MAX_POSITION else f"{MAX_POSITION}{weight}")
        position += 10  # words of two fields do not stand next to each other
    for word in tokens(keywords, language):
        if held := places.get(word):
            if not held[0].endswith("A"):
                held[0] = held[0][:-1] + "B"
        else:
            places[word] = []
    for word in tokens(listed, language):
        places.setdefault(word, [])
    for number in numbers:
        places.setdefault(number, []).append(f"{min(position, MAX_POSITION)}A")
    return " ".join([f"{quoted(word)}:{','.join(where)}" if where else quoted(word) for word, where in places.items()])


def tokens(text: str, language: str | None) -> list[str]:
    """`terms`, four times as fast for plain ASCII, which is most of an import."""
    if not text.isascii():
        return terms(text, language)
    found = map(_term, _ASCII.findall(text[:MAX_CHARACTERS].lower())[:MAX_WORDS])
    return [word for word in found if word]


@lru_cache(maxsize=100_000)
def _term(word: str) -> str:
    return stem(word[:MAX_WORD]) if is_content(word[:MAX_WORD]) else ""


def query_words(text: str, language: str | None = None) -> list[str]:
    """The content words of a query, in order, each once; all of them when none carries content by itself."""
    found = [word for word in words(text, language) if is_content(word)] or words(text, language)
    return list(dict.fromkeys(stem(word) for word in found))


def compact_number(text: str) -> str | None:
    """A register number without its spaces and marks ("VN 1-2021-00123" -> "vn1202100123"), or None."""
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        return None
    return re.sub(r"[^0-9a-z]", "", text.lower()) or None


def quoted(word: str) -> str:
    """A lexeme inside a tsvector or tsquery literal."""
    if word.isalnum():
        return f"'{word}'"
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"

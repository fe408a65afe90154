"""Words as PostgreSQL stores and looks them up, written by us rather than by its parser.

Its parser follows the server's locale and tears Thai, Khmer and Tamil vowels off their letters in some; ours gives the
same words on every server. Content words only, English plurals made singular, as matching counts them.
"""

import re
from collections.abc import Iterable

from backend.language.segment import is_content, stem, terms, words

MAX_POSITION = 16_383  # PostgreSQL's own
MAX_POSITIONS = 60
_NUMBER = re.compile(r"[A-Za-z]{0,4}[\s./-]*\d[\dA-Za-z\s./-]{2,30}")


def vector_literal(parts: Iterable[tuple[str, str]], numbers: Iterable[str] = (), language: str | None = None) -> str:
    """A tsvector literal of (weight, text) parts; `numbers` are register numbers, kept whole under weight A."""
    places: dict[str, list[str]] = {}
    position = 0
    for weight, text in parts:
        for word in terms(text, language):
            position += 1
            held = places.setdefault(word, [])
            if len(held) < MAX_POSITIONS:
                held.append(f"{min(position, MAX_POSITION)}{weight}")
        position += 10  # words of two fields do not stand next to each other
    for number in numbers:
        places.setdefault(number, []).append(f"{min(position, MAX_POSITION)}A")
    return " ".join(f"{quoted(word)}:{','.join(where)}" for word, where in places.items())


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
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"

"""What counts as text: NFC, no control characters, no lone surrogates, no invisible direction tricks."""

import re
import unicodedata
from collections.abc import Iterable


def _ranges(codes: Iterable[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for code in codes:
        if found and found[-1][1] == code - 1:
            found[-1] = (found[-1][0], code)
        else:
            found.append((code, code))
    return found


# Bidirectional overrides and isolates let a text read differently from what it says (CVE-2021-42574).
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_SPACES = re.compile(r"[^\S\n]+")  # every kind of space: long rows of rare ones make later patterns slow
# More marks on one letter than any script has. Putting them in their order takes time that grows with their square: a
# hundred thousand of them would keep a process busy for minutes. Unicode's own bound is 30 (UAX 15, stream-safe text).
_MARKS = "".join(
    f"{chr(first)}-{chr(last)}"
    for first, last in _ranges(code for code in range(0x300, 0x1F000) if unicodedata.combining(chr(code)))
)
_FLOOD = re.compile(f"([{_MARKS}]{{30}})[{_MARKS}]+")
_BLANK_LINES = re.compile(r"\n{3,}")


def without_floods(text: str) -> str:
    """At most 30 combining marks in a row, so that the text can be normalised in time that grows with its length."""
    return text if text.isascii() else _FLOOD.sub(r"\1", text)


class BadText(ValueError):
    """The text holds a character that no reader could have meant; the code says which kind."""

    code = "control_character"


def clean(text: str) -> str:
    """NFC, LF line ends, trimmed, at most one blank line in a row. Raises BadText on control characters.

    Zero-width joiners and non-joiners stay: Khmer, Burmese and Tamil need them.
    """
    if text.isascii() and text.isprintable():  # most lines of most records: nothing to look for but spaces
        return (_SPACES.sub(" ", text) if "  " in text else text).strip()
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _FORBIDDEN.search(text):
        raise BadText(BadText.code)
    text = unicodedata.normalize("NFC", without_floods(text))
    return _BLANK_LINES.sub("\n\n", "\n".join(_SPACES.sub(" ", line).strip() for line in text.split("\n"))).strip()


def clean_line(text: str) -> str:
    """Like `clean`, on one line."""
    return " ".join(clean(text).split())

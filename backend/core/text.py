"""What counts as text: NFC, no control characters, no lone surrogates, no invisible direction tricks."""

import re
import unicodedata

# Bidirectional overrides and isolates let a text read differently from what it says (CVE-2021-42574).
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_SPACES = re.compile(r"[ \t\u00a0\u3000]+")
_BLANK_LINES = re.compile(r"\n{3,}")


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
    text = unicodedata.normalize("NFC", text)
    return _BLANK_LINES.sub("\n\n", "\n".join(_SPACES.sub(" ", line).strip() for line in text.split("\n"))).strip()


def clean_line(text: str) -> str:
    """Like `clean`, on one line."""
    return " ".join(clean(text).split())

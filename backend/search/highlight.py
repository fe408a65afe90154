"""Marking the words of a query in a text. The text is escaped first; nothing but our own <mark> is markup."""

import re
from collections.abc import Sequence

from markupsafe import Markup, escape

from backend.language.segment import is_content, stem, words

# Letters with their marks and digits, in any script.
_TOKEN = re.compile(r"(?:[^\W_]|[\u0300-\u036f\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff])+")
_SPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
MAX_TEXT = 2_000


def marked(text: str, query: Sequence[str], prefix: str = "") -> Markup:
    """`query` holds lexemes (see lexemes.query_words); `prefix` an unfinished last word."""
    text = text[:MAX_TEXT]
    if not query:
        return escape(text)
    wanted = set(query)
    inner = [word for word in query if _SPACED.search(word)]
    met: dict[str, bool] = {}
    pieces: list[Markup] = []
    end = 0
    for token in _TOKEN.finditer(text):
        word = token[0]
        if inner and _SPACED.search(word):
            found = _inside(word, inner)
        else:
            if word not in met:
                met[word] = _meets(word, wanted, prefix)
            if not met[word]:
                continue
            found = Markup(f"<mark>{escape(word)}</mark>")  # noqa: S704 - escaped right here
        pieces += [escape(text[end : token.start()]), found]
        end = token.end()
    return Markup("").join([*pieces, escape(text[end:])])


def _meets(token: str, wanted: set[str], prefix: str) -> bool:
    for word in [token.lower()] if token.isascii() else words(token):
        if (is_content(word) and stem(word) in wanted) or (len(prefix) >= 3 and word.startswith(prefix)):
            return True
    return False


def _inside(token: str, inner: Sequence[str]) -> Markup:
    """Scripts without spaces: the word is marked wherever it stands in the run."""
    pattern = "|".join(re.escape(word) for word in sorted(inner, key=len, reverse=True))
    parts = re.split(f"({pattern})", token)
    return Markup("").join(
        Markup("<mark>{}</mark>").format(part) if n % 2 else escape(part) for n, part in enumerate(parts)
    )

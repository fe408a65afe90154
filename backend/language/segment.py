"""Text in any script to comparable words.

Thai, Lao, Khmer, Burmese and Chinese are written without spaces, so ICU's dictionaries break them; everything else is
split on what is not a letter or digit. Accents of Latin letters are dropped, because people search without them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from icu4py.breakers import WordBreaker

from backend.core.text import without_floods

# Beyond these a text says nothing new to an index, and PostgreSQL refuses a tsvector over a megabyte.
MAX_CHARACTERS = 200_000
MAX_WORDS = 20_000
MAX_WORD = 64
_CHUNK = 20_000

# Joiners and the soft hyphen sit inside words; every other invisible mark stands between them (zero-width space is
# how Khmer and Burmese writers mark word ends; bidi controls can hide text from a reader).
_JOINERS = re.compile("[\u00ad\u200c\u200d\u2060\ufe00-\ufe0f]")
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202f\u2061-\u206f\ufeff\ufff0-\uffff\ud800-\udfff]"
)
_SPACE = re.compile(r"\s+")
# Spellings that look alike and are typed both ways: am in Thai and Lao, two Lao digraphs, a Khmer subscript.
_ALIKE = (
    (re.compile("\u0e4d([\u0e48-\u0e4b]?)\u0e32"), "\\1\u0e33"),
    (re.compile("\u0ecd([\u0ec8-\u0ecb]?)\u0eb2"), "\\1\u0eb3"),
    (re.compile("\u0eab\u0ea1"), "\u0edd"),
    (re.compile("\u0eab\u0e99"), "\u0edc"),
    (re.compile("\u17d2\u178a"), "\u17d2\u178f"),
    (re.compile("\u17b1\u17d2\u1799"), "\u17b2\u17d2\u1799"),
)

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u19e0-\u19ff\ua9e0-\ua9ff\uaa60-\uaa7f"
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
)
_INDIC = "\u0900-\u0963\u0970-\u0dff"  # vowel signs are marks, which \w leaves out
_RUN = re.compile(f"(?P<unspaced>[{_UNSPACED}]+)|(?P<plain>(?:[^\\W_{_UNSPACED}]|[{_INDIC}\u0300-\u036f])+)")
_ICU_LOCALES = (
    (re.compile("[\u0e00-\u0e7f]"), "th"),
    (re.compile("[\u0e80-\u0eff]"), "lo"),
    (re.compile("[\u1780-\u17ff\u19e0-\u19ff]"), "km"),
    (re.compile("[\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f]"), "my"),
    (re.compile("[\u3040-\u30ff]"), "ja"),
)
_LATIN_LETTERS = str.maketrans(
    {"đ": "d", "ð": "d", "ø": "o", "ł": "l", "ß": "ss", "æ": "ae", "œ": "oe", "ħ": "h", "ı": "i", "þ": "th", "ŋ": "n"}
)


def visible(text: str) -> str:
    """The text without marks a reader cannot see, NFC, each run of white space one space. Never raises."""
    text = _INVISIBLE.sub(" ", _JOINERS.sub("", text))
    return _SPACE.sub(" ", unicodedata.normalize("NFC", without_floods(text))).strip()


def words(text: str, language: str | None = None) -> list[str]:
    """The words of a text in order: lower case, Latin without accents, ASCII digits. `language` helps Han text only."""
    return [folded for word in raw_words(text, language) if (folded := _folded(word)[:MAX_WORD])]


def raw_words(text: str, language: str | None = None) -> list[str]:
    """The words of a text in order and lower case, with the accents they were written with."""
    found: list[str] = []
    plain = visible(text[:MAX_CHARACTERS])
    for run in _RUN.finditer(plain.lower()):
        if run["unspaced"]:
            found += _broken(run["unspaced"], language)
        else:
            found.append(run["plain"][:MAX_WORD])
        if len(found) >= MAX_WORDS:
            break
    return found[:MAX_WORDS]


def segmented(text: str) -> str:
    """The words that carry content, with spaces between: what PostgreSQL's `simple` configuration can index.

    English plurals are singular here, so a query must come through here as well before it meets such an index.
    """
    return " ".join(terms(text) or words(text))


def terms(text: str, language: str | None = None) -> list[str]:
    """The words that carry content, English plurals made singular: what matching counts."""
    return [stem(word) for word in words(text, language) if is_content(word)]


def content_terms(raw: Iterable[str]) -> list[str]:
    """The same from words that `raw_words` gave."""
    return [stem(word) for one in raw if (word := _folded(one)) and is_content(word)]


def is_content(word: str) -> bool:
    """False for single Latin letters, bare short numbers and the commonest function words."""
    if word in _FUNCTION_WORDS or (word.isdigit() and len(word) < 4):
        return False
    return len(word) > 1 or not word.isascii()


def stem(word: str) -> str:
    """English plural to singular; enough for `sensors` to meet `sensor` without harming other languages much."""
    if len(word) < 4 or not word.isascii() or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    return word[:-1]


_SENTENCE_END = re.compile(
    "(?<=[.!?])\\s+(?=[^a-z\\s])|(?<=[。！？；၊។])\\s*|(?<=။)\\s*|\\s*[\n\r\u2028\u2029]+\\s*|(?<=;)\\s+|\\s+(?=[•▪–-]\\s)"
)


def sentences(text: str, limit: int = 60) -> list[str]:
    """The sentences of a text, each with at least a few letters, at most `limit`; unspaced scripts also end at spaces.

    Thai and Lao have no full stop: a space ends a clause, so clauses are joined until they are long enough to quote.
    """
    found: list[str] = []
    for piece in _SENTENCE_END.split(text[:MAX_CHARACTERS]):
        plain = visible(piece)
        if len(plain) > 240 and re.search("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]", plain):
            found += _clauses(plain)
        elif len(plain) > 2:
            found.append(plain)
        if len(found) >= limit:
            break
    return found[:limit]


def _clauses(text: str) -> list[str]:
    joined: list[str] = []
    for clause in text.split(" "):
        if joined and len(joined[-1]) + len(clause) < 160:
            joined[-1] += " " + clause
        else:
            joined.append(clause)
    return [clause for clause in joined if len(clause) > 2]


def _folded(word: str) -> str:
    if word.isascii():
        return word
    kept = []
    for character in unicodedata.normalize("NFD", word.translate(_LATIN_LETTERS)):
        if "\u0300" <= character <= "\u036f":
            continue
        kept.append(_ascii_digit(character))
    return unicodedata.normalize("NFC", "".join(kept))


def _ascii_digit(character: str) -> str:
    value = unicodedata.digit(character, -1) if not character.isascii() else -1
    return str(value) if value >= 0 else character


def _broken(run: str, language: str | None) -> list[str]:
    locale = next((code for pattern, code in _ICU_LOCALES if pattern.search(run)), "zh")
    if locale == "zh" and language == "ja":
        locale = "ja"
    for typed, meant in _ALIKE:
        run = typed.sub(meant, run)
    found: list[str] = []
    for at in range(0, len(run), _CHUNK):
        for piece in WordBreaker(run[at : at + _CHUNK], locale):
            word = "".join(_ascii_digit(character) for character in piece).strip()
            if any(character.isalnum() for character in word):
                found.append(word[:MAX_WORD])
    return found


# A line or two each: English, Indonesian and Malay, Filipino, Vietnamese (without accents), Tetum, Romance, Chinese,
# Thai, Lao, Khmer, Burmese, Tamil.
_FUNCTION_TEXT = """
    a an the of and or in on for to with by from as at is are was were be been being it its this that these those which
    who whose can could may might will would shall should must not no nor but if then than so such into onto over under
    between within without through during per via also has have had do does did more most less other another any all
    each both some we our us you your they their them he she his her i use used using
    yang dan di ke dari untuk pada dengan adalah ini itu dalam atau oleh akan telah tidak dapat juga sebagai para
    ang ng mga sa na at ay ni si kay nang para may hindi ito
    va cua la cac mot cho voi trong duoc co khong nhung de tai
    ho no iha ba husi sira ne
    de la le les des du et en un une
    的 了 和 与 或 在 是 及 其 等 一种 所述 中 对 将 该
    และ ของ ใน ที่ เป็น การ ให้ ได้ มี จาก โดย กับ หรือ นี้ ซึ่ง ความ ไม่ ด้วย ต่อ
    ແລະ ຂອງ ໃນ ທີ່ ເປັນ ການ ໃຫ້ ໄດ້ ມີ ຈາກ ໂດຍ ກັບ ຫຼື ນີ້
    និង នៃ ក្នុង ដែល ជា ការ បាន មាន ពី ដោយ ឬ នេះ មិន ទៅ
    နှင့် ၏ သည် တွင် မှ ကို များ သော ဖြင့် ခြင်း
    மற்றும் ஒரு இந்த அந்த என்று உள்ள
"""
_FUNCTION_WORDS = frozenset(_FUNCTION_TEXT.split())

"""English words for the words of other languages, so that texts in two languages can meet by words.

A list per language stands in `lexicon/` (English TAB terms, `|` between). Text is matched longest first, because a
phrase means another thing than its words; where a form is not listed, the usual affixes of its language are taken off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import islice

from backend.language.segment import content_terms, raw_words

LANGUAGES = ("id", "ms", "fil", "vi", "th", "lo", "km", "my", "ta", "zh", "pt")
# Scripts written without spaces: the dictionary breaks of a phrase depend on what stands around it, so its pieces are
# joined before they are looked up.
_UNSPACED = frozenset({"th", "lo", "km", "my", "zh"})
# Detection takes one for the other, and each borrows from the other.
_NEXT_OF_KIN = {"id": "ms", "ms": "id"}
_LONGEST = 6
_SENSES = 4  # of a form's meanings; the lists begin with technical ones


@dataclass(frozen=True, slots=True)
class Concept:
    """Words of a text that mean one thing: as they stand there (`native`, as the index holds them) and in English."""

    native: tuple[str, ...]
    english: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Lexicon:
    forms: Mapping[str, tuple[str, ...]]  # the joined form -> English words, as the index holds them
    longest: int


def pivots(terms: Sequence[str], language: str) -> list[str]:
    """The English words that terms of a language stand for, in order, each once; what no list knows gives nothing."""
    found: dict[str, None] = {}
    for concept in concepts(" ".join(terms), language):
        found |= dict.fromkeys(concept.english)
    return list(found)


def english(text: str, language: str) -> list[str]:
    """The English words of all that a text speaks of, in order and as often as it does; of an English text none."""
    if language not in LANGUAGES:
        return []
    return [word for concept in concepts(text, language) for word in concept.english if word not in concept.native]


def names_in_english(text: str, language: str) -> dict[str, tuple[str, ...]]:
    """Each word of a text, as the index holds it, with the English words for what it is part of."""
    found: dict[str, tuple[str, ...]] = {}
    for concept in concepts(text, language) if language in LANGUAGES else ():
        for word in concept.native:
            found[word] = tuple(dict.fromkeys([*found.get(word, ()), *concept.english]))
    return found


def concepts(text: str, language: str) -> Iterator[Concept]:
    """The content of a text in reading order: listed phrases with their English words, other words by themselves."""
    raw = raw_words(text, language)
    known = _lexicons(language)
    glue = "" if language in _UNSPACED else " "
    longest = max((one.longest for one in known), default=1)
    at = 0
    while at < len(raw):
        taken = 1
        english: tuple[str, ...] = ()
        for size in range(min(longest, len(raw) - at), 0, -1):
            if english := _looked_up(known, glue.join(raw[at : at + size]), language):
                taken = size
                break
        native = tuple(content_terms(raw[at : at + taken]))
        if native or english:
            yield Concept(native, english)
        at += taken


def _looked_up(known: Sequence[_Lexicon], form: str, language: str) -> tuple[str, ...]:
    for candidate in _forms(form, language):
        for lexicon in known:
            if found := lexicon.forms.get(candidate):
                return found
    return ()


def _lexicons(language: str) -> tuple[_Lexicon, ...]:
    if language not in LANGUAGES:
        return ()
    kin = _NEXT_OF_KIN.get(language)
    return (_lexicon(language), _lexicon(kin)) if kin else (_lexicon(language),)


@lru_cache(maxsize=16)
def _lexicon(language: str) -> _Lexicon:
    senses: dict[str, dict[str, None]] = {}
    longest = 1
    glue = "" if language in _UNSPACED else " "
    text = files("backend.language").joinpath("lexicon", f"{language}.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        english, _, listed = line.partition("\t")
        meaning = content_terms(raw_words(english, "en"))
        for term in listed.split("|"):
            pieces = raw_words(term, language)
            if not pieces or not meaning:
                continue
            longest = max(longest, min(len(pieces), _LONGEST))
            senses.setdefault(glue.join(pieces), {}).setdefault(" ".join(meaning), None)
    forms = {
        form: tuple(dict.fromkeys(word for one in islice(meanings, _SENSES) for word in one.split()))
        for form, meanings in senses.items()
    }
    for form, english_words in list(forms.items()):
        for bare in _stored(form, language):
            forms.setdefault(bare, english_words)
    return _Lexicon(forms, longest)


# Affixes of Malay and Indonesian, longest first; a nasal prefix may have swallowed the first letter of the root.
_MALAY_PREFIXES = (
    ("memper", ""), ("meny", "s"), ("peny", "s"), ("meng", ""), ("meng", "k"), ("peng", ""), ("peng", "k"),
    ("mem", ""), ("mem", "p"), ("pem", ""), ("pem", "p"), ("men", ""), ("men", "t"), ("pen", ""), ("pen", "t"),
    ("ber", ""), ("ter", ""), ("per", ""), ("pel", ""), ("me", ""), ("pe", ""), ("di", ""), ("ke", ""), ("se", ""),
)  # fmt: skip
_MALAY_SUFFIXES = ("nya", "kan", "an", "i", "lah")
_FILIPINO_PREFIXES = (
    "pinag", "makapag", "mapag", "nakaka", "makaka", "pang", "pam", "pan", "mang", "nang", "mag", "nag", "pag", "naka",
    "maka", "taga", "ma", "na", "ka", "pa", "i",
)  # fmt: skip
_FILIPINO_SUFFIXES = ("han", "hin", "ng", "an", "in")
_ROOT = 4  # letters a root keeps at least; shorter ones meet by chance


def _forms(form: str, language: str) -> Iterator[str]:
    """The form itself, then what is left without affixes."""
    yield form
    if " " in form or len(form) <= _ROOT:
        return
    if language in ("id", "ms"):
        yield from _malay(form)
    elif language == "fil":
        yield from _filipino(form)
    elif language == "ta":
        for cut in range(1, min(7, len(form) - _ROOT)):
            yield form[:-cut]
    elif language == "pt":
        yield from (form[: -len(end)] + root for end, root in _PORTUGUESE if form.endswith(end))


_PORTUGUESE = (("ões", "ão"), ("ais", "al"), ("eis", "el"), ("ns", "m"), ("res", "r"), ("es", ""), ("s", ""))


def _malay(form: str) -> Iterator[str]:
    ends = [form, *(form[: -len(end)] for end in _MALAY_SUFFIXES if form.endswith(end))]
    for bare in ends:
        if len(bare) >= _ROOT and bare != form:
            yield bare
        for prefix, root in _MALAY_PREFIXES:
            if bare.startswith(prefix) and len(bare) - len(prefix) + len(root) >= _ROOT:
                yield root + bare[len(prefix) :]


def _filipino(form: str) -> Iterator[str]:
    plain = form
    if infix := re.match(r"^([^aeiou]?)(?:um|in)([aeiou].*)$", form):
        plain = infix[1] + infix[2]
        yield plain
    for bare in dict.fromkeys((form, plain)):
        ends = [bare, *(bare[: -len(end)] for end in _FILIPINO_SUFFIXES if bare.endswith(end))]
        for one in ends:
            if len(one) >= _ROOT:
                yield one
            for prefix in _FILIPINO_PREFIXES:
                rest = one.removeprefix(prefix).removeprefix("-")
                if rest != one and len(rest) >= _ROOT:
                    yield rest
                    if rest[:2] == rest[2:4]:  # a doubled first syllable marks an action under way
                        yield rest[2:]


def _stored(form: str, language: str) -> Iterator[str]:
    """Shorter forms under which a term is found too: a Tamil noun drops its ending before a case."""
    if language == "ta":
        for end in ("ம்", "ு", "்"):
            if form.endswith(end) and len(form) - len(end) >= _ROOT:
                yield form[: -len(end)]

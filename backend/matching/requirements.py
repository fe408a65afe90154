"""A need's must-haves held against the figures a listing states. What is not stated is UNKNOWN, never met or missed.

`by` tells on what a verdict rests: "name" where the sentence names the parameter, "unit" where only one figure of such
a rare unit stands in the whole text, "words" where a word and no figure is asked for. The last two count half.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.ip.figures import Figure
from backend.ip.quantities import Wanted, alike, dimension, meets, wanted
from backend.ip.vocabularies import Operator
from backend.matching.criteria import WEIGHTS, sides
from backend.matching.parameters import (
    Parameter,
    Stated,
    at_that_time,
    figures_of,
    parameter,
    said,
    share_a_subject,
    stated,
)
from backend.matching.profile import Profile
from backend.matching.quotes import QUOTE, sentences_of
from backend.matching.reason import Reason, Verdict

MOST = 20
HALF = frozenset({"unit", "words"})
# Measures of so many things that a figure in them says nothing by itself.
_COMMON = frozenset(
    {"[length]", "[mass]", "[time]", "[temperature]", "[share]", "[piece]", "[person]", "[turn]", "[data]"}
)
_DISSOLVED = (("[length]", -3), ("[mass]", 1))
_BEFORE = 60  # characters kept before a figure where a quote has to be cut


@dataclass(frozen=True, slots=True)
class Held:
    """How one requirement turned out, on which words."""

    verdict: Verdict
    by: str = ""
    quote: str = ""
    span: tuple[int, int] | None = None
    found: Mapping[str, str] = field(default_factory=dict)


_NOT_KNOWN = Held(Verdict.UNKNOWN)


def requirement_reasons(one: Profile, other: Profile) -> Iterable[Reason]:
    """One reason for each requirement: met or missed where the listing says so, UNKNOWN otherwise."""
    need, listing = sides(one, other)
    rows = [(row, read) for row in need.requirements[:MOST] if (read := _read(row, need.language)) is not None]
    read_rows = [read for _, read in rows]
    known = {id(row): read for row, read in rows}
    same_subject = bool(rows) and share_a_subject((need.title, need.language), (listing.title, listing.language))
    for row in need.requirements[:MOST]:
        must = row.get("importance", "must") == "must"
        read = known.get(id(row))
        others = [one for one in read_rows if one is not read]
        held = _held_against(read, others, listing, same_subject) if read else _NOT_KNOWN
        asked = {key: value for key, value in row.items() if value not in (None, "")}
        data: dict[str, Any] = {"asked": asked, "must": must, "wish_of": "need"}
        weight = WEIGHTS["requirement" if must else "requirement_desirable"]
        if held.verdict is not Verdict.UNKNOWN:
            quote, marks = _excerpt(held.quote, held.span)
            data |= {"by": held.by, "evidence": {"need": _spoken(row), "listing": quote}}
            data |= {"marks": {"need": [], "listing": marks}} if marks else {}
            data |= {"found": dict(held.found)} if held.found else {}
            weight *= 0.5 if held.by in HALF else 1
        yield Reason("requirement", held.verdict, weight, data)


@dataclass(frozen=True, slots=True)
class _Read:
    """A requirement read: what is measured, and either the figure asked for or the words."""

    asked: Parameter
    wanted: Wanted | None
    words: Parameter | None


def _read(row: Mapping[str, Any], language: str) -> _Read | None:
    try:
        operator = Operator(str(row.get("operator") or ""))
    except ValueError:
        return None
    value, upper, unit = (str(row.get(key) or "") for key in ("value", "value_to", "unit"))
    asked = parameter(str(row.get("parameter") or ""), language)
    if operator is Operator.INCLUDES and value:
        return _Read(asked, None, parameter(f"{value} {unit}", language))
    figure = wanted(operator, value, upper, unit)  # stored with a decimal point, whatever was typed
    return _Read(asked, figure, None) if figure is not None else None


def _held_against(read: _Read, others: list[_Read], listing: Profile, same_subject: bool) -> Held:
    if read.wanted is None:
        return _by_words(read, listing)
    sentences = stated(listing.text, listing.language)
    by_name = _by_name(read.asked, read.wanted, sentences, said(listing.title, listing.language))
    if by_name is not None:
        return by_name
    if not same_subject:
        return _NOT_KNOWN
    return _by_unit(read.wanted, others, sentences)


def _by_name(
    asked: Parameter, figure_wanted: Wanted, sentences: tuple[Stated, ...], title: frozenset[str]
) -> Held | None:
    """By the figures said of it: met if one of them meets it (a small and a large model), missed if all miss it. None
    where no figure is."""
    missed: Held | None = None
    seen = False
    for sentence in sentences:
        right = _alike(figure_wanted, sentence)
        for figure in figures_of(asked, sentence, right, title) if right else ():
            seen = True
            shown = meets(figure_wanted, at_that_time(asked, figure), difference=asked.difference)
            if shown:
                return _held(Verdict.MATCH, "name", sentence, figure)
            if shown is False and missed is None:
                missed = _held(Verdict.GAP, "name", sentence, figure)
    return missed or (_NOT_KNOWN if seen else None)


def _by_unit(figure_wanted: Wanted, others: list[_Read], sentences: tuple[Stated, ...]) -> Held:
    """By the only figure in a unit that few things are measured in, where nothing else is asked for in it.

    Anything may be dissolved in anything: what is told of one substance says nothing of another.
    """
    measure = dimension(figure_wanted.unit)
    if measure is None or _is_common(measure):
        return _NOT_KNOWN
    if any(other.wanted is not None and dimension(other.wanted.unit) == measure for other in others):
        return _NOT_KNOWN
    found = [(one, figure) for one in sentences for figure in _alike(figure_wanted, one)]
    if len({(figure.value, figure.upper, figure.unit) for _, figure in found}) != 1:
        return _NOT_KNOWN
    sentence, figure = found[0]
    shown = meets(figure_wanted, figure)
    if shown is None:
        return _NOT_KNOWN
    return _held(Verdict.MATCH if shown else Verdict.GAP, "unit", sentence, figure)


def _alike(figure_wanted: Wanted, sentence: Stated) -> list[Figure]:
    return [one for one in sentence.figures if alike(figure_wanted, one) and not sentence.of_another(one)]


def _by_words(read: _Read, listing: Profile) -> Held:
    """That something is included is shown by a sentence that says so and denies nothing; its absence shows nothing."""
    wanted_words = read.words
    if wanted_words is None or not wanted_words.telling:
        return _NOT_KNOWN
    for sentence in sentences_of(listing.text):
        words = said(sentence, listing.language)
        if all(not one.isdisjoint(words) for one in wanted_words.telling):
            one = Stated(sentence, listing.language, ())
            if not one.denies():
                return Held(Verdict.MATCH, "words", sentence)
    return _NOT_KNOWN


def _is_common(measure: tuple[tuple[str, int], ...]) -> bool:
    names = [name for name, _ in measure]
    if measure == _DISSOLVED or any(name.startswith(("money", "share of")) for name in names):
        return True
    return len(names) == 1 and names[0] in _COMMON


def _held(verdict: Verdict, by: str, sentence: Stated, figure: Figure) -> Held:
    shown = {"value": figure.value, "value_to": figure.upper, "unit": figure.unit, "bound": figure.bound}
    found = {name: f"{value:f}" if name.startswith("value") else str(value) for name, value in shown.items() if value}
    return Held(verdict, by, sentence.text, figure.span, found)


def _excerpt(text: str, span: tuple[int, int] | None) -> tuple[str, list[list[int]]]:
    """A quote short enough for a card that holds the figure, with the figure marked."""
    start, end = span or (0, 0)
    first = 0 if len(text) <= QUOTE or end <= QUOTE else max(0, start - _BEFORE)
    last = min(len(text), first + QUOTE)
    head, tail = "… " if first else "", " …" if last < len(text) else ""
    shift = len(head) - first
    quote = head + text[first:last] + tail
    return quote, [[start + shift, min(end, last) + shift]] if span else []


def _spoken(requirement: Mapping[str, Any]) -> str:
    parts = (requirement.get(key) for key in ("parameter", "operator", "value", "value_to", "unit"))
    return " ".join(str(part).replace("_", " ") for part in parts if part not in (None, ""))

"""What a licensor asks beside what a licensee accepts, term by term.

Silence is never consent: a term only one side states is UNKNOWN, and so are sums in two currencies and percentages
of two different bases. A term on which both are silent is not listed. Exclusions are judged with the territories and
the currency with the sums.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any

from backend.ip import classes
from backend.ip.terms.record import LicenceTerms
from backend.ip.vocabularies import DealType, Exclusivity, GrantBack, Sublicensing


class Verdict(StrEnum):
    MATCH = "MATCH"
    GAP = "GAP"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class TermDifference:
    """One term on both sides, as JSON-ready values (None = not stated). `field` is the name in LicenceTerms."""

    field: str
    verdict: Verdict
    asked: Any
    accepted: Any


# From the narrowest grant to the widest; a wider grant gives the licensee all the narrower one would.
_EXCLUSIVITY = [Exclusivity.NON_EXCLUSIVE, Exclusivity.SOLE, Exclusivity.EXCLUSIVE]
_SUBLICENSING = [Sublicensing.NONE, Sublicensing.WITH_CONSENT, Sublicensing.FREE]
# From the lightest burden on the licensee to the heaviest.
_GRANT_BACK = [GrantBack.NONE, GrantBack.NON_EXCLUSIVE, GrantBack.EXCLUSIVE, GrantBack.ASSIGNMENT]

_PLAIN_LICENCES = frozenset({DealType.EXCLUSIVE_LICENCE, DealType.SOLE_LICENCE, DealType.NON_EXCLUSIVE_LICENCE})
# Kinds that give any licensee at least what a plain non-exclusive licence would.
_OPEN_LICENCES = frozenset({DealType.LICENCE_OF_RIGHT, DealType.ROYALTY_FREE_PLEDGE})


def compare(asked: LicenceTerms | None, accepted: LicenceTerms | None) -> list[TermDifference]:
    """One entry for each term that at least one side states, in the order of the form. Neither is changed."""
    asked, accepted = asked or LicenceTerms(), accepted or LicenceTerms()
    ours, theirs = asked.stated(), accepted.stated()
    found = []
    for field, judge in _JUDGES.items():
        mine, other = ours.get(field), theirs.get(field)
        if field == "exclusivity":  # what the kind of deal implies counts as stated
            mine, other = asked.granted_exclusivity, accepted.granted_exclusivity
        if mine is None and other is None:
            continue
        verdict = Verdict.UNKNOWN if mine is None or other is None else judge(asked, accepted)
        found.append(TermDifference(field, verdict, _plain(mine), _plain(other)))
    return found


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def _met(condition: bool) -> Verdict:
    return Verdict.MATCH if condition else Verdict.GAP


Judge = Callable[[LicenceTerms, LicenceTerms], Verdict]


def _deal_type(asked: LicenceTerms, accepted: LicenceTerms) -> Verdict:
    if asked.deal_type in _PLAIN_LICENCES and accepted.deal_type in _PLAIN_LICENCES:
        return _exclusivity(asked, accepted)
    if asked.deal_type in _OPEN_LICENCES and accepted.deal_type is DealType.NON_EXCLUSIVE_LICENCE:
        return Verdict.MATCH
    return _met(asked.deal_type is accepted.deal_type)


def _exclusivity(asked: LicenceTerms, accepted: LicenceTerms) -> Verdict:
    mine, other = asked.granted_exclusivity, accepted.granted_exclusivity
    if mine is None or other is None:
        return Verdict.UNKNOWN
    return _met(_EXCLUSIVITY.index(mine) >= _EXCLUSIVITY.index(other))


def _ranked(field: str, order: Sequence[Enum], *, wider_is_better: bool) -> Judge:
    def judge(asked: LicenceTerms, accepted: LicenceTerms) -> Verdict:
        mine, other = order.index(getattr(asked, field)), order.index(getattr(accepted, field))
        return _met(mine >= other if wider_is_better else mine <= other)

    return judge


def _same_text(field: str) -> Judge:
    """Two texts that differ may still agree: a person has to read them."""

    def judge(asked: LicenceTerms, accepted: LicenceTerms) -> Verdict:
        mine, other = (" ".join(getattr(terms, field).casefold().split()) for terms in (asked, accepted))
        return Verdict.MATCH if mine == other else Verdict.UNKNOWN

    return judge


def _ipc(asked: LicenceTerms, accepted: LicenceTerms) -> Verdict:
    """The field wanted lies within the field granted: each symbol has itself or a wider one among those granted."""
    granted = set(asked.ipc)
    return _met(all(granted.intersection(classes.ancestors(symbol)) for symbol in accepted.ipc))


def _within(field: str) -> Judge:
    def judge(asked: LicenceTerms, accepted: LicenceTerms) -> Verdict:
        return _met(set(getattr(accepted, field)) <= set(getattr(asked, field)))

    return judge


def _territories(asked: LicenceTerms, accepted: LicenceTerms) -> Verdict:
    return _met(accepted.countries <= asked.countries)


def _start(asked: LicenceTerms, accepted: LicenceTerms) -> Verdict:
    return _met(asked.start_on is not None and accepted.start_on is not None and asked.start_on <= accepted.start_on)


def _term(asked: LicenceTerms, accepted: LicenceTerms) -> Verdict:
    return _met((asked.term_years or 0) >= (accepted.term_years or 0))


def _equal(field: str) -> Judge:
    return lambda asked, accepted: _met(getattr(asked, field) == getattr(accepted, field))


def _at_most(field: str) -> Judge:
    """A sum asked is within the sum accepted. We convert no currencies: a rate of today is no agreement."""

    def judge(asked: LicenceTerms, accepted: LicenceTerms) -> Verdict:
        if asked.currency != accepted.currency:
            return Verdict.UNKNOWN
        return _met(getattr(asked, field) <= getattr(accepted, field))

    return judge


def _milestones(asked: LicenceTerms, accepted: LicenceTerms) -> Verdict:
    if asked.currency != accepted.currency:
        return Verdict.UNKNOWN
    return _met(sum(step.amount for step in asked.milestones) <= sum(step.amount for step in accepted.milestones))


def _percent(asked: LicenceTerms, accepted: LicenceTerms) -> Verdict:
    if asked.royalty_base is not accepted.royalty_base:
        return Verdict.UNKNOWN
    zero = Decimal(0)
    return _met((asked.running_royalty_percent or zero) <= (accepted.running_royalty_percent or zero))


def _per_unit(asked: LicenceTerms, accepted: LicenceTerms) -> Verdict:
    if asked.royalty_base is not accepted.royalty_base:
        return Verdict.UNKNOWN
    return _at_most("royalty_per_unit")(asked, accepted)


_JUDGES: dict[str, Judge] = {
    "deal_type": _deal_type,
    "exclusivity": _exclusivity,
    "field_of_use": _same_text("field_of_use"),
    "ipc": _ipc,
    "nice": _within("nice"),
    "territories": _territories,
    "start_on": _start,
    "term_years": _term,
    "until_last_expiry": _equal("until_last_expiry"),
    "upfront_fee": _at_most("upfront_fee"),
    "running_royalty_percent": _percent,
    "royalty_base": _equal("royalty_base"),
    "royalty_per_unit": _per_unit,
    "minimum_royalty": _at_most("minimum_royalty"),
    "annual_cap": _at_most("annual_cap"),
    "milestones": _milestones,
    "sublicensing": _ranked("sublicensing", _SUBLICENSING, wider_is_better=True),
    "grant_back": _ranked("grant_back", _GRANT_BACK, wider_is_better=False),
    "quality_control": _same_text("quality_control"),
    "improvements": _same_text("improvements"),
    "support": _within("support"),
    "governing_law": _equal("governing_law"),
}

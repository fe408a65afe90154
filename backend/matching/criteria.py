"""What counts beside the text: where, on which terms, how far developed, for whom. Each criterion is a MATCH, a GAP or
UNKNOWN, with a stated weight. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from backend.core.errors import DomainError
from backend.ip.terms import compare, read_terms
from backend.matching.profile import Profile
from backend.matching.reason import Reason, Verdict

WEIGHTS = {
    "territory": 0.35,
    "cross_border": 0.1,
    "deal_type": 0.3,
    "exclusivity": 0.25,
    "terms": 0.3,
    "stage": 0.25,
    "requirement": 0.5,
    "requirement_desirable": 0.2,
    "right_kind": 0.2,
    "sector": 0.15,
    "sdg": 0.1,
    "language": 0.05,
    "green": 0.1,
}
# Which deal types, and which exclusivity in the terms, meet what a need expects of the right.
GRANTS_EXCLUSIVITY = {
    "own": ({"assignment"}, set()),
    "exclusive": ({"assignment", "exclusive_licence", "sole_licence"}, {"exclusive", "sole"}),
    "non_exclusive": (
        {"non_exclusive_licence", "licence_of_right", "frand_licence", "pool_licence", "royalty_free_pledge"},
        {"non_exclusive"},
    ),
}


def fit_reasons(need: Profile, listing: Profile) -> list[Reason]:
    """Everything beside the text: where, on which terms, how far developed."""
    reasons: list[Reason] = []
    reasons += _territory(need, listing)
    if need.country and listing.country and need.country != listing.country:
        reasons.append(_reason("cross_border", Verdict.MATCH, need=need.country, listing=listing.country))
    reasons += _overlap("deal_type", need.deal_types, listing.deal_types)
    reasons += _exclusivity(need, listing)
    reasons += _stage(need, listing)
    reasons += _overlap("right_kind", need.right_kinds, listing.right_kinds)
    reasons += _overlap("sector", need.sectors, listing.sectors)
    reasons += _overlap("sdg", need.sdgs, listing.sdgs)
    if need.green:
        reasons.append(_reason("green", Verdict.MATCH if listing.green else Verdict.UNKNOWN))
    same = need.language == listing.language
    reasons.append(
        _reason("language", Verdict.MATCH if same else Verdict.UNKNOWN, need=need.language, listing=listing.language)
    )
    return reasons


def _territory(need: Profile, listing: Profile) -> list[Reason]:
    """One reason per state of use. Only a right in force is a MATCH: a pending one may be refused, an unchecked one may
    have lapsed, and no record is no proof; those are UNKNOWN. A state where the right is exclusively taken is a GAP."""
    reasons = []
    share = WEIGHTS["territory"] / max(1, len(need.states))
    for state in sorted(need.states)[:11]:
        if state in listing.taken:
            verdict, status = Verdict.GAP, "exclusively_taken"
        elif state in listing.in_force:
            verdict, status = Verdict.MATCH, "in_force"
        elif state in listing.pending:
            verdict, status = Verdict.UNKNOWN, "pending"
        elif state in listing.unchecked:
            verdict, status = Verdict.UNKNOWN, "not_checked"
        else:
            verdict, status = Verdict.UNKNOWN, "not_recorded"
        reasons.append(Reason("territory", verdict, share, {"state": state, "status": status}))
    return reasons


def _exclusivity(need: Profile, listing: Profile) -> list[Reason]:
    if not need.exclusivity:
        return []
    wanted = next(iter(need.exclusivity))
    deal_types, exclusivities = GRANTS_EXCLUSIVITY.get(wanted, (set(), set()))
    if not listing.deal_types and not listing.exclusivity:
        verdict = Verdict.UNKNOWN
    elif listing.deal_types & deal_types or listing.exclusivity & exclusivities:
        verdict = Verdict.MATCH
    else:
        verdict = Verdict.GAP
    offered = sorted(listing.exclusivity or listing.deal_types)
    return [_reason("exclusivity", verdict, need=wanted, listing=offered)]


def _stage(need: Profile, listing: Profile) -> list[Reason]:
    if need.trl is None:
        return []
    if listing.trl is None:
        return [_reason("stage", Verdict.UNKNOWN, need=need.trl)]
    verdict = Verdict.MATCH if listing.trl >= need.trl else Verdict.GAP
    return [_reason("stage", verdict, need=need.trl, listing=listing.trl)]


def _overlap(code: str, wanted: frozenset[Any], offered: frozenset[Any]) -> list[Reason]:
    """MATCH on anything in common, GAP on nothing in common, UNKNOWN where the listing is silent."""
    if not wanted:
        return []
    if not offered:
        return [_reason(code, Verdict.UNKNOWN, need=sorted(wanted))]
    common = wanted & offered
    verdict = Verdict.MATCH if common else Verdict.GAP
    return [_reason(code, verdict, need=sorted(wanted), listing=sorted(offered), common=sorted(common))]


def _reason(code: str, verdict: Verdict, **data: Any) -> Reason:
    return Reason(code, verdict, WEIGHTS[code], data)


def terms_reasons(need: Profile, listing: Profile) -> Iterable[Reason]:
    """One reason for all terms: a GAP when any differs, a MATCH when some agree and none differs."""
    if not need.licence_terms:
        return
    if not listing.licence_terms:
        yield Reason("terms", Verdict.UNKNOWN, WEIGHTS["terms"], {"cause": "not_posted"})
        return
    try:
        found = compare(read_terms(listing.licence_terms), read_terms(need.licence_terms))
    except DomainError:
        yield Reason("terms", Verdict.UNKNOWN, WEIGHTS["terms"], {"cause": "unreadable"})
        return
    verdicts = {difference.verdict.value for difference in found}
    verdict = Verdict.GAP if "GAP" in verdicts else Verdict.MATCH if "MATCH" in verdicts else Verdict.UNKNOWN
    fields: list[dict[str, Any]] = [
        {"field": term.field, "verdict": term.verdict.value, "asked": term.asked, "accepted": term.accepted}
        for term in found
    ]
    yield Reason("terms", verdict, WEIGHTS["terms"], {"fields": fields})

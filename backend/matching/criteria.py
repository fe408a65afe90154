"""What counts beside the text: where, on which terms, how far developed, for whom. Each criterion is a MATCH, a GAP or
UNKNOWN, with a stated weight. Pure.

A match must suit both, so the owner's wishes count as the seeker's do: the same function reads either side's, and all
effects are added, which is the same whichever side comes first. `wish_of` says whose wish a reason answers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from backend.core.errors import DomainError
from backend.ip.terms import LicenceTerms, compare, read_terms
from backend.ip.vocabularies import DealType
from backend.matching.profile import Profile
from backend.matching.reason import Reason, Verdict

WEIGHTS = {
    "territory": 0.35,
    "cross_border": 0.1,
    "deal_type": 0.3,
    "exclusivity": 0.25,
    "terms": 0.3,
    "budget": 0.3,
    "stage": 0.25,
    "requirement": 0.5,
    "requirement_desirable": 0.2,
    "right_kind": 0.2,
    "partner_kind": 0.2,
    "partner_country": 0.2,
    "sector": 0.15,
    "sdg": 0.1,
    "language": 0.1,
    "deadline": 0.1,
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
# Kinds of partner that differ in size alone.
BUSINESSES = frozenset({"msme_micro", "msme_small", "msme_medium", "large_company"})
STATES_SHOWN = 11


def fit_reasons(one: Profile, other: Profile) -> list[Reason]:
    """Everything beside the text, in whichever order the two sides are given."""
    need, listing = sides(one, other)
    reasons: list[Reason] = []
    reasons += _territory(need, listing)
    if need.country and listing.country and need.country != listing.country:
        reasons.append(_reason("cross_border", Verdict.MATCH, need=need.country, listing=listing.country))
    reasons += _deal_type(need, listing)
    reasons += _exclusivity(need, listing)
    reasons += _stage(need, listing)
    reasons += _overlap("right_kind", need.right_kinds, listing.right_kinds)
    reasons += [*wishes(need, listing), *wishes(listing, need)]
    reasons += _overlap("sector", need.sectors, listing.sectors)
    reasons += _overlap("sdg", need.sdgs, listing.sdgs)
    if need.green:
        reasons.append(_reason("green", Verdict.MATCH if listing.green else Verdict.UNKNOWN, wish_of="need"))
    reasons += _language(need, listing)
    reasons += _deadline(need, listing)
    return reasons


def sides(one: Profile, other: Profile) -> tuple[Profile, Profile]:
    """(need, listing)"""
    return (one, other) if one.side == "need" else (other, one)


def wishes(one: Profile, other: Profile) -> list[Reason]:
    """What one side wishes of its partner, held against what the partner is: the same questions to both."""
    return [*_partner_kind(one, other), *_partner_country(one, other)]


def _partner_kind(one: Profile, other: Profile) -> list[Reason]:
    if not one.partner_kinds:
        return []
    data: dict[str, Any] = {"wish_of": one.side, "wanted": sorted(one.partner_kinds), "is": other.kind}
    if other.kind is None:
        return [_reason("partner_kind", Verdict.UNKNOWN, **data)]
    if other.kind in one.partner_kinds:
        return [_reason("partner_kind", Verdict.MATCH, **data)]
    data["differs"] = "size" if other.kind in BUSINESSES and one.partner_kinds & BUSINESSES else "kind"
    return [_reason("partner_kind", Verdict.GAP, **data)]


def _partner_country(one: Profile, other: Profile) -> list[Reason]:
    """Each place counts its share, so that a partner who suits in one state of two is half a match and half a gap."""
    wanted, excluded, places = one.partner_countries, one.excluded_countries, other.places
    if not wanted and not excluded:
        return []
    if not places:
        return [_reason("partner_country", Verdict.UNKNOWN, wish_of=one.side)]
    unwelcome = (places & excluded) | (places - wanted if wanted else frozenset())
    welcome = places - unwelcome if wanted else frozenset()
    share = WEIGHTS["partner_country"] / len(places)
    return [
        Reason("partner_country", verdict, share * len(found), {"wish_of": one.side, "states": sorted(found)})
        for verdict, found in ((Verdict.MATCH, welcome), (Verdict.GAP, unwelcome))
        if found
    ]


def _territory(need: Profile, listing: Profile) -> list[Reason]:
    """One reason per state of use. Only a right in force is a MATCH: a pending one may be refused, an unchecked one may
    have lapsed, and no record is no proof; those are UNKNOWN. Where the right is exclusively taken, or was there and
    has ended, nothing can be licensed: a GAP."""
    reasons = []
    share = WEIGHTS["territory"] / max(1, len(need.states))
    for state in sorted(need.states)[:STATES_SHOWN]:
        if state in listing.taken:
            verdict, status = Verdict.GAP, "exclusively_taken"
        elif state in listing.in_force:
            verdict, status = Verdict.MATCH, "in_force"
        elif state in listing.ended:
            verdict, status = Verdict.GAP, "ended"
        elif state in listing.pending:
            verdict, status = Verdict.UNKNOWN, "pending"
        elif state in listing.unchecked:
            verdict, status = Verdict.UNKNOWN, "not_checked"
        else:
            verdict, status = Verdict.UNKNOWN, "not_recorded"
        reasons.append(Reason("territory", verdict, share, {"state": state, "status": status, "wish_of": "need"}))
    return reasons


def _deal_type(need: Profile, listing: Profile) -> list[Reason]:
    """Both may wish for a kind of deal; where only one does, the other has still to be asked."""
    if need.deal_types or not listing.deal_types:
        reasons = _overlap("deal_type", need.deal_types, listing.deal_types)
        both = bool(listing.deal_types)
        return [Reason(r.code, r.verdict, r.weight, {**r.data, "wish_of": "both" if both else "need"}) for r in reasons]
    return [_reason("deal_type", Verdict.UNKNOWN, listing=sorted(listing.deal_types), wish_of="listing")]


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
    return [_reason("exclusivity", verdict, need=wanted, listing=offered, wish_of="need")]


def _stage(need: Profile, listing: Profile) -> list[Reason]:
    if need.trl is None:
        return []
    if listing.trl is None:
        return [_reason("stage", Verdict.UNKNOWN, need=need.trl, wish_of="need")]
    verdict = Verdict.MATCH if listing.trl >= need.trl else Verdict.GAP
    return [_reason("stage", verdict, need=need.trl, listing=listing.trl, wish_of="need")]


def _language(need: Profile, listing: Profile) -> list[Reason]:
    """A language both can work in. That none is common is only said where both have stated theirs."""
    common = need.languages & listing.languages
    if need.language == listing.language:
        common |= {need.language}
    if common:
        verdict = Verdict.MATCH
    else:
        verdict = Verdict.GAP if need.languages and listing.languages else Verdict.UNKNOWN
    return [
        _reason(
            "language", verdict, need=need.language, listing=listing.language, common=sorted(common), wish_of="both"
        )
    ]


def _deadline(need: Profile, listing: Profile) -> list[Reason]:
    """What is on offer has to outlive the day until which the seeker takes answers, and so has the right itself."""
    if need.deadline is None:
        return []
    asked = {"need": need.deadline.isoformat(), "wish_of": "need"}
    for cause, day in (("right", listing.rights_until), ("offer", listing.open_until)):
        if day is not None and day < need.deadline:
            return [_reason("deadline", Verdict.GAP, listing=day.isoformat(), cause=cause, **asked)]
    if listing.open_until is None:
        return [_reason("deadline", Verdict.UNKNOWN, **asked)]
    return [_reason("deadline", Verdict.MATCH, listing=listing.open_until.isoformat(), **asked)]


def _overlap(code: str, wanted: frozenset[Any], offered: frozenset[Any]) -> list[Reason]:
    """MATCH on anything in common, GAP on nothing in common, UNKNOWN where the listing is silent."""
    if not wanted:
        return []
    if not offered:
        return [_reason(code, Verdict.UNKNOWN, need=sorted(wanted), wish_of="need")]
    common = wanted & offered
    verdict = Verdict.MATCH if common else Verdict.GAP
    found = {"need": sorted(wanted), "listing": sorted(offered), "common": sorted(common)}
    return [_reason(code, verdict, **found, wish_of="need")]


def _reason(code: str, verdict: Verdict, **data: Any) -> Reason:
    return Reason(code, verdict, WEIGHTS[code], data)


def terms_reasons(one: Profile, other: Profile) -> Iterable[Reason]:
    """What the posted terms say to the terms and the purse of the need: one reason each."""
    need, listing = sides(one, other)
    if not need.licence_terms and need.budget_max is None and need.budget_min is None:
        return
    posted: LicenceTerms | None = None
    cause = None if listing.licence_terms else "not_posted"
    try:
        posted = read_terms(listing.licence_terms) if listing.licence_terms else None
        accepted = read_terms(need.licence_terms) if need.licence_terms else None
    except DomainError:
        posted, accepted, cause = None, None, "unreadable"
    if need.licence_terms:
        yield _terms(posted, accepted, cause)
    if need.budget_max is not None or need.budget_min is not None:
        yield _budget(need, listing, posted, cause)


def _terms(posted: LicenceTerms | None, accepted: LicenceTerms | None, cause: str | None) -> Reason:
    """A GAP when any term differs, a MATCH when some agree and none differs."""
    if posted is None:
        return _reason("terms", Verdict.UNKNOWN, cause=cause, wish_of="both")
    found = compare(posted, accepted)
    verdicts = {difference.verdict.value for difference in found}
    verdict = Verdict.GAP if "GAP" in verdicts else Verdict.MATCH if "MATCH" in verdicts else Verdict.UNKNOWN
    fields: list[dict[str, Any]] = [
        {"field": term.field, "verdict": term.verdict.value, "asked": term.asked, "accepted": term.accepted}
        for term in found
    ]
    return _reason("terms", verdict, fields=fields, wish_of="both")


def _budget(need: Profile, listing: Profile, posted: LicenceTerms | None, cause: str | None) -> Reason:
    """What has to be paid in the first year whatever is sold, within what the seeker can spend? A rate of today is no
    agreement, so sums in two currencies are not compared."""
    top = need.budget_max if need.budget_max is not None else need.budget_min
    data: dict[str, Any] = {"need": top, "currency": need.currency, "wish_of": "need"}
    if posted is None and listing.deal_types == {DealType.ROYALTY_FREE_PLEDGE.value}:
        return _reason("budget", Verdict.MATCH, listing=0, **data)
    if posted is None:
        return _reason("budget", Verdict.UNKNOWN, cause=cause, **data)
    if posted.upfront_fee is None and posted.minimum_royalty is None:
        free = posted.deal_type is DealType.ROYALTY_FREE_PLEDGE
        return _reason("budget", Verdict.MATCH if free else Verdict.UNKNOWN, **data, **(
            {"listing": 0} if free else {"cause": "no_fixed_sum"}
        ))
    asked = (posted.upfront_fee or 0) + (posted.minimum_royalty or 0)
    data |= {"listing": asked, "listing_currency": posted.currency}
    if asked and posted.currency != need.currency:
        return _reason("budget", Verdict.UNKNOWN, cause="currency", **data)
    if asked <= (top or 0):
        return _reason("budget", Verdict.MATCH, **data)
    if need.budget_max is None:  # only "from" is known: more may be there
        return _reason("budget", Verdict.UNKNOWN, cause="no_upper_end", **data)
    return _reason("budget", Verdict.GAP, **data)

"""The quality gate for listings: the numbered rules that a machine can look at, as pure functions over one listing.

Blockers stop it from being submitted; what a machine only suspects is for the reviewer to decide. Rules on standards
and pools (Q16, Q17) belong to offers that do not exist yet; Q24 is kept by the verbs themselves.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from backend.i18n import _
from backend.ip.terms import LicenceTerms
from backend.ip.territories import expand
from backend.ip.vocabularies import IprStatus, RightKind, Stage, trl_range
from backend.listings.deal_words import mentions
from backend.listings.gate_rights import rights_findings
from backend.listings.models import Listing
from backend.listings.surroundings import VERBATIM, Copy, Surroundings
from backend.publication.quality import Finding, Severity, in_order
from backend.publication.wording import checks_of_text, identity_leaks

BLOCKER, MAJOR, MINOR, WARNING = Severity.BLOCKER, Severity.MAJOR, Severity.MINOR, Severity.WARNING

TEXTS = (
    "title", "summary", "problem", "description", "advantages", "economic_comparison", "applications", "partner_role",
)
# Kinds that stand for a technology, of which more is asked than of a name or a work.
TECHNOLOGY = frozenset(
    {RightKind.PATENT, RightKind.UTILITY_MODEL, RightKind.PLANT_VARIETY, RightKind.SOFTWARE, RightKind.KNOW_HOW,
     RightKind.GREEN_TECHNOLOGY}
)
# Kinds that are lost when the thing is made public before it is filed.
NEEDS_NOVELTY = frozenset(
    {RightKind.PATENT, RightKind.UTILITY_MODEL, RightKind.INDUSTRIAL_DESIGN, RightKind.PLANT_VARIETY,
     RightKind.GREEN_TECHNOLOGY}
)
TEASER_MAX = 1500
_ENABLING = re.compile(
    r"\d\s*(?:°\s?C|℃|wt\.?\s?%|mol\b|mmol\b|mg/|g/l\b|rpm\b|bar\b|kpa\b|mpa\b)|\b\d+\s?:\s?\d+\b"
    r"|\b(?:comprising|characteri[sz]ed in that|wherein|said (?:device|method)|claim \d)",
    re.IGNORECASE,
)


def findings(listing: Listing, around: Surroundings) -> list[Finding]:
    """All findings, the gravest first."""
    found: list[Finding] = []
    for rule in RULES:
        found += rule(listing)
    found += rights_findings(listing, around.today)
    found += repeats(around)
    return in_order(found)


def texts_of(listing: Listing) -> dict[str, str]:
    return {name: getattr(listing, name) or "" for name in TEXTS}


def is_technology(listing: Listing) -> bool:
    return listing.kind in TECHNOLOGY or (
        listing.kind == RightKind.BUNDLE and any(right.kind in TECHNOLOGY for right in listing.rights)
    )


def terms_of(listing: Listing) -> LicenceTerms | None:
    return LicenceTerms.model_validate(listing.terms) if listing.terms else None


def mandatory(listing: Listing) -> list[Finding]:
    """Q1: what each listing says, and what a technology says besides."""
    asked: list[tuple[str, Any]] = [
        ("title", _("Give it a title.")),
        ("summary", _("Sum it up: who offers what, what is its main advantage, which deal is wanted.")),
        ("description", _("Describe it so that a stranger to the field understands it.")),
        ("ipr_status", _("Say how it is protected.")),
        ("deal_types", _("Say which kind of deal you want.")),
        ("partner_role", _("Say what the partner should do and why.")),
        ("territories", _("Say in which countries you look for partners.")),
        ("sectors", _("Choose at least one growth sector.")),
    ]
    if is_technology(listing):
        asked += [
            ("problem", _("Say which problem it solves and how that is done today.")),
            ("advantages", _("Say what is better about it, with figures.")),
            ("stage", _("Say how far developed it is.")),
        ]
    found = [
        Finding("Q1", BLOCKER, field, "missing", _("This is still missing."), mend)
        for field, mend in asked
        if not getattr(listing, field)
    ]
    if not listing.sdgs:
        found.append(Finding("Q1", MINOR, "sdgs", "missing", _("No sustainable development goal is named."),
                             _("Choose those it serves; leave this out when none fits.")))
    if not listing.partner_kinds:
        found.append(Finding("Q1", MINOR, "partner_kinds", "missing", _("No kind of partner is named."),
                             _("Say whom you would work with.")))
    if listing.territories and set(listing.excluded_countries) & expand(listing.territories):
        found.append(Finding("Q1", MAJOR, "excluded_countries", "contradiction",
                             _("The same country is wanted and not wanted."), _("Take it out of one of the two.")))
    if not listing.nothing_confidential:
        found.append(Finding("Q1", BLOCKER, "nothing_confidential", "not_confirmed",
                             _("Please confirm that nothing here is confidential."),
                             _("Everything you write here can be read by anyone once it is published.")))
    return found


def keywords(listing: Listing) -> list[Finding]:
    """Q2: one to five of each, because that is what others search by."""
    found = []
    for field in ("technology_keywords", "market_keywords"):
        words = getattr(listing, field)
        if not 1 <= len(words) <= 5:
            found.append(Finding("Q2", BLOCKER, field, "one_to_five", _("One to five keywords are needed."),
                                 _("Use the words a partner would search for.")))
    return found


def deals(listing: Listing) -> list[Finding]:
    """Q3: one to three deals, named in the summary and explained where the partner is described."""
    found = []
    if len(listing.deal_types) > 3:
        found.append(Finding("Q3", MAJOR, "deal_types", "too_many", _("More than three kinds of deal look undecided."),
                             _("Keep the one to three you really want.")))
    if listing.summary and listing.deal_types and not any(mentions(listing.summary, d) for d in listing.deal_types):
        found.append(Finding("Q3", MAJOR, "summary", "deal_not_named", _("The summary does not seem to name the deal."),
                             _("Say in the summary that you offer a licence, look for a co-developer, and so on.")))
    if listing.partner_role and len(listing.partner_role) < 40:
        found.append(Finding("Q3", MAJOR, "partner_role", "thin", _("This hardly says what the partner should do."),
                             _("Say what you look for in a partner, why, and how you would work together.")))
    return found


def advantages(listing: Listing) -> list[Finding]:
    """Q4: an advantage is a figure beside what it is compared with. Digits of every script count."""
    if not listing.advantages or not is_technology(listing) or re.search(r"\d", listing.advantages):
        return []
    return [Finding("Q4", MAJOR, "advantages", "no_figure", _("The advantages have no figure."),
                    _("Say by how much it is better than what is used today; an estimate is fine if you call it one."))]


def wording(listing: Listing) -> list[Finding]:
    """Q1, Q4, Q14, Q15 and Q23 on the words themselves."""
    return checks_of_text(texts_of(listing))


def anonymity(listing: Listing) -> list[Finding]:
    """Q5: nothing in an anonymous listing tells who its owner is."""
    if not listing.anonymous:
        return []
    texts = texts_of(listing)
    texts["technology_keywords"] = ", ".join(listing.technology_keywords)
    texts["market_keywords"] = ", ".join(listing.market_keywords)
    owner = listing.organisation
    numbers: list[str | None] = []
    names: list[str | None] = [owner.name, owner.local_name, listing.created_by.name if listing.created_by else None]
    for right in listing.rights:
        numbers += [right.application_number, right.publication_number, right.registration_number]
        names += right.owners
    return identity_leaks(texts, names, numbers)


def unfiled(listing: Listing) -> list[Finding]:
    """Q11 and Q12: publishing an invention before it is filed can destroy the right to it."""
    if listing.ipr_status != IprStatus.NONE_APPLIED or listing.kind not in NEEDS_NOVELTY:
        return []
    found = []
    if not listing.novelty_acknowledged:
        found.append(Finding("Q11", BLOCKER, "novelty_acknowledged", "novelty_at_risk",
                             _("Nothing has been filed yet: publishing it here can cost you the right to a patent."),
                             _("File first, or confirm that you know this and only write what may be public.")))
    if len(listing.description) > TEASER_MAX:
        found.append(Finding("Q11", BLOCKER, "description", "more_than_a_teaser",
                             _("Before filing, the description may only be a teaser of up to 1,500 characters."),
                             _("Say what it achieves, not how it works.")))
    for field in ("description", "summary", "advantages"):
        if _ENABLING.search(getattr(listing, field)):
            found.append(Finding("Q12", WARNING, field, "looks_enabling",
                                 _("This may tell others how to make it, and nothing has been filed yet."),
                                 _("Leave out proportions, temperatures and the wording of claims.")))
    return found


def green(listing: Listing) -> list[Finding]:
    """Q19: a green claim names what is measured, against what, and how that is known."""
    if not (listing.green or listing.kind == RightKind.GREEN_TECHNOLOGY):
        return []
    if not listing.environmental_benefits:
        return [Finding("Q19", MAJOR, "environmental_benefits", "green_without_benefit",
                        _("It is called green, but no benefit to the environment is stated."),
                        _("Choose the benefit and say what was measured, against what."))]
    found = []
    for number, claim in enumerate(listing.environmental_benefits):
        lacking = [name for name in ("metric", "baseline", "evidence") if not claim.get(name)]
        if lacking:
            found.append(Finding("Q19", MAJOR, f"environmental_benefits.{number}.{lacking[0]}", "unsubstantiated",
                                 _("This benefit is not substantiated yet and is shown that way."),
                                 _("State the figure, what it is compared with, and how it is known.")))
    return found


def agreement(listing: Listing) -> list[Finding]:
    """Fields that contradict each other: a reader would not know which to believe."""
    found = []
    if listing.stage and listing.trl:
        low, high = trl_range(Stage(listing.stage))
        if not low - 1 <= listing.trl <= high + 1:
            found.append(Finding("Q1", MAJOR, "trl", "stage_disagrees",
                                 _("The readiness level does not go with the stage."), _("Correct one of the two.")))
    terms = terms_of(listing)
    if terms and terms.deal_type and listing.deal_types and terms.deal_type.value not in listing.deal_types:
        found.append(Finding("Q1", MAJOR, "terms.deal_type", "deal_disagrees",
                             _("The terms are for a deal that is not among those you want."),
                             _("Add it to the deals wanted, or change the terms.")))
    return found


def repeats(around: Surroundings) -> list[Finding]:
    """Q13: the same thing listed twice."""
    found = [_copied(copy) for copy in around.copies[:1]]
    if around.twins and not around.copies:
        found.append(Finding("Q13", MAJOR, "title", "near_duplicate",
                             _("This says nearly the same as %(reference)s.", reference=around.twins[0]),
                             _("Change the other one, or say what is different about this one.")))
    if around.same_right_own:
        found.append(Finding("Q13", MAJOR, "rights", "right_listed_already",
                             _("You list the same right in %(reference)s.", reference=around.same_right_own[0]),
                             _("One listing can offer several deals; you may not need two.")))
    if around.same_right_others:
        found.append(Finding("Q13", MAJOR, "rights", "right_listed_elsewhere",
                             _("Another organisation lists the same right in %(reference)s.",
                               reference=around.same_right_others[0]),
                             _("Please check the number. The reviewer will ask who may offer it.")))
    return found


def _copied(copy: Copy) -> Finding:
    """The owner's own is information: members of one family are described alike. Another's is for the reviewer, who
    alone knows who wrote it first; word for word, it does not pass unseen."""
    percent = round(100 * max(copy.share, copy.share_back))
    if copy.own:
        return Finding("Q13", MINOR, "description", "own_text_again",
                       _("Your listing %(reference)s has %(percent)s%% of the same text.", reference=copy.reference,
                         percent=percent),
                       _("Rights of one family go well into one listing; if you keep two, say how they differ."))
    verbatim = max(copy.share, copy.share_back) >= VERBATIM
    return Finding("Q13", BLOCKER if verbatim else MAJOR, "description", "copied_text",
                   _("%(percent)s%% of the text is the same as in %(reference)s, a listing of another organisation.",
                     reference=copy.reference, percent=percent),
                   _("Describe it in your own words. A reviewer asks who wrote it first."), verbatim)


RULES: tuple[Callable[[Listing], Iterable[Finding]], ...] = (
    mandatory, keywords, deals, advantages, wording, anonymity, unfiled, green, agreement,
)

"""The gate's rules on the rights themselves: numbers, owners, what already lies on them, use of marks."""

from collections.abc import Iterator
from datetime import date

from backend.i18n import _
from backend.ip.numbers import NumberForm, number_form
from backend.ip.terms import LicenceTerms
from backend.ip.territories import expand, latest_expiry
from backend.ip.vocabularies import DealType, IprStatus, ListerRole, RightKind, RightStatus
from backend.listings.models import IpRight, Listing
from backend.publication.quality import Finding, Severity
from backend.publication.wording import contains, similarity

BLOCKER, MAJOR, MINOR, WARNING = Severity.BLOCKER, Severity.MAJOR, Severity.MINOR, Severity.WARNING

# Deals that a co-owner or an earlier licensee could stand in the way of.
TAKES_ALL = frozenset({DealType.EXCLUSIVE_LICENCE, DealType.SOLE_LICENCE, DealType.ASSIGNMENT})
OPEN_TO_ALL = frozenset({DealType.LICENCE_OF_RIGHT, DealType.FRAND_LICENCE, DealType.ROYALTY_FREE_PLEDGE})
LICENCES = TAKES_ALL | OPEN_TO_ALL | {DealType.NON_EXCLUSIVE_LICENCE, DealType.CROSS_LICENCE, DealType.FRANCHISE}
QUALITY_WORDS = (
    "quality", "standard", "kualitas", "kualiti", "mutu", "chất lượng", "คุณภาพ", "kalidad", "ຄຸນນະພາບ", "គុណភាព",
    "အရည်အသွေး", "தரம்", "质量", "品质", "qualidade", "kualidade",
)
SAME_NAME = 0.5


def rights_findings(listing: Listing, today: date) -> list[Finding]:
    return [
        *granted_needs_a_right(listing),
        *number_forms(listing),
        *right_dates(listing, today),
        *ownership(listing),
        *conflicts(listing, today),
        *trade_marks(listing),
    ]


def granted_needs_a_right(listing: Listing) -> Iterator[Finding]:
    """Q6: who says "granted" shows the number and the office."""
    numbered = [right for right in listing.rights if right.registration_number or right.publication_number]
    if listing.ipr_status == IprStatus.GRANTED and not numbered:
        yield Finding("Q6", BLOCKER, "rights", "granted_without_number",
                      _("A granted right needs its office and number."), _("Add the right below with its number."))
    if listing.ipr_status == IprStatus.APPLIED and not listing.rights:
        yield Finding("Q6", MAJOR, "rights", "applied_without_number", _("The application is not named."),
                      _("Add it with its office and application number, once you have it."))


def number_forms(listing: Listing) -> Iterator[Finding]:
    """Q7: a number that its office does not write that way. Our patterns may be too narrow, so a person decides."""
    for row, right in enumerate(listing.rights):
        for which in ("application", "publication", "registration"):
            number = getattr(right, f"{which}_number")
            if number and number_form(right.office, _kind(right), number, which) is NumberForm.MALFORMED:
                yield Finding("Q7", BLOCKER, f"rights.{row}.{which}_number", "number_malformed",
                              _("This is not how the office writes such numbers."),
                              _("Compare it with the certificate. If it is right, the reviewer can accept it."), True)


def right_dates(listing: Listing, today: date) -> Iterator[Finding]:
    """Q7: a right that has ended is not in force, and none lasts longer than the law allows."""
    for row, right in enumerate(listing.rights):
        if right.status == RightStatus.GRANTED and right.expires_on and right.expires_on < today:
            yield Finding("Q7", BLOCKER, f"rights.{row}.expires_on", "ended",
                          _("By this date the right has ended, but it is given as in force."),
                          _("Correct the date or the status."))
        if right.expires_on and right.application_date:
            latest, _rule = latest_expiry(_kind(right), right.office, right.application_date)
            if latest and right.expires_on > latest:
                yield Finding("Q7", MINOR, f"rights.{row}.expires_on", "beyond_longest_term",
                              _("That is later than such a right usually lasts."), _("Please check the date."))


def ownership(listing: Listing) -> Iterator[Finding]:
    """Q8 and Q9: the one who offers is the recorded owner or shows a power of attorney, and co-owners agree."""
    own_names = [name for name in (listing.organisation.name, listing.organisation.local_name) if name]
    for row, right in enumerate(listing.rights):
        if not right.owners:
            continue
        known = any(similarity(own, owner) >= SAME_NAME for own in own_names for owner in right.owners)
        if not known and listing.lister_role == ListerRole.OWNER:
            yield Finding("Q8", BLOCKER, f"rights.{row}.owners", "not_the_recorded_owner",
                          _("Your organisation is not among the owners of this right."),
                          _("Correct the names, or say that you act for the owner. The reviewer may accept it when "
                            "the name is only written differently."), True)
        if len(right.owners) > 1 and (TAKES_ALL | OPEN_TO_ALL) & set(listing.deal_types):
            yield Finding("Q9", BLOCKER, f"rights.{row}.owners", "co_owners",
                          _("This deal needs the consent of every co-owner."),
                          _("Have their consent at hand. The reviewer will ask for it."), True)


def conflicts(listing: Listing, today: date) -> Iterator[Finding]:
    """Q10: what was licensed exclusively for a field and country cannot be licensed there again."""
    if not LICENCES & set(listing.deal_types):
        return
    terms = LicenceTerms.model_validate(listing.terms) if listing.terms else None
    field = (terms.field_of_use or "").casefold() if terms else ""
    wanted = (terms.countries if terms else frozenset()) or expand(listing.territories)
    for row, right in enumerate(listing.rights):
        for number, burden in enumerate(right.encumbrances):
            until = burden.get("until")
            if burden.get("kind") != "exclusive_licence" or (until and date.fromisoformat(str(until)) < today):
                continue
            taken = expand(burden.get("territories") or [])
            other_field = (burden.get("field") or "").casefold()
            if (not taken or not wanted or taken & wanted) and _fields_meet(field, other_field):
                yield Finding("Q10", BLOCKER, f"rights.{row}.encumbrances.{number}.territories", "taken",
                              _("An exclusive licence already covers this field and country."),
                              _("Leave those countries or that field out of what you offer."))


def trade_marks(listing: Listing) -> Iterator[Finding]:
    """Q18: a mark is offered for classes, is used, and is licensed with control of quality, or it may be lost."""
    marks = [(row, right) for row, right in enumerate(listing.rights) if right.kind == RightKind.TRADE_MARK]
    for row, right in marks:
        if not right.nice:
            yield Finding("Q18", MAJOR, f"rights.{row}.nice", "no_classes", _("The Nice classes are missing."),
                          _("They stand on the certificate, for example 30 for coffee."))
        if not right.goods_services:
            yield Finding("Q18", MAJOR, f"rights.{row}.goods_services", "no_goods",
                          _("The goods or services are missing."), _("Copy them from the register."))
        if not right.last_use_on:
            yield Finding("Q18", MAJOR, f"rights.{row}.last_use_on", "no_use", _("Use of the mark is not stated."),
                          _("Say when it was last used; an unused mark can be cancelled."))
    if (marks or listing.kind == RightKind.TRADE_MARK) and set(listing.deal_types) - {DealType.ASSIGNMENT}:
        control = bool(listing.terms and listing.terms.get("quality_control"))
        said = any(contains(text, QUALITY_WORDS) for text in (listing.partner_role, listing.description))
        if not control and not said:
            yield Finding("Q18", MAJOR, "terms.quality_control", "naked_licence",
                          _("A mark licensed without control of quality can be lost."),
                          _("Say how you will check the quality of what is sold under the mark."))


def _fields_meet(one: str, other: str) -> bool:
    """Without a stated field a licence covers all of them."""
    return not one or not other or one in other or other in one or similarity(one, other) > 0.4


def _kind(right: IpRight) -> RightKind:
    return RightKind(right.kind)

"""The closed lists of the field, each code beside its plain English label (a message id for translation).

Codes are stored and sent over the API and therefore never change; labels may. Deals, stages and parties have a file of
their own, and every list can be imported from here.
"""

from enum import Enum

from backend.core.marking import N_
from backend.ip.deals import (
    EEN_PARTNERSHIP,
    EXCLUSIVITY_OF_DEAL,
    DealType,
    Exclusivity,
    GrantBack,
    RoyaltyBase,
    Sublicensing,
    Support,
)
from backend.ip.parties import ListerRole, OrganisationKind, VerificationLevel
from backend.ip.stages import TRL, Stage, stage_of_trl, trl_range
from backend.ip.vocabulary import Vocabulary

__all__ = [
    "EEN_PARTNERSHIP",
    "EXCLUSIVITY_OF_DEAL",
    "SDG",
    "TRL",
    "VOCABULARIES",
    "DealType",
    "EnvironmentalBenefit",
    "EvidenceKind",
    "Exclusivity",
    "GrantBack",
    "Importance",
    "IpExpectation",
    "IprStatus",
    "ListerRole",
    "NeedKind",
    "Operator",
    "OrganisationKind",
    "RightKind",
    "RightStatus",
    "RoyaltyBase",
    "Sector",
    "Stage",
    "Sublicensing",
    "Support",
    "TermsVisibility",
    "VerificationLevel",
    "Vocabulary",
    "choices",
    "label",
    "stage_of_trl",
    "trl_range",
]


class RightKind(Vocabulary):
    PATENT = "patent", N_("Patent")
    UTILITY_MODEL = "utility_model", N_("Utility model or petty patent")
    INDUSTRIAL_DESIGN = "industrial_design", N_("Industrial design")
    TRADE_MARK = "trade_mark", N_("Trade mark")
    GEOGRAPHICAL_INDICATION = "geographical_indication", N_("Geographical indication")
    PLANT_VARIETY = "plant_variety", N_("Plant variety")
    COPYRIGHT_WORK = "copyright_work", N_("Copyright work")
    SOFTWARE = "software", N_("Software")
    KNOW_HOW = "know_how", N_("Know-how")
    GREEN_TECHNOLOGY = "green_technology", N_("Green technology licence")
    BUNDLE = "bundle", N_("Bundle of several rights")


class RightStatus(Vocabulary):
    PENDING = "pending", N_("Applied for, not yet granted")
    GRANTED = "granted", N_("In force")
    LAPSED = "lapsed", N_("Lapsed")
    EXPIRED = "expired", N_("Expired")
    WITHDRAWN = "withdrawn", N_("Withdrawn")
    REFUSED = "refused", N_("Refused")
    OPPOSED = "opposed", N_("Opposed")
    REVOKED = "revoked", N_("Revoked")
    NOT_CHECKED = "not_checked", N_("Not checked")


class IprStatus(Vocabulary):
    NONE_APPLIED = "none_applied", N_("No right applied for")
    SECRET_KNOW_HOW = "secret_know_how", N_("Secret know-how")
    APPLIED = "applied", N_("Applied for, not yet granted")
    GRANTED = "granted", N_("Granted")
    LAPSED = "lapsed", N_("No longer in force")


class Sector(Vocabulary):
    DIGITAL = "digital", N_("Digital economy")
    GREEN = "green", N_("Green economy")
    BLUE = "blue", N_("Blue economy")
    CREATIVE = "creative", N_("Creative economy")
    STI = "sti", N_("Science, technology and innovation")


class NeedKind(Vocabulary):
    TECHNOLOGY_REQUEST = "technology_request", N_("Technology wanted")
    LICENCE_REQUEST = "licence_request", N_("Licence wanted")
    CHALLENGE = "challenge", N_("Challenge with an award")
    RD_CONSORTIUM = "rd_consortium", N_("Research partners wanted")
    BRAND_CONTENT = "brand_content", N_("Brand or content wanted")


class IpExpectation(Vocabulary):
    OWN = "own", N_("We want to own the right")
    EXCLUSIVE = "exclusive", N_("We want an exclusive licence")
    NON_EXCLUSIVE = "non_exclusive", N_("A non-exclusive licence is enough")
    NO_PREFERENCE = "no_preference", N_("No preference")


class TermsVisibility(Vocabulary):
    PUBLIC = "public", N_("Shown to everyone")
    REGISTERED = "registered", N_("Shown to registered users")
    ON_REQUEST = "on_request", N_("Given on request")


class Importance(Vocabulary):
    MUST = "must", N_("Must have")
    DESIRABLE = "desirable", N_("Good to have")


class Operator(Vocabulary):
    AT_LEAST = "at_least", N_("At least")
    AT_MOST = "at_most", N_("At most")
    EQUALS = "equals", N_("Exactly")
    BETWEEN = "between", N_("Between")
    INCLUDES = "includes", N_("Includes")
    FREE_TEXT = "free_text", N_("In words")


class EnvironmentalBenefit(Vocabulary):
    GREENHOUSE_GASES = "greenhouse_gases", N_("Fewer greenhouse gases")
    ENERGY_SAVING = "energy_saving", N_("Saves energy")
    RENEWABLE_ENERGY = "renewable_energy", N_("Renewable energy")
    WATER_SAVING = "water_saving", N_("Saves water")
    WATER_QUALITY = "water_quality", N_("Cleaner water")
    AIR_QUALITY = "air_quality", N_("Cleaner air")
    WASTE_REDUCTION = "waste_reduction", N_("Less waste")
    BIODIVERSITY = "biodiversity", N_("Protects plants and animals")
    SOIL = "soil", N_("Healthier soil")
    MATERIALS_SAVING = "materials_saving", N_("Saves raw materials")
    RESILIENCE = "resilience", N_("Copes better with climate change")
    NOISE = "noise", N_("Less noise")


class EvidenceKind(Vocabulary):
    MEASURED_BY_OWNER = "measured_by_owner", N_("Measured by the owner")
    INDEPENDENT_TEST = "independent_test", N_("Measured by an independent laboratory")
    CERTIFIED = "certified", N_("Certified")
    PUBLISHED = "published", N_("Published in a journal or report")
    ESTIMATED = "estimated", N_("Estimated, not measured")


SDG: dict[int, str] = {
    1: N_("End poverty"),
    2: N_("No one goes hungry"),
    3: N_("Good health"),
    4: N_("Good education"),
    5: N_("Equality of women and men"),
    6: N_("Safe water and toilets"),
    7: N_("Clean, affordable energy"),
    8: N_("Decent jobs and growth"),
    9: N_("Industry and innovation"),
    10: N_("Less inequality"),
    11: N_("Liveable cities"),
    12: N_("Careful use and production"),
    13: N_("Action on climate"),
    14: N_("Healthy seas"),
    15: N_("Healthy land and forests"),
    16: N_("Peace and fair institutions"),
    17: N_("Working together"),
}

VOCABULARIES: dict[str, type[Enum]] = {
    "right_kind": RightKind,
    "right_status": RightStatus,
    "deal_type": DealType,
    "exclusivity": Exclusivity,
    "stage": Stage,
    "ipr_status": IprStatus,
    "sector": Sector,
    "organisation_kind": OrganisationKind,
    "need_kind": NeedKind,
    "ip_expectation": IpExpectation,
    "terms_visibility": TermsVisibility,
    "importance": Importance,
    "operator": Operator,
    "environmental_benefit": EnvironmentalBenefit,
    "verification_level": VerificationLevel,
    "lister_role": ListerRole,
    "evidence_kind": EvidenceKind,
    "royalty_base": RoyaltyBase,
    "sublicensing": Sublicensing,
    "grant_back": GrantBack,
    "support": Support,
}


def choices(name: str) -> list[tuple[str, str]]:
    """(code, label) of a vocabulary in its own order, for a form; also "sdg" and "trl"."""
    numbered = {"sdg": SDG, "trl": TRL}.get(name)
    if numbered is not None:
        return [(str(number), text) for number, text in numbered.items()]
    return [(str(member.value), label(member)) for member in VOCABULARIES[name]]


def label(value: Enum | str | int, vocabulary: str | None = None) -> str:
    """The message id of a member or a code. Two vocabularies may share a code ("granted"): then name which one.

    An unknown code answers itself, so that a page never fails for an old row.
    """
    if isinstance(value, Vocabulary | VerificationLevel):
        return value.label
    if vocabulary in ("sdg", "trl"):
        numbered = SDG if vocabulary == "sdg" else TRL
        return numbered.get(int(value), str(value)) if str(value).isdecimal() else str(value)  # type: ignore[arg-type]
    if vocabulary is None:
        names = [name for name in VOCABULARIES if name != "verification_level"]
    else:
        names = [vocabulary]
    for name in names:
        for member in VOCABULARIES[name]:
            if str(member.value) == str(value) or getattr(member, "code", None) == value:
                return label(member)
    return str(value)

"""The closed lists of the field, each code beside its plain English label (a message id for translation).

Codes are stored and sent over the API and therefore never change; labels may.
"""

from enum import Enum, IntEnum, StrEnum

from backend.core.marking import N_


class Vocabulary(StrEnum):
    """A code that is a string and carries its label."""

    label: str

    def __new__(cls, code: str, label: str = "") -> "Vocabulary":
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member


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


class Exclusivity(Vocabulary):
    EXCLUSIVE = "exclusive", N_("Exclusive: one licensee only")
    SOLE = "sole", N_("Sole: one licensee and the owner")
    NON_EXCLUSIVE = "non_exclusive", N_("Non-exclusive: several licensees")


class DealType(Vocabulary):
    ASSIGNMENT = "assignment", N_("Outright sale")
    EXCLUSIVE_LICENCE = "exclusive_licence", N_("Exclusive licence")
    SOLE_LICENCE = "sole_licence", N_("Sole licence")
    NON_EXCLUSIVE_LICENCE = "non_exclusive_licence", N_("Non-exclusive licence")
    OPTION = "option", N_("Option to take a licence")
    CROSS_LICENCE = "cross_licence", N_("Cross-licence")
    LICENCE_OF_RIGHT = "licence_of_right", N_("Open licence to anyone who asks")
    FRAND_LICENCE = "frand_licence", N_("FRAND licence for a standard")
    POOL_LICENCE = "pool_licence", N_("Patent pool licence")
    ROYALTY_FREE_PLEDGE = "royalty_free_pledge", N_("Royalty-free pledge")
    FRANCHISE = "franchise", N_("Franchise")
    MERCHANDISING = "merchandising", N_("Merchandising")
    JOINT_VENTURE = "joint_venture", N_("Joint venture")
    INVESTMENT = "investment", N_("Investment")
    RD_COOPERATION = "rd_cooperation", N_("Joint research and development")
    CONTRACT_RESEARCH = "contract_research", N_("Contract research")
    TECHNICAL_COOPERATION = "technical_cooperation", N_("Commercial deal with technical assistance")
    MANUFACTURING = "manufacturing", N_("Manufacturing")
    SUPPLY = "supply", N_("Supply")
    DISTRIBUTION = "distribution", N_("Distribution")
    MATERIAL_TRANSFER = "material_transfer", N_("Material transfer")
    EVALUATION_LICENCE = "evaluation_licence", N_("Licence to test and evaluate")


class Stage(Vocabulary):
    CONCEPT = "concept", N_("Concept")
    UNDER_DEVELOPMENT = "under_development", N_("Under development")
    LAB_TESTED = "lab_tested", N_("Tested in the laboratory")
    DEMONSTRATION = "demonstration", N_("Ready to demonstrate")
    ON_MARKET = "on_market", N_("Already on the market")


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


class OrganisationKind(Vocabulary):
    MSME_MICRO = "msme_micro", N_("Micro business (up to 10 people)")
    MSME_SMALL = "msme_small", N_("Small business (11 to 49 people)")
    MSME_MEDIUM = "msme_medium", N_("Medium business (50 to 249 people)")
    LARGE_COMPANY = "large_company", N_("Large company (250 people or more)")
    UNIVERSITY = "university", N_("University")
    RESEARCH_INSTITUTE = "research_institute", N_("Research institute")
    TTO = "tto", N_("Technology transfer office")
    PUBLIC_AGENCY = "public_agency", N_("Public agency")
    INDIVIDUAL_INVENTOR = "individual_inventor", N_("Individual inventor or creator")
    INVESTOR = "investor", N_("Investor")
    BROKER = "broker", N_("Broker")
    STANDARDS_BODY = "standards_body", N_("Standards body")
    POOL_ADMINISTRATOR = "pool_administrator", N_("Patent pool administrator")


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


class ListerRole(Vocabulary):
    OWNER = "owner", N_("We own the right")
    AUTHORISED_AGENT = "authorised_agent", N_("We act for the owner with a power of attorney")
    TTO_FOR_OWNER = "tto_for_owner", N_("We are the owner's technology transfer office")


class EvidenceKind(Vocabulary):
    MEASURED_BY_OWNER = "measured_by_owner", N_("Measured by the owner")
    INDEPENDENT_TEST = "independent_test", N_("Measured by an independent laboratory")
    CERTIFIED = "certified", N_("Certified")
    PUBLISHED = "published", N_("Published in a journal or report")
    ESTIMATED = "estimated", N_("Estimated, not measured")


class RoyaltyBase(Vocabulary):
    NET_SALES = "net_sales", N_("Net sales")
    GROSS_SALES = "gross_sales", N_("Gross sales")
    UNIT = "unit", N_("Each unit sold")
    SUBSCRIBER = "subscriber", N_("Each subscriber")


class Sublicensing(Vocabulary):
    NONE = "none", N_("Not allowed")
    WITH_CONSENT = "with_consent", N_("With the owner's consent")
    FREE = "free", N_("Free")


class GrantBack(Vocabulary):
    NONE = "none", N_("The licensee keeps its improvements")
    NON_EXCLUSIVE = "non_exclusive", N_("The owner may use improvements too")
    EXCLUSIVE = "exclusive", N_("Only the owner may use improvements")
    ASSIGNMENT = "assignment", N_("Improvements pass to the owner")


class Support(Vocabulary):
    TRAINING = "training", N_("Training")
    DRAWINGS = "drawings", N_("Drawings and documents")
    MATERIALS = "materials", N_("Materials and samples")
    EQUIPMENT = "equipment", N_("Equipment")


class VerificationLevel(IntEnum):
    """How an organisation's or right's claim was checked. Ordered: a higher level rests on stronger evidence."""

    code: str
    label: str

    def __new__(cls, level: int, code: str, label: str) -> "VerificationLevel":
        member = int.__new__(cls, level)
        member._value_ = level
        member.code = code
        member.label = label
        return member

    V0 = 0, "declared", N_("Declared only")
    V1 = 1, "document", N_("Document shown")
    V2 = 2, "register_match", N_("Matches the official register")
    V3 = 3, "registry_and_domain", N_("Register and web domain match")
    V4 = 4, "office_confirmed", N_("Confirmed by the office")


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

TRL: dict[int, str] = {
    1: N_("The basic principle has been observed."),
    2: N_("The idea of a use has been written down."),
    3: N_("A first experiment shows that the idea can work."),
    4: N_("The parts work together in the laboratory."),
    5: N_("It was tested in conditions close to real use."),
    6: N_("A prototype was shown in conditions close to real use."),
    7: N_("A prototype works where it will really be used."),
    8: N_("The finished product has been tested and approved."),
    9: N_("It is in everyday use."),
}

_STAGE_TRLS: dict[Stage, tuple[int, int]] = {
    Stage.CONCEPT: (1, 2),
    Stage.UNDER_DEVELOPMENT: (3, 3),
    Stage.LAB_TESTED: (4, 5),
    Stage.DEMONSTRATION: (6, 8),
    Stage.ON_MARKET: (9, 9),
}

# A deal that grants nothing exclusive or otherwise (investment, supply, option ...) has no entry.
EXCLUSIVITY_OF_DEAL: dict[DealType, Exclusivity] = {
    DealType.EXCLUSIVE_LICENCE: Exclusivity.EXCLUSIVE,
    DealType.SOLE_LICENCE: Exclusivity.SOLE,
    DealType.NON_EXCLUSIVE_LICENCE: Exclusivity.NON_EXCLUSIVE,
    DealType.LICENCE_OF_RIGHT: Exclusivity.NON_EXCLUSIVE,
    DealType.FRAND_LICENCE: Exclusivity.NON_EXCLUSIVE,
    DealType.POOL_LICENCE: Exclusivity.NON_EXCLUSIVE,
    DealType.ROYALTY_FREE_PLEDGE: Exclusivity.NON_EXCLUSIVE,
    DealType.EVALUATION_LICENCE: Exclusivity.NON_EXCLUSIVE,
}

# The Enterprise Europe Network knows six kinds of partnership; ours map on them for exchange of profiles.
EEN_PARTNERSHIP: dict[DealType, str] = {
    **dict.fromkeys(DealType, "commercial_with_technical_assistance"),
    DealType.JOINT_VENTURE: "investment",
    DealType.INVESTMENT: "investment",
    DealType.RD_COOPERATION: "research_and_development",
    DealType.CONTRACT_RESEARCH: "research_and_development",
    DealType.MATERIAL_TRANSFER: "research_and_development",
    DealType.EVALUATION_LICENCE: "research_and_development",
    DealType.MANUFACTURING: "outsourcing",
    DealType.SUPPLY: "supplier",
    DealType.DISTRIBUTION: "commercial",
    DealType.FRANCHISE: "commercial",
    DealType.MERCHANDISING: "commercial",
}


def stage_of_trl(trl: int) -> Stage:
    """The stage a technology readiness level (1-9) falls in; ValueError outside."""
    for stage, (low, high) in _STAGE_TRLS.items():
        if low <= trl <= high:
            return stage
    raise ValueError(f"no technology readiness level {trl}")


def trl_range(stage: Stage) -> tuple[int, int]:
    """Lowest and highest readiness level of a stage, both included."""
    return _STAGE_TRLS[stage]


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

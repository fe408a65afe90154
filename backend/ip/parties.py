"""Who takes part: kinds of organisations, in which role they list a right, and how their claim was checked."""

from enum import IntEnum

from backend.core.marking import N_
from backend.ip.vocabulary import Vocabulary


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


class ListerRole(Vocabulary):
    OWNER = "owner", N_("We own the right")
    AUTHORISED_AGENT = "authorised_agent", N_("We act for the owner with a power of attorney")
    TTO_FOR_OWNER = "tto_for_owner", N_("We are the owner's technology transfer office")


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

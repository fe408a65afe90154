"""What two parties can agree on: the kinds of deal, how exclusive each is, and the closed choices in its terms."""

from backend.core.marking import N_
from backend.ip.vocabulary import Vocabulary


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

"""States and offices: the member states of ASEAN, the ST.3 code list, and how long a right can last at most.

How long it really lasts needs the register (annuities, lapse); what is computed here is only an upper bound.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from backend.core.marking import N_
from backend.ip.facts import Confidence, Fact, packaged
from backend.ip.vocabularies import RightKind

ASEAN = "ASEAN"


@dataclass(frozen=True, slots=True)
class MemberState:
    code: str  # ISO 3166-1 alpha-2, the same as WIPO ST.3
    name: str
    currency: str
    languages: tuple[str, ...]  # BCP 47, official ones, most used first
    timezone: str


MEMBER_STATES: dict[str, MemberState] = {
    state.code: state
    for state in (
        MemberState("BN", N_("Brunei Darussalam"), "BND", ("ms", "en"), "Asia/Brunei"),
        MemberState("ID", N_("Indonesia"), "IDR", ("id",), "Asia/Jakarta"),
        MemberState("KH", N_("Cambodia"), "KHR", ("km",), "Asia/Phnom_Penh"),
        MemberState("LA", N_("Lao PDR"), "LAK", ("lo",), "Asia/Vientiane"),
        MemberState("MM", N_("Myanmar"), "MMK", ("my",), "Asia/Yangon"),
        MemberState("MY", N_("Malaysia"), "MYR", ("ms", "en"), "Asia/Kuala_Lumpur"),
        MemberState("PH", N_("Philippines"), "PHP", ("fil", "en"), "Asia/Manila"),
        MemberState("SG", N_("Singapore"), "SGD", ("en", "zh", "ms", "ta"), "Asia/Singapore"),
        MemberState("TH", N_("Thailand"), "THB", ("th",), "Asia/Bangkok"),
        MemberState("TL", N_("Timor-Leste"), "USD", ("tet", "pt"), "Asia/Dili"),
        MemberState("VN", N_("Viet Nam"), "VND", ("vi",), "Asia/Ho_Chi_Minh"),
    )
}

# Offices of several states, which ST.3 lists beside the ISO country codes.
REGIONAL_OFFICES: dict[str, str] = {
    "AP": N_("African Regional Intellectual Property Organization (ARIPO)"),
    "BX": N_("Benelux Office for Intellectual Property"),
    "EA": N_("Eurasian Patent Organization"),
    "EM": N_("European Union Intellectual Property Office"),
    "EP": N_("European Patent Office"),
    "GC": N_("Patent Office of the Gulf Cooperation Council"),
    "IB": N_("International Bureau of WIPO"),
    "OA": N_("African Intellectual Property Organization (OAPI)"),
    "QZ": N_("Community Plant Variety Office (European Union)"),
    "WO": N_("World Intellectual Property Organization (international applications)"),
    "XN": N_("Nordic Patent Institute"),
    "XV": N_("Visegrad Patent Institute"),
}

_ISO_3166 = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
    FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
    JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
    MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
    PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
    TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES: frozenset[str] = frozenset(_ISO_3166.split())


def is_member_state(code: str) -> bool:
    return code in MEMBER_STATES


def is_country(code: str) -> bool:
    """An ISO 3166-1 alpha-2 code in capitals."""
    return code in COUNTRIES


def is_office(code: str) -> bool:
    """A WIPO ST.3 code in capitals: a country, or an office of several."""
    return code in COUNTRIES or code in REGIONAL_OFFICES


def is_territory(code: str) -> bool:
    """Where a licence can apply: a country, or "ASEAN" for all member states."""
    return code == ASEAN or code in COUNTRIES


def expand(territories: Iterable[str]) -> frozenset[str]:
    """Country codes, with "ASEAN" resolved to its member states. ValueError for an unknown code."""
    countries: set[str] = set()
    for code in territories:
        if code == ASEAN:
            countries.update(MEMBER_STATES)
        elif code in COUNTRIES:
            countries.add(code)
        else:
            raise ValueError(f"unknown territory {code!r}")
    return frozenset(countries)


def protection_term(kind: RightKind, office: str) -> Fact[int]:
    """Longest term in years counted from filing (or grant, see latest_expiry); code "renewable" for marks."""
    data = packaged("protection")
    as_of = date.fromisoformat(data["date"])
    for row in data["terms"]:
        if row["office"] == office and row["kind"] == kind:
            code = "renewable" if row["renewable"] else f"from_{row['counted_from']}"
            return Fact(row["years"], row["source"], Confidence(row["confidence"]), as_of, code)
    return Fact(None, "", Confidence.UNKNOWN, as_of, "not_known")


def has_utility_model(office: str) -> Fact[bool]:
    """Whether an office registers utility models or petty patents."""
    registry = registry_fact(RightKind.UTILITY_MODEL, office)
    if registry.value is not None:
        return registry
    term = protection_term(RightKind.UTILITY_MODEL, office)
    return Fact(True if term.value else None, term.source, term.confidence, term.as_of, "registry")


def registry_fact(kind: RightKind, office: str) -> Fact[bool]:
    """What is recorded about a register for this kind at this office; value None when nothing is recorded."""
    data = packaged("protection")
    as_of = date.fromisoformat(data["date"])
    for row in data["registries"]:
        if row["office"] == office and row["kind"] == kind:
            code = "registry" if row["registrable"] else "no_registry"
            return Fact(row["registrable"], row["source"], Confidence(row["confidence"]), as_of, code)
    return Fact(None, "", Confidence.UNKNOWN, as_of, "not_known")


def latest_expiry(kind: RightKind, office: str, filed_on: date) -> tuple[date | None, Fact[int]]:
    """The last day a right filed then can be in force, and the rule behind it.

    None where no upper bound follows from filing: marks are renewed without end, some terms run from grant, and an
    international application never is a right in force by itself.
    """
    term = protection_term(kind, office)
    if term.value is None or term.code != "from_filing":
        return None, term
    return years_after(filed_on, term.value), term


def years_after(day: date, years: int) -> date | None:
    """The same day years later; 29 February becomes 28. None past the calendar's end."""
    if day.year + years > date.max.year:
        return None
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)

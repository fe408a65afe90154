"""What each kind of right needs (register number, classes) and how publication numbers are written and compared.

Numbers are compared in one compact spelling, so "WO 2019/123456 A1" and "wo2019123456" are found to be the same.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from backend.ip.facts import Confidence, Fact
from backend.ip.territories import is_office, protection_term, registry_fact
from backend.ip.vocabularies import RightKind, RightStatus

REGISTERED_KINDS = frozenset(
    {
        RightKind.PATENT,
        RightKind.UTILITY_MODEL,
        RightKind.INDUSTRIAL_DESIGN,
        RightKind.TRADE_MARK,
        RightKind.GEOGRAPHICAL_INDICATION,
        RightKind.PLANT_VARIETY,
    }
)

# The classification schemes a kind is described in; any one of them will do.
CLASS_SCHEMES: dict[RightKind, tuple[str, ...]] = {
    RightKind.PATENT: ("ipc", "cpc"),
    RightKind.UTILITY_MODEL: ("ipc", "cpc"),
    RightKind.TRADE_MARK: ("nice",),
    RightKind.INDUSTRIAL_DESIGN: ("locarno",),
}

ENDED_STATUSES = frozenset(
    {RightStatus.LAPSED, RightStatus.EXPIRED, RightStatus.WITHDRAWN, RightStatus.REFUSED, RightStatus.REVOKED}
)


def needs_register_number(kind: RightKind) -> bool:
    """Whether the kind exists by an entry in a register (know-how, copyright and software do not)."""
    return kind in REGISTERED_KINDS


def class_schemes(kind: RightKind) -> tuple[str, ...]:
    """Names of the schemes that classify the kind ("ipc", "cpc", "nice", "locarno"); empty when none does."""
    return CLASS_SCHEMES.get(kind, ())


def is_registrable(kind: RightKind, office: str) -> Fact[bool]:
    """Whether an office keeps a register for the kind. None when nothing is recorded: never read as no."""
    recorded = registry_fact(kind, office)
    if kind not in REGISTERED_KINDS:
        return Fact(False, "the right arises without registration", Confidence.RECALLED, recorded.as_of, "no_register")
    if recorded.value is not None:
        return recorded
    term = protection_term(kind, office)
    if term.value is not None:
        return Fact(True, term.source, term.confidence, term.as_of, "registry")
    return recorded


def date_problems(
    filed_on: date | None, published_on: date | None, registered_on: date | None, expires_on: date | None, today: date
) -> list[tuple[str, str]]:
    """(field, code) for dates of one right that cannot all be true. Codes: before_filing, in_the_future, too_early."""
    problems: list[tuple[str, str]] = []
    past = {"filed_on": filed_on, "published_on": published_on, "registered_on": registered_on}
    for field, day in past.items():
        if day is not None and day > today:
            problems.append((field, "in_the_future"))
        elif day is not None and day.year < 1800:
            problems.append((field, "too_early"))
    for field, day in {**past, "expires_on": expires_on}.items():
        if filed_on is not None and day is not None and day < filed_on:
            problems.append((field, "before_filing"))
    return problems


_KIND_CODE = re.compile(r"(.*?\d)([ABCEHISTUYZ]\d?|W\d|[PR]\d)", re.ASCII)
_SINGAPORE = re.compile(r"(\d{11}[A-Z])([A-Z]\d?)?", re.ASCII)  # the number itself ends in a check letter


@dataclass(frozen=True, slots=True)
class PublicationNumber:
    """Office (ST.3), number in compact spelling, and kind code (ST.16) where one was written."""

    office: str
    number: str
    kind_code: str = ""

    def __str__(self) -> str:
        return f"{self.office}{self.number}{self.kind_code}"

    @property
    def key(self) -> str:
        """What two spellings and two publication stages of one document have in common."""
        return f"{self.office}{self.number}"

    @classmethod
    def parse(cls, text: str, office: str | None = None) -> "PublicationNumber":
        """Read "WO 2019/123456 A1", "US 2019/0123456 A1", "MY-123456-A" ...; ValueError when it is no such number.

        `office` is the one from the field beside the number, for numbers written without their country.
        """
        plain = compact(text)
        if office is None or (plain.startswith(office) and plain[len(office) :] != ""):
            office, plain = plain[:2], plain[2:]
        if not is_office(office):
            raise ValueError(f"unknown office in {text[:40]!r}")
        number, kind_code = plain, ""
        match = (_SINGAPORE if office == "SG" else _KIND_CODE).fullmatch(plain)
        if match:
            number, kind_code = match[1], match[2] or ""
        if not re.fullmatch(r"[A-Z]{0,4}\d[0-9A-Z]{0,24}", number, re.ASCII):
            raise ValueError(f"not a publication number: {text[:40]!r}")
        return cls(office, _padded(office, number), kind_code)


def compact(text: str) -> str:
    """Capitals and digits only: spaces, dots, commas, dashes and slashes carry no meaning in a number."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text[:200])).upper()


def _padded(office: str, number: str) -> str:
    """One length for numbers that registers write with and without filling zeros or with a short year."""
    if office == "WO" and number.isdecimal():
        if len(number) == 10 and number[:2] in ("19", "20"):
            return number
        if len(number) in (7, 8):  # WO 99/12345, WO 03/012345
            century = "19" if number[0] in "789" else "20"
            return century + number[:2] + number[2:].zfill(6)
    if office == "US" and len(number) == 10 and number.startswith("20") and number.isdecimal():
        return number[:4] + number[4:].zfill(7)
    if office == "EP" and number.isdecimal():
        return number.zfill(7)
    return number

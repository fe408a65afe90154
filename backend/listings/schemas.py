"""What may be said in a listing: types, limits, closed lists. Whether it is enough to publish is the gate's to say.

Every field may be left out: a draft grows, and a change sends only what changes. Lengths count characters after NFC.
"""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, field_validator

from backend.core.clock import today
from backend.i18n import _
from backend.ip import classes, rights
from backend.ip.numbers import check_number
from backend.ip.terms import LicenceTerms
from backend.ip.territories import is_country, is_office, is_territory
from backend.ip.vocabularies import (
    DealType,
    EnvironmentalBenefit,
    EvidenceKind,
    IprStatus,
    ListerRole,
    OrganisationKind,
    RightKind,
    RightStatus,
    Sector,
    Stage,
    TermsVisibility,
)
from backend.language.detect import LANGUAGES
from backend.publication.messages import Flag, text_of, wrong

TITLE_MAX, SUMMARY_MAX, TEXT_MAX, DESCRIPTION_MAX, LINE_MAX, KEYWORD_MAX = 256, 500, 2000, 4000, 200, 60
RIGHTS_MAX = 60

_DATE_PROBLEMS = {
    "in_the_future": _("This date lies in the future."),
    "too_early": _("This date lies too far back. Please check the year."),
    "before_filing": _("This date lies before the application."),
}
_DATE_FIELDS = {
    "filed_on": "application_date", "published_on": "publication_date", "registered_on": "registration_date",
    "expires_on": "expires_on",
}
_NUMBER_PROBLEMS = {
    "number_too_long": _("This number is too long."),
    "number_without_digits": _("A number has digits."),
}


def _territory(code: str) -> str:
    code = code.upper()
    if not is_territory(code):
        raise wrong("unknown_country")
    return code


def _country(code: str) -> str:
    code = code.upper()
    if not is_country(code):
        raise wrong("unknown_country")
    return code


def _office(code: str) -> str:
    code = code.upper()
    if not is_office(code):
        raise wrong("unknown_office", _("There is no office with this code."))
    return code


def _language(code: str) -> str:
    if code not in LANGUAGES:
        raise wrong("unknown_language")
    return code


def _ipc(symbol: str) -> str:
    try:
        return classes.normalise(symbol)
    except classes.ClassError as error:
        raise wrong("unknown_class", _("There is no such class. Write it like A23B 9/08.")) from error


def _nice(number: Any) -> Any:
    if isinstance(number, bool) or not isinstance(number, int | str):
        return number
    try:
        return classes.nice_class(number)
    except classes.ClassError as error:
        raise wrong("unknown_class", _("Nice classes go from 1 to 45.")) from error


def _locarno(code: str) -> str:
    try:
        return classes.locarno_class(code)
    except classes.ClassError as error:
        raise wrong("unknown_class", _("There is no such Locarno class. Write it like 07-02.")) from error


def _number(number: str) -> str:
    problem = check_number("", RightKind.BUNDLE, number) if number else None  # form by office is the gate's to judge
    if problem:
        raise wrong(problem, _NUMBER_PROBLEMS.get(problem))
    return number


def _day(day: date) -> date:
    if not 1800 <= day.year <= 2150:
        raise wrong("date_out_of_range", _("This day lies too far away. Please check the year."))
    return day


def _without_repeats(values: list[Any]) -> list[Any]:
    return list(dict.fromkeys(values))


def _limit(most: int, one_line: bool = False) -> tuple[BeforeValidator, WithJsonSchema]:
    return (
        BeforeValidator(lambda value: text_of(value, most, one_line=one_line)),
        WithJsonSchema({"type": "string", "maxLength": most}),
    )


_LINE, _TEXT = _limit(LINE_MAX, one_line=True), _limit(TEXT_MAX)
Line = Annotated[str, _LINE[0], _LINE[1]]
Text = Annotated[str, _TEXT[0], _TEXT[1]]
Title = Annotated[str, BeforeValidator(lambda value: text_of(value, TITLE_MAX, one_line=True)),
                  WithJsonSchema({"type": "string", "maxLength": TITLE_MAX})]
Summary = Annotated[str, BeforeValidator(lambda value: text_of(value, SUMMARY_MAX)),
                    WithJsonSchema({"type": "string", "maxLength": SUMMARY_MAX})]
Description = Annotated[str, BeforeValidator(lambda value: text_of(value, DESCRIPTION_MAX)),
                        WithJsonSchema({"type": "string", "maxLength": DESCRIPTION_MAX})]
Keyword = Annotated[str, BeforeValidator(lambda value: text_of(value, KEYWORD_MAX, one_line=True)),
                    Field(min_length=1), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": KEYWORD_MAX})]
Code = BeforeValidator(lambda value: text_of(value, 20, one_line=True))
Territory = Annotated[str, Code, AfterValidator(_territory)]
Country = Annotated[str, Code, AfterValidator(_country)]
Office = Annotated[str, Code, AfterValidator(_office)]
Ipc = Annotated[str, BeforeValidator(lambda value: text_of(value, 40, one_line=True)), AfterValidator(_ipc)]
Nice = Annotated[int, BeforeValidator(_nice)]
Locarno = Annotated[str, Code, AfterValidator(_locarno)]
Number = Annotated[str, BeforeValidator(lambda value: text_of(value, 60, one_line=True)), AfterValidator(_number)]
Day = Annotated[date, AfterValidator(_day)]
Once = AfterValidator(_without_repeats)
Sdg = Annotated[int, Field(ge=1, le=17)]


class Encumbrance(BaseModel):
    """What already lies on a right: an exclusive licence, a pledge, an open licence or an order of a court."""

    model_config = ConfigDict(extra="forbid", use_enum_values=True)

    kind: str
    field: Line = ""
    territories: Annotated[list[Territory], Field(max_length=60), Once] = []
    until: Day | None = None
    holder: Line = ""

    @field_validator("kind")
    @classmethod
    def _known(cls, kind: str) -> str:
        if kind not in ENCUMBRANCES:
            raise wrong("unknown_code")
        return kind


ENCUMBRANCES = {
    "exclusive_licence": _("Exclusive licence"),
    "pledge": _("Pledged as security"),
    "licence_of_right": _("Open licence declared"),
    "court_order": _("Order of a court"),
}


class EnvironmentalClaim(BaseModel):
    """A benefit with what was measured, against what, and how that is known."""

    model_config = ConfigDict(extra="forbid", use_enum_values=True)

    benefit: EnvironmentalBenefit
    metric: Line = ""
    baseline: Line = ""
    evidence: EvidenceKind | None = None
    certificate: Line = ""


class RightInput(BaseModel):
    """One right in one country. `id` names an existing row when a listing is changed."""

    model_config = ConfigDict(extra="forbid", use_enum_values=True)

    id: UUID | None = None
    kind: RightKind | None = None
    office: Office
    title: Line | None = None
    application_number: Number | None = None
    application_date: Day | None = None
    publication_number: Number | None = None
    publication_date: Day | None = None
    registration_number: Number | None = None
    registration_date: Day | None = None
    status: RightStatus = RightStatus.NOT_CHECKED
    expires_on: Day | None = None
    owners: Annotated[list[Line], Field(max_length=20), Once] = []
    ipc: Annotated[list[Ipc], Field(max_length=50), Once] = []
    cpc: Annotated[list[Ipc], Field(max_length=50), Once] = []
    nice: Annotated[list[Nice], Field(max_length=45), Once] = []
    locarno: Annotated[list[Locarno], Field(max_length=20), Once] = []
    goods_services: Text | None = None
    last_use_on: Day | None = None
    encumbrances: Annotated[list[Encumbrance], Field(max_length=20)] = []

    @field_validator("publication_date", "registration_date", "expires_on", "application_date", "last_use_on")
    @classmethod
    def _dates_can_be_true(cls, day: date | None, info: Any) -> date | None:
        if day is None:
            return None
        if info.field_name == "last_use_on":
            if day > today():
                raise wrong("in_the_future", _DATE_PROBLEMS["in_the_future"])
            return day
        known = {name: day if field == info.field_name else None for name, field in _DATE_FIELDS.items()}
        known["filed_on"] = known["filed_on"] or info.data.get("application_date")
        for name, code in rights.date_problems(**known, today=today()):
            if _DATE_FIELDS[name] == info.field_name:
                raise wrong(code, _DATE_PROBLEMS[code])
        return day

    @property
    def keys(self) -> set[str]:
        return number_keys(str(self.kind or ""), self.office, self.publication_number, self.registration_number)


def number_keys(kind: str, office: str, publication: str | None, registration: str | None) -> set[str]:
    """What tells a right apart, whatever the spelling of its numbers."""
    numbers = (("p", publication), ("r", registration))
    return {f"{sort}:{kind}:{_number_key(office, number)}" for sort, number in numbers if number}


def _number_key(office: str, number: str) -> str:
    try:
        return rights.PublicationNumber.parse(number, office).key
    except ValueError:
        return office + rights.compact(number)


class ListingInput(BaseModel):
    """A listing as its owner states it. Unknown fields are refused."""

    model_config = ConfigDict(
        extra="forbid",
        use_enum_values=True,
        json_schema_extra={
            "examples": [
                {
                    "kind": "patent",
                    "language": "en",
                    "title": "Rice husk silica filter that removes arsenic from well water",
                    "summary": "A small company in Viet Nam offers a non-exclusive licence for a filter made of rice "
                    "husk silica that removes arsenic from well water without electricity.",
                    "deal_types": ["non_exclusive_licence"],
                    "territories": ["KH", "LA"],
                    "rights": [{"office": "VN", "publication_number": "1-0031234", "status": "granted"}],
                }
            ]
        },
    )

    kind: RightKind = RightKind.PATENT
    lister_role: ListerRole = ListerRole.OWNER
    anonymous: Flag = False
    language: Annotated[str, Code, AfterValidator(_language)] | None = None
    title: Title = ""
    summary: Summary = ""
    problem: Text = ""
    description: Description = ""
    advantages: Text = ""
    economic_comparison: Text = ""
    applications: Text = ""
    stage: Stage | None = None
    trl: Annotated[int, Field(ge=1, le=9)] | None = None
    ipr_status: IprStatus | None = None
    rights: Annotated[list[RightInput], Field(max_length=RIGHTS_MAX)] = []
    deal_types: Annotated[list[DealType], Field(max_length=22), Once] = []
    terms: LicenceTerms | None = None
    terms_visibility: TermsVisibility = TermsVisibility.ON_REQUEST
    partner_role: Description = ""
    partner_kinds: Annotated[list[OrganisationKind], Field(max_length=13), Once] = []
    territories: Annotated[list[Territory], Field(max_length=260), Once] = []
    excluded_countries: Annotated[list[Country], Field(max_length=60), Once] = []
    sectors: Annotated[list[Sector], Field(max_length=5), Once] = []
    sdgs: Annotated[list[Sdg], Field(max_length=17), Once] = []
    technology_keywords: Annotated[list[Keyword], Field(max_length=5), Once] = []
    market_keywords: Annotated[list[Keyword], Field(max_length=5), Once] = []
    green: Flag = False
    environmental_benefits: Annotated[list[EnvironmentalClaim], Field(max_length=12)] = []
    novelty_acknowledged: Flag = False
    nothing_confidential: Flag = False

    @field_validator("rights")
    @classmethod
    def _each_right_once(cls, rows: list[RightInput]) -> list[RightInput]:
        seen: set[str] = set()
        for number, row in enumerate(rows):
            if seen & row.keys:
                raise wrong("duplicate_right", _("Row %(row)s repeats a right that stands above.", row=number + 1))
            seen |= row.keys
        return rows

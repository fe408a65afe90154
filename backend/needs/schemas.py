"""What may be said in a need: types, limits, closed lists. Title and description suffice; the gate asks for the rest.

Lengths are counted in characters after NFC, so a limit means the same in every script.
"""

import re
from datetime import date
from decimal import Decimal
from math import isfinite
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from backend.core.money import COMMA_DECIMAL_LANGUAGES, EXPONENTS, Money, MoneyError, parse_money
from backend.i18n import _
from backend.ip import classes
from backend.ip.terms import LicenceTerms
from backend.ip.territories import is_territory
from backend.ip.vocabularies import (
    DealType,
    Importance,
    IpExpectation,
    NeedKind,
    Operator,
    OrganisationKind,
    RightKind,
    Sector,
)
from backend.language.detect import LANGUAGES
from backend.publication.messages import Flag, text_of, wrong

TITLE_MAX, SUMMARY_MAX, DESCRIPTION_MAX, TEXT_MAX, KEYWORD_MAX = 256, 500, 4000, 2000, 60
REQUIREMENTS_MAX = 20
BAD_AMOUNTS = {
    "not_a_number": _("This must be an amount of money, written in figures."),
    "too_many_decimals": _("This currency has fewer decimals."),
    "too_large": _("This amount is too large."),
    "negative": _("An amount cannot be below zero."),
    "unknown_currency": _("We do not know this currency. Use its three letters, for example THB."),
}
EARLIEST, LATEST = date(2020, 1, 1), date(2100, 1, 1)

_FIGURE = re.compile(r"([-+]?)((?:[0-9]+[.,])*[0-9]+)((?:e[-+]?[0-9]{1,3})?)", re.IGNORECASE)


def _territory(code: str) -> str:
    code = code.upper()
    if not is_territory(code):
        raise wrong("unknown_country")
    return code


def _ipc(symbol: str) -> str:
    try:
        return classes.normalise(symbol)
    except classes.ClassError as error:
        raise wrong("unknown_class", _("There is no such class. Write it like A23B 9/08.")) from error


def _without_repeats(values: list[Any]) -> list[Any]:
    return list(dict.fromkeys(values))


def _plain_day(day: date) -> date:
    if not EARLIEST <= day <= LATEST:
        raise wrong("date_out_of_range", _("This day lies too far away. Please check the year."))
    return day


Short = Annotated[str, BeforeValidator(lambda value: text_of(value, 40, one_line=True))]
Text = Annotated[str, BeforeValidator(lambda value: text_of(value, TEXT_MAX)), StringConstraints(max_length=TEXT_MAX)]
Keyword = Annotated[
    str,
    BeforeValidator(lambda value: text_of(value, KEYWORD_MAX, one_line=True)),
    StringConstraints(min_length=1, max_length=KEYWORD_MAX),
]
Value = Annotated[
    str, BeforeValidator(lambda value: text_of(value, 200, one_line=True)), StringConstraints(max_length=200)
]
Territory = Annotated[Short, AfterValidator(_territory)]
Ipc = Annotated[Short, AfterValidator(_ipc)]
Unique = AfterValidator(_without_repeats)
Day = Annotated[date, AfterValidator(_plain_day)]


def _minor(value: Any, info: ValidationInfo) -> Any:
    """An amount as typed, in whole units ("1,000.50"), becomes minor units of the currency named beside it."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise wrong("not_a_number", _("This must be a number, written in figures."))
    if "currency" not in info.data:
        return None  # the currency itself is wrong, and says so
    currency = info.data["currency"]
    if currency is None:
        raise wrong("currency_missing", _("Say in which currency."))
    locale = (info.context or {}).get("locale")
    try:
        if isinstance(value, str):
            money = parse_money(value, currency, locale)
        else:
            money = Money.from_decimal(Decimal(str(value)), currency)
    except MoneyError as error:
        raise wrong(error.code, BAD_AMOUNTS.get(error.code, BAD_AMOUNTS["not_a_number"])) from error
    if money.amount_minor < 0:
        raise wrong("negative", BAD_AMOUNTS["negative"])
    return money.amount_minor


Amount = Annotated[
    int | None,
    BeforeValidator(_minor, json_schema_input_type=str | int | float | None),
    Field(description="In whole units of `currency`, for example \"25000.50\"."),
]


class Requirement(BaseModel):
    """One thing the solution must do, so that it can be compared: parameter, operator, value and unit."""

    model_config = ConfigDict(extra="forbid")

    parameter: Annotated[Value, StringConstraints(min_length=1)]
    operator: Operator = Operator.AT_LEAST
    value: Value = ""
    value_to: Value = ""
    unit: Short = ""
    test_method: Text = ""
    importance: Importance = Importance.MUST

    @field_validator("value", "value_to", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        if value is None:
            return ""
        if isinstance(value, int | float) and not isinstance(value, bool):
            if isinstance(value, float) and not value - value == 0:
                raise wrong("not_a_number", _("This must be a number, written in figures."))
            return repr(value)
        return value

    @field_validator("value")
    @classmethod
    def _a_figure_where_one_is_compared(cls, value: str, info: ValidationInfo) -> str:
        compares = info.data.get("operator") in (Operator.AT_LEAST, Operator.AT_MOST, Operator.BETWEEN)
        return figure(value, (info.context or {}).get("locale")) if compares and value else value

    @field_validator("value_to")
    @classmethod
    def _an_upper_end(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("operator") != Operator.BETWEEN or not value:
            return ""
        value = figure(value, (info.context or {}).get("locale"))
        if info.data.get("value") and float(value) < float(info.data["value"]):
            raise wrong("range_reversed", _("The upper end lies below the lower end."))
        return value


def figure(text: str, locale: str | None = None) -> str:
    """A figure as typed, in any script's digits, as a plain decimal ("1.250,5" in Vietnamese is 1250.5)."""
    plain = "".join(str(int(sign)) if sign.isdecimal() else sign for sign in text).replace("\u2212", "-")
    match = _FIGURE.fullmatch("".join(plain.split()))
    if match is None:
        raise wrong("not_a_number", _("This must be a number in figures; its unit has a place of its own."))
    sign, digits, power = match.groups()
    marks = [mark for mark in digits if mark in ".,"]
    if marks:
        last = marks[-1]
        own = "," if locale in COMMA_DECIMAL_LANGUAGES else "."
        thousands = marks.count(last) > 1 or (
            len(set(marks)) == 1 and last != own and len(digits.rpartition(last)[2]) == 3
        )
        whole, _mark, fraction = (digits, "", "") if thousands else digits.rpartition(last)
        digits = whole.replace(".", "").replace(",", "") + (f".{fraction}" if fraction else "")
    plain = sign.replace("+", "") + digits + power.lower()
    if not isfinite(float(plain)):
        raise wrong("not_a_number", _("This number is too large."))
    return plain


class NeedInput(BaseModel):
    """A need as its author states it. Unknown fields are refused."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "title": "เครื่องอบข้าวที่ใช้พลังงานแสงอาทิตย์",
                    "description": "เราต้องการลดความชื้นของข้าวเปลือกจากร้อยละ 24 เหลือร้อยละ 14 โดยไม่ใช้เชื้อเพลิง",
                    "used_in": ["TH"],
                    "requirements": [
                        {"parameter": "ความชื้นสุดท้าย", "operator": "at_most", "value": "14", "unit": "%"}
                    ],
                }
            ]
        },
    )

    title: Annotated[
        str,
        BeforeValidator(lambda value: text_of(value, TITLE_MAX, one_line=True)),
        StringConstraints(min_length=1, max_length=TITLE_MAX),
    ]
    description: Annotated[
        str,
        BeforeValidator(lambda value: text_of(value, DESCRIPTION_MAX)),
        StringConstraints(min_length=1, max_length=DESCRIPTION_MAX),
    ]
    summary: Annotated[
        str,
        BeforeValidator(lambda value: text_of(value, SUMMARY_MAX, one_line=True)),
        StringConstraints(max_length=SUMMARY_MAX),
    ] = ""
    language: str | None = Field(default=None, description="BCP 47; found from the text when not given.")
    kind: NeedKind = NeedKind.TECHNOLOGY_REQUEST
    why_needed: Text = ""
    present_solution: Text = ""
    requirements: Annotated[list[Requirement], Field(max_length=REQUIREMENTS_MAX)] = []
    out_of_scope: Text = ""
    used_in: Annotated[list[Territory], Field(max_length=60), Unique] = []
    site_conditions: Text = ""
    right_kinds: Annotated[list[RightKind], Field(max_length=11), Unique] = []
    ipc: Annotated[list[Ipc], Field(max_length=20), Unique] = []
    min_trl: Annotated[int, Field(ge=1, le=9)] | None = None
    partner_kinds: Annotated[list[OrganisationKind], Field(max_length=13), Unique] = []
    partner_countries: Annotated[list[Territory], Field(max_length=60), Unique] = []
    ip_expectation: IpExpectation = IpExpectation.NO_PREFERENCE
    sectors: Annotated[list[Sector], Field(max_length=5), Unique] = []
    sdgs: Annotated[list[Annotated[int, Field(ge=1, le=17)]], Field(max_length=17), Unique] = []
    technology_keywords: Annotated[list[Keyword], Field(max_length=5), Unique] = []
    market_keywords: Annotated[list[Keyword], Field(max_length=5), Unique] = []
    deal_types: Annotated[list[DealType], Field(max_length=3), Unique] = []
    terms: LicenceTerms | None = None
    currency: Short | None = None
    budget_min: Amount = None
    budget_max: Amount = None
    award: Amount = None
    deadline: Day | None = None
    decision_on: Day | None = None
    anonymous: Flag = False

    @field_validator("language")
    @classmethod
    def _a_language_of_the_region(cls, code: str | None) -> str | None:
        if code is not None and code not in LANGUAGES:
            raise wrong("unknown_language")
        return code

    @field_validator("currency")
    @classmethod
    def _a_currency_we_count(cls, code: str | None) -> str | None:
        if not code:
            return None
        if code.upper() not in EXPONENTS:
            raise wrong("unknown_currency", BAD_AMOUNTS["unknown_currency"])
        return code.upper()

    @field_validator("budget_max")
    @classmethod
    def _at_least_the_lower_end(cls, value: int | None, info: ValidationInfo) -> int | None:
        low = info.data.get("budget_min")
        if value is not None and low is not None and value < low:
            raise wrong("range_reversed", _("The upper end lies below the lower end."))
        return value

    @field_validator("decision_on")
    @classmethod
    def _after_the_deadline(cls, day: date | None, info: ValidationInfo) -> date | None:
        deadline = info.data.get("deadline")
        if day is not None and deadline is not None and day <= deadline:
            raise wrong("decision_before_deadline", _("The decision has to come after the deadline."))
        return day

    def columns(self) -> dict[str, Any]:
        """The same facts as the columns of a need hold them."""
        values = self.model_dump(mode="json", exclude={"deadline", "decision_on", "language", "terms"})
        return values | {
            "deadline": self.deadline,
            "decision_on": self.decision_on,
            "terms": self.terms.model_dump(mode="json") if self.terms else None,
        }

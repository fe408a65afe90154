"""The kinds of field licence terms are made of: exact numbers, plain text, and a sentence for each problem."""

from decimal import Decimal, InvalidOperation
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from backend.core.marking import N_
from backend.core.money import LARGEST_MINOR
from backend.core.text import BadText, clean

TERM_PROBLEMS: dict[str, str] = {
    "not_exact": N_("Write the number as text, for example 3.5, so that nothing is rounded."),
    "not_a_number": N_("This is not a number."),
    "too_many_decimals": N_("Use at most four decimals."),
    "percent_out_of_range": N_("A percentage lies between 0 and 100."),
    "unknown_currency": N_("We do not know this currency."),
    "currency_missing": N_("Name the currency of the amounts."),
    "unknown_territory": N_("We do not know this country."),
    "unknown_class": N_("We do not know this class."),
    "control_character": N_("The text holds a character that cannot be shown."),
    "date_out_of_range": N_("This date cannot be right."),
    "royalty_mixed": N_("Ask a percentage or an amount per unit, not both."),
    "royalty_base_mismatch": N_("What the royalty is counted on does not go with how it is counted."),
    "cap_below_minimum": N_("The most paid in a year is less than the least paid in a year."),
    "exclusivity_contradicts_deal": N_("The exclusivity contradicts the kind of deal."),
    "excluded_not_granted": N_("An excluded country is not among the countries granted."),
    "nothing_granted": N_("Every country granted is excluded again."),
    "extra_forbidden": N_("There is no such term."),
    "string_too_long": N_("The text is too long."),
    "date_parsing": N_("This is not a date."),
    "date_from_datetime_parsing": N_("This is not a date."),
    "date_type": N_("This is not a date."),
    "tuple_type": N_("This must be a list."),
    "too_long": N_("The list is too long."),
    "string_type": N_("This must be a text."),
    "string_too_short": N_("Enter a text."),
    "enum": N_("Choose one of the values listed."),
    "int_type": N_("This must be a whole number."),
    "int_parsing": N_("This must be a whole number."),
    "bool_parsing": N_("This must be yes or no."),
    "bool_type": N_("This must be yes or no."),
    "greater_than_equal": N_("The number is too small."),
    "less_than_equal": N_("The number is too large."),
    "missing": N_("This is missing."),
}


def refuse(code: str) -> PydanticCustomError:
    return PydanticCustomError(code, TERM_PROBLEMS[code])


def whole(value: object) -> object:
    """Whole numbers only: a float has already lost what was typed, and true is not 1."""
    if isinstance(value, bool | float):
        raise refuse("not_exact")
    if isinstance(value, str):
        if not (value.strip().isascii() and value.strip().isdecimal()) or len(value) > 30:
            raise refuse("not_a_number")
        return int(value)
    return value


def _percent(value: object) -> object:
    if value is None:
        return None
    if isinstance(value, bool | float) or not isinstance(value, str | int | Decimal):
        raise refuse("not_exact")
    try:
        percent = Decimal(value) if len(str(value)) <= 30 else Decimal("NaN")
    except InvalidOperation:
        raise refuse("not_a_number") from None
    if not percent.is_finite():
        raise refuse("not_a_number")
    if not 0 <= percent <= 100:
        raise refuse("percent_out_of_range")
    if percent != percent.quantize(Decimal("0.0001")):
        raise refuse("too_many_decimals")
    return Decimal(shortest(percent))


def shortest(number: Decimal) -> str:
    """One spelling per value, without an exponent: 5.00 and 5 are both "5"."""
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("", "-0") else text


def _plain_text(value: object) -> object:
    if isinstance(value, str):
        try:
            return clean(value)
        except BadText:
            raise refuse("control_character") from None
    return value


Minor = Annotated[int, Field(ge=0, le=LARGEST_MINOR), BeforeValidator(whole)]
Years = Annotated[int, Field(ge=1, le=100), BeforeValidator(whole)]
NiceNumber = Annotated[int, Field(ge=1, le=45)]
Percent = Annotated[
    Decimal,
    BeforeValidator(_percent),
    WithJsonSchema({"type": "string", "pattern": r"^(100(\.0{1,4})?|[0-9]{1,2}(\.[0-9]{1,4})?)$", "examples": ["3.5"]}),
]
Text200 = Annotated[str, StringConstraints(min_length=1, max_length=200), BeforeValidator(_plain_text)]
Text500 = Annotated[str, StringConstraints(max_length=500), BeforeValidator(_plain_text)]
Text2000 = Annotated[str, StringConstraints(max_length=2000), BeforeValidator(_plain_text)]

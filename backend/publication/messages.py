"""Words for what a form or an API body got wrong, so that nobody reads the validator's own English."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationError
from pydantic_core import PydanticCustomError

from backend.core.errors import FieldError
from backend.core.text import BadText, clean, clean_line
from backend.i18n import Lazy, _
from backend.ip.terms import TERM_PROBLEMS
from backend.ip.terms.record import FIELD_OF

MESSAGES: dict[str, Lazy] = {
    "missing": _("Please answer this."),
    "extra_forbidden": _("This field is not known here."),
    "string_type": _("This must be text."),
    "int_type": _("This must be a whole number."),
    "int_parsing": _("This must be a whole number."),
    "int_from_float": _("This must be a whole number."),
    "bool_type": _("This must be yes or no."),
    "bool_parsing": _("This must be yes or no."),
    "finite_number": _("This must be a number."),
    "decimal_parsing": _("This must be a number."),
    "decimal_type": _("This must be a number."),
    "decimal_max_digits": _("This number has too many digits."),
    "decimal_max_places": _("This number has too many decimals."),
    "decimal_whole_digits": _("This number is too large."),
    "float_parsing": _("This must be a number."),
    "float_type": _("This must be a number."),
    "list_type": _("This must be a list."),
    "dict_type": _("This must be an object with named fields."),
    "model_type": _("This must be an object with named fields."),
    "model_attributes_type": _("This must be an object with named fields."),
    "json_invalid": _("This is not valid JSON."),
    "date_type": _("This must be a date, written year-month-day."),
    "date_parsing": _("There is no such date. Write year-month-day, for example 2026-09-30."),
    "date_from_datetime_parsing": _("There is no such date. Write year-month-day, for example 2026-09-30."),
    "date_from_datetime_inexact": _("This must be a date without a time."),
    "uuid_parsing": _("This is not a valid identifier."),
    "uuid_type": _("This is not a valid identifier."),
    "url_parsing": _("This is not a web address."),
    "control_character": _("This text contains characters that cannot be shown. Please type it again."),
    "enum": _("This choice is not in the list."),
    "literal_error": _("This choice is not in the list."),
    "unknown_code": _("This choice is not in the list."),
    "unknown_country": _("There is no such country code."),
    "unknown_language": _("There is no such language code."),
    "not_one_line": _("This must be one line of text."),
    "duplicate": _("This stands here twice."),
}

_OTHERWISE = _("This cannot be right. Please check it.")


def errors_of(error: ValidationError) -> list[FieldError]:
    """The validator's complaints as ours: dotted field names, translatable words."""
    details = error.errors(include_url=False, include_input=False)
    return [FieldError(_path(detail), detail["type"], message_for(detail)) for detail in details]


def _path(detail: Mapping[str, Any]) -> str:
    """A rule over several terms is shown beside the one it names."""
    path = [str(part) for part in detail["loc"]]
    if path == ["terms"] and detail["type"] in FIELD_OF:
        path.append(FIELD_OF[detail["type"]])
    return ".".join(path)


def message_for(detail: Mapping[str, Any]) -> Any:
    """Our words for one complaint of the validator (its "type" and "ctx")."""
    code, context = detail["type"], detail.get("ctx") or {}
    if "message" in context:
        return context["message"]
    if code in ("string_too_long", "too_long"):
        return _("This is too long: at most %(most)s.", most=context.get("max_length", 0))
    if code in ("string_too_short", "too_short"):
        return _("This is too short: at least %(least)s.", least=context.get("min_length", 1))
    if code in ("greater_than_equal", "greater_than"):
        return _("This must be at least %(least)s.", least=context.get("ge", context.get("gt", "")))
    if code in ("less_than_equal", "less_than"):
        return _("This must be at most %(most)s.", most=context.get("le", context.get("lt", "")))
    if code in TERM_PROBLEMS and code not in MESSAGES:
        return Lazy(TERM_PROBLEMS[code], {})
    return MESSAGES.get(code, _OTHERWISE)


def wrong(code: str, message: Lazy | None = None) -> PydanticCustomError:
    """An error to raise inside a validator; without a message of its own it takes the one listed above."""
    return PydanticCustomError(code, "", {} if message is None else {"message": message})


def too_long(most: int) -> PydanticCustomError:
    return wrong("string_too_long", _("This is too long: at most %(most)s characters.", most=most))


def text_of(value: Any, most: int, *, one_line: bool = False) -> Any:
    """A text as it is kept: NFC, trimmed, no control characters, counted in characters after NFC."""
    if not isinstance(value, str):
        return value
    if len(value) > 4 * most + 4000:  # far beyond any NFC form that could still fit
        raise too_long(most)
    try:
        cleaned = clean_line(value) if one_line else clean(value)
    except BadText as error:
        raise wrong("control_character") from error
    if len(cleaned) > most:
        raise too_long(most)
    return cleaned


def flag_of(value: Any) -> Any:
    """Yes and no come as true and false, or as the words of a form; a number is neither."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise wrong("bool_type")
    return value


Flag = Annotated[bool, BeforeValidator(flag_of)]


def code_of(value: Any, known: Iterable[str]) -> Any:
    if not isinstance(value, str):
        return value
    if value not in set(known):
        raise wrong("unknown_code")
    return value


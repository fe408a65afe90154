"""Between the forms of a listing and its schema: what is a list, what an amount, and how both look when shown again."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from starlette.datastructures import FormData

from backend.core.errors import FieldError
from backend.core.money import EXPONENTS, Money, MoneyError, parse_money
from backend.listings.models import Listing
from backend.listings.service import FIELDS, input_of, sorted_out
from backend.web.forms import unflatten

CHOICES = frozenset({"deal_types", "partner_kinds", "territories", "excluded_countries", "sectors", "sdgs"})
TAGS = frozenset({"technology_keywords", "market_keywords"})
SWITCHES = frozenset({"anonymous", "green", "novelty_acknowledged", "nothing_confidential"})
MAY_BE_UNKNOWN = frozenset({"stage", "trl", "ipr_status", "language"})
PRESET = frozenset({"kind", "lister_role", "terms_visibility"})
ROWS = {"rights": "office", "environmental_benefits": "benefit"}

RIGHT_TAGS = frozenset({"ipc", "cpc", "nice", "locarno"})
RIGHT_PRESET = frozenset({"id", "kind", "status"})
TERM_AMOUNTS = ("upfront_fee", "royalty_per_unit", "minimum_royalty", "annual_cap")
TERM_LISTS = frozenset({"territories", "excluded_territories", "support"})

_COMMA = re.compile(r"[,;\n،、，；]")
_LINE = re.compile(r"[;\n；]")


def raw_of(
    form: FormData, listing: Listing, fields: Collection[str] = FIELDS, locale: str | None = None
) -> dict[str, Any]:
    """What was typed in the given fields, in the shape of ListingInput; a field left empty is there, and empty."""
    typed = _without_removed(unflatten(form), str(form.get("_remove") or ""))
    raw: dict[str, Any] = {}
    for name in fields:
        value = typed.get(name, "")
        if name in CHOICES:
            raw[name] = _several(value)
        elif name in TAGS:
            raw[name] = _parts(value, _COMMA)
        elif name in SWITCHES:
            raw[name] = bool(value)
        elif name in ROWS:
            raw[name] = _rows(name, value, listing)
        elif name == "terms":
            raw[name] = _terms(value, listing, locale)
        elif name in MAY_BE_UNKNOWN:
            raw[name] = value or None
        elif name not in PRESET or value:
            raw[name] = value
    return raw


def shown_values(listing: Listing, raw: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The listing as its form shows it: what was typed last stands before what waits, and that before what is saved."""
    values = {**input_of(listing), **(listing.draft or {}), **(raw or {})}
    terms = dict(values.get("terms") or {}) if isinstance(values.get("terms"), Mapping) else {}
    for name in TERM_AMOUNTS:
        if isinstance(terms.get(name), int) and terms.get("currency") in EXPONENTS:
            terms[name] = str(Money(terms[name], terms["currency"]).to_decimal())
    values["terms"] = terms
    rights = values.get("rights")
    values["rights"] = [_shown_right(row) for row in rights if isinstance(row, Mapping)] if rights else []
    return values


def waiting_errors(listing: Listing) -> list[FieldError]:
    """What is wrong with the part of the draft that could not be taken over."""
    return beside_controls(sorted_out(listing.draft or {})[2])


def with_row_added(values: dict[str, Any], name: str) -> dict[str, Any]:
    """One empty row more: the button works without scripts."""
    return {**values, name: [*(values.get(name) or []), {}]} if name in ROWS else values


def beside_controls(errors: Collection[FieldError]) -> list[FieldError]:
    """The same errors named after the control they stand beside: a list has one control for all its parts."""
    return [FieldError(_control(error.field), error.code, error.message) for error in errors]


def _without_removed(typed: dict[str, Any], removed: str) -> dict[str, Any]:
    name, _dash, number = removed.rpartition("-")
    rows = typed.get(name)
    if name not in ROWS or not isinstance(rows, list) or not (number.isascii() and number.isdecimal()):
        return typed
    return {**typed, name: [row for place, row in enumerate(rows) if place != int(number[:4])]}


def _control(field: str) -> str:
    parts = field.split(".")
    if parts[0] in CHOICES | TAGS:
        return parts[0]
    if parts[0] == "rights" and len(parts) > 2:
        return ".".join(parts[: 5 if parts[2] == "encumbrances" else 3])
    if parts[0] == "terms":
        return ".".join(parts[:2])
    return ".".join(parts[:3])


def _several(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [item for item in values if isinstance(item, str) and item]


def _parts(value: Any, mark: re.Pattern[str]) -> list[str]:
    return [part.strip() for item in _several(value) for part in mark.split(item) if part.strip()]


def _rows(name: str, value: Any, listing: Listing) -> list[dict[str, Any]]:
    """Rows that were begun. A form that shows only some of a right's fields leaves the others as they are."""
    rows = [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
    if name != "rights":
        return [{**row, "evidence": row.get("evidence") or None} for row in rows if any(row.values())]
    known = {row["id"]: row for row in input_of(listing)["rights"]}
    read = [_right(row) for row in rows]
    return [
        {**known.get(str(row.get("id")), {}), **row}
        for row in read
        if any(value for name, value in row.items() if name not in RIGHT_PRESET)
    ]


def _right(row: dict[str, Any]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for name, value in row.items():
        if name in RIGHT_TAGS:
            read[name] = _parts(value, _COMMA)
        elif name == "owners":
            read[name] = _parts(value, _LINE)  # "Co., Ltd." has a comma of its own
        elif name == "encumbrances":
            read[name] = [_burden(item) for item in value if isinstance(item, dict) and item.get("kind")]
        elif name == "status":
            read[name] = value or "not_checked"
        elif name != "id" or value:
            read[name] = value or None
    return read


def _burden(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "territories": _several(row.get("territories", "")), "until": row.get("until") or None}


def _shown_right(row: Mapping[str, Any]) -> dict[str, Any]:
    owners = row.get("owners") or []
    return {**row, "owners": "\n".join(map(str, owners)) if isinstance(owners, list) else owners}


def _terms(typed: Any, listing: Listing, locale: str | None) -> dict[str, Any] | None:
    """The terms the form asks for, over those that came another way (the API knows them all)."""
    terms = dict(listing.terms or {})
    for name, value in (typed if isinstance(typed, dict) else {}).items():
        terms[name] = _several(value) if name in TERM_LISTS else value
    if isinstance(typed, dict):
        terms |= {name: [] for name in TERM_LISTS if name not in typed}
    terms = {name: value for name, value in terms.items() if value not in (None, "", [])}
    for name in TERM_AMOUNTS:
        if isinstance(terms.get(name), str):
            try:
                terms[name] = parse_money(terms[name], str(terms.get("currency", "")), locale).amount_minor
            except MoneyError:
                continue  # stays as typed, and the schema says what is wrong with it
    return terms or None

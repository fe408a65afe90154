"""Between the form of a need and its schema: what is a list, what an amount, and how both look when shown again."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from starlette.datastructures import FormData

from backend.core.errors import FieldError
from backend.core.money import EXPONENTS, Money, MoneyError, parse_money
from backend.ip.terms import TERM_PROBLEMS
from backend.needs.models import Need
from backend.needs.schemas import NeedInput
from backend.needs.service import input_of
from backend.publication.messages import errors_of
from backend.web.forms import unflatten

CHOICES = ("used_in", "right_kinds", "sectors", "sdgs", "deal_types", "partner_kinds", "partner_countries")
TAGS = ("technology_keywords", "market_keywords", "ipc")
BLANK_IS_NONE = ("min_trl", "currency", "budget_min", "budget_max", "award", "deadline", "decision_on")
TERM_AMOUNTS = ("upfront_fee",)
PRESET = ("operator", "importance")
_COMMA = re.compile(r"[,;\n،、，；]")


def raw_of(form: FormData, need: Need | None = None, locale: str | None = None) -> dict[str, Any]:
    """What was typed, in the shape of NeedInput. A short form leaves out most fields; what stands there is kept."""
    typed = unflatten(form)
    full = form.get("_form") == "full"
    raw: dict[str, Any] = {name: value for name, value in typed.items() if isinstance(value, str)}
    if full:
        rows = typed.get("requirements") or []
        raw["requirements"] = [
            {name: value for name, value in row.items() if value or name not in PRESET}
            for row in rows
            if _is_filled(row)
        ]
        raw["terms"] = _terms(typed.get("terms"), need, raw.get("currency"), locale)
    for name in CHOICES:
        if full or name in typed:
            raw[name] = [value for value in form.getlist(name) if isinstance(value, str) and value]
    for name in TAGS:
        if full or name in typed:
            raw[name] = [part.strip() for part in _COMMA.split(str(form.get(name) or "")) if part.strip()]
    for name in BLANK_IS_NONE:
        if raw.get(name) == "":
            raw[name] = None
    if full or "anonymous" in typed:
        raw["anonymous"] = bool(form.get("anonymous"))
    for name in ("language", "kind", "ip_expectation"):
        if raw.get(name) == "":
            del raw[name]
    return raw


def shown_values(need: Need) -> dict[str, Any]:
    """The need as its form shows it: what was typed and could not be taken over yet stands before what was."""
    values = {**input_of(need), **(need.draft or {})}
    terms = dict(values.get("terms") or {})
    for name in TERM_AMOUNTS:
        if isinstance(terms.get(name), int) and terms.get("currency") in EXPONENTS:
            terms[name] = str(Money(terms[name], terms["currency"]).to_decimal())
    values["terms"] = terms
    values["requirements"] = values.get("requirements") or [{}]
    return values


def read(raw: Mapping[str, Any], locale: str | None) -> tuple[NeedInput | None, list[FieldError]]:
    """The need, or what is wrong with it, each beside a control of the form."""
    try:
        return NeedInput.model_validate(raw, context={"locale": locale}), []
    except ValidationError as error:
        return None, [_beside_its_control(found) for found in errors_of(error)]


def with_rows_changed(form: FormData) -> dict[str, Any]:
    """The typed values with one requirement row more or one less: the buttons work without scripts."""
    typed = unflatten(form)
    rows = list(typed.get("requirements") or [])
    if form.get("_add") == "requirements":
        rows.append({})
    removed = str(form.get("_remove") or "").rpartition("-")[2]
    if removed.isdecimal() and int(removed) < len(rows):
        del rows[int(removed)]
    return {**typed, "requirements": rows or [{}]}


def _is_filled(row: Any) -> bool:
    """A row in which only the preset choices stand was never begun."""
    return isinstance(row, dict) and any(
        str(value).strip() for name, value in row.items() if name not in PRESET
    )


def _terms(typed: Any, need: Need | None, currency: Any, locale: str | None) -> dict[str, Any] | None:
    """The few terms the form asks for, over those that came another way (the API knows them all)."""
    terms = dict(need.terms or {}) if need is not None else {}
    for name, value in (typed if isinstance(typed, dict) else {}).items():
        terms[name] = value
    terms = {name: value for name, value in terms.items() if value not in (None, "", [], ())}
    if currency and any(name in terms for name in TERM_AMOUNTS):
        terms["currency"] = currency
    percent = terms.get("running_royalty_percent")
    if isinstance(percent, str) and percent.count(",") == 1 and "." not in percent:
        terms["running_royalty_percent"] = percent.replace(",", ".")
    for name in TERM_AMOUNTS:
        if isinstance(terms.get(name), str):
            try:
                terms[name] = parse_money(terms[name], str(terms.get("currency", "")), locale).amount_minor
            except MoneyError:
                continue  # stays as typed, and the schema says what is wrong with it
    return terms or None


def _beside_its_control(found: FieldError) -> FieldError:
    top, _dot, rest = found.field.partition(".")
    if top == "requirements":
        return found
    if top == "terms":
        field = "currency" if found.code == "currency_missing" else f"terms.{rest}" if rest else "terms.notes"
        return FieldError(field, found.code, TERM_PROBLEMS.get(found.code, found.message))
    return FieldError(top, found.code, found.message)

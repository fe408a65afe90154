"""The one record of licence terms: what a listing asks, a need accepts, an offer proposes and a licence grants.

Every field may be left out, and what is left out is not known: it never counts as agreed. Amounts are whole minor
units, percentages are decimals written as text, so that terms read back are the terms written.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_serializer, field_validator, model_validator

from backend.core.errors import FieldError, Invalid
from backend.core.marking import N_
from backend.core.money import EXPONENTS, Money
from backend.ip import classes
from backend.ip.terms.fields import (
    TERM_PROBLEMS,
    Minor,
    NiceNumber,
    Percent,
    Text200,
    Text500,
    Text2000,
    Years,
    refuse,
    shortest,
    whole,
)
from backend.ip.territories import expand, is_country, is_territory
from backend.ip.vocabularies import (
    EXCLUSIVITY_OF_DEAL,
    DealType,
    Exclusivity,
    GrantBack,
    RightKind,
    RoyaltyBase,
    Sublicensing,
    Support,
)

TERM_WARNINGS: dict[str, str] = {
    "grant_back_exclusive": N_("Taking all rights in improvements is void or suspect in several member states."),
    "mark_without_quality_control": N_("A trade mark licensed without quality control can be lost."),
    "royalty_after_expiry": N_("Royalties that run on after the right has ended are void in several member states."),
}
# Rules that look at several fields: the field their message stands beside.
FIELD_OF = {
    "currency_missing": "currency",
    "royalty_mixed": "royalty_per_unit",
    "royalty_base_mismatch": "royalty_base",
    "cap_below_minimum": "annual_cap",
    "exclusivity_contradicts_deal": "exclusivity",
    "excluded_not_granted": "excluded_territories",
    "nothing_granted": "excluded_territories",
}


class Milestone(BaseModel):
    """A payment due when something happens; `amount` in minor units of the terms' currency."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event: Text200
    amount: Minor


class LicenceTerms(BaseModel):
    """Terms of a licence or assignment. Amounts are minor units of `currency`; royalties and cap are per year."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "deal_type": "non_exclusive_licence",
                    "territories": ["TH", "LA"],
                    "term_years": 7,
                    "currency": "USD",
                    "upfront_fee": 500000,
                    "running_royalty_percent": "3.5",
                    "royalty_base": "net_sales",
                }
            ]
        },
    )

    deal_type: DealType | None = None
    exclusivity: Exclusivity | None = None
    field_of_use: Text500 | None = None
    ipc: Annotated[tuple[str, ...], Field(max_length=50)] = ()
    nice: Annotated[tuple[NiceNumber, ...], Field(max_length=45)] = ()
    territories: Annotated[tuple[str, ...], Field(max_length=260)] = ()
    excluded_territories: Annotated[tuple[str, ...], Field(max_length=260)] = ()
    start_on: date | None = None
    term_years: Years | None = None
    until_last_expiry: bool | None = None
    currency: str | None = None
    upfront_fee: Minor | None = None
    running_royalty_percent: Percent | None = None
    royalty_base: RoyaltyBase | None = None
    royalty_per_unit: Minor | None = None
    minimum_royalty: Minor | None = None
    annual_cap: Minor | None = None
    milestones: Annotated[tuple[Milestone, ...], Field(max_length=20)] = ()
    sublicensing: Sublicensing | None = None
    grant_back: GrantBack | None = None
    quality_control: Text2000 | None = None
    improvements: Text2000 | None = None
    support: Annotated[tuple[Support, ...], Field(max_length=10)] = ()
    governing_law: str | None = None
    notes: Text2000 | None = None

    @model_validator(mode="before")
    @classmethod
    def _blank_is_unstated(cls, data: Any) -> Any:
        """An empty form field states nothing."""
        if not isinstance(data, Mapping):
            return data
        stated: dict[str, Any] = {}
        for name, value in data.items():
            if isinstance(value, list | tuple):
                value = [part for part in value if not (isinstance(part, str) and not part.strip())]
            if value is not None and value != [] and not (isinstance(value, str) and not value.strip()):
                stated[str(name)] = value.strip() if isinstance(value, str) else value
        return stated

    @field_validator("ipc")
    @classmethod
    def _known_symbols(cls, symbols: tuple[str, ...]) -> tuple[str, ...]:
        if any(classes.problem(symbol) for symbol in symbols):
            raise refuse("unknown_class")
        return tuple(sorted({classes.normalise(symbol) for symbol in symbols}))

    @field_validator("nice", mode="before")
    @classmethod
    def _known_nice(cls, numbers: Any) -> Any:
        if not isinstance(numbers, list | tuple):
            return numbers
        try:
            return sorted({classes.nice_class(whole(n)) for n in numbers})  # type: ignore[arg-type]
        except (classes.ClassError, TypeError):
            raise refuse("unknown_class") from None

    @field_validator("territories", "excluded_territories")
    @classmethod
    def _known_territories(cls, codes: tuple[str, ...]) -> tuple[str, ...]:
        codes = tuple(sorted({code.strip().upper() for code in codes}))
        if not all(is_territory(code) for code in codes):
            raise refuse("unknown_territory")
        return codes

    @field_validator("support")
    @classmethod
    def _each_once(cls, items: tuple[Support, ...]) -> tuple[Support, ...]:
        return tuple(item for item in Support if item in items)

    @field_validator("start_on", mode="before")
    @classmethod
    def _no_timestamp(cls, day: Any) -> Any:
        """A bare number would be read as seconds since 1970."""
        if isinstance(day, str | date) and not str(day).replace(".", "").lstrip("-+").isdecimal():
            return day
        raise refuse("date_type")

    @field_validator("start_on")
    @classmethod
    def _plausible_date(cls, day: date | None) -> date | None:
        if day is not None and not 1950 <= day.year <= 2150:
            raise refuse("date_out_of_range")
        return day

    @field_validator("currency")
    @classmethod
    def _known_currency(cls, code: str | None) -> str | None:
        if code is not None and code.upper() not in EXPONENTS:
            raise refuse("unknown_currency")
        return code.upper() if code else None

    @field_validator("governing_law")
    @classmethod
    def _known_law(cls, code: str | None) -> str | None:
        if code is not None and not is_country(code.upper()):
            raise refuse("unknown_territory")
        return code.upper() if code else None

    @model_validator(mode="after")
    def _agree(self) -> "LicenceTerms":
        """Rules over several fields."""
        amounts = [self.upfront_fee, self.royalty_per_unit, self.minimum_royalty, self.annual_cap]
        if self.currency is None and any([*amounts, *(step.amount for step in self.milestones)]):
            raise refuse("currency_missing")
        if self.running_royalty_percent is not None and self.royalty_per_unit is not None:
            raise refuse("royalty_mixed")
        on_units = self.royalty_base in (RoyaltyBase.UNIT, RoyaltyBase.SUBSCRIBER)
        if self.royalty_base is not None and (
            (self.running_royalty_percent is not None and on_units)
            or (self.royalty_per_unit is not None and not on_units)
        ):
            raise refuse("royalty_base_mismatch")
        if None not in (self.annual_cap, self.minimum_royalty) and self.annual_cap < self.minimum_royalty:  # type: ignore[operator]
            raise refuse("cap_below_minimum")
        implied = EXCLUSIVITY_OF_DEAL.get(self.deal_type) if self.deal_type else None
        if implied and self.exclusivity and implied is not self.exclusivity:
            raise refuse("exclusivity_contradicts_deal")
        if self.territories and self.excluded_territories:
            granted, excluded = expand(self.territories), expand(self.excluded_territories)
            if not excluded <= granted:
                raise refuse("excluded_not_granted")
            if excluded == granted:
                raise refuse("nothing_granted")
        return self

    @field_serializer("running_royalty_percent")
    def _percent_as_text(self, percent: Decimal | None) -> str | None:
        return None if percent is None else shortest(percent)

    @property
    def countries(self) -> frozenset[str]:
        """Where the terms apply, with ASEAN resolved and exclusions taken off; empty when not stated."""
        return expand(self.territories) - expand(self.excluded_territories)

    @property
    def granted_exclusivity(self) -> Exclusivity | None:
        """As stated, or as the kind of deal implies."""
        return self.exclusivity or (EXCLUSIVITY_OF_DEAL.get(self.deal_type) if self.deal_type else None)

    def money(self, field: str) -> Money | None:
        """An amount field ("upfront_fee" ...) as money, or None when it is not stated."""
        amount = getattr(self, field)
        return None if amount is None or self.currency is None else Money(amount, self.currency)

    def stated(self) -> dict[str, Any]:
        """JSON-ready dict of what is stated and nothing else; reads back to equal terms."""
        dumped = self.model_dump(mode="json", exclude_none=True)
        return {name: value for name, value in dumped.items() if value != []}

    def canonical(self) -> str:
        """The one JSON text of these terms: equal terms give equal text."""
        return json.dumps(self.stated(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def read_terms(data: Mapping[str, Any], *, within: str = "terms") -> LicenceTerms:
    """Terms from a form or a JSON body. Invalid with every problem beside its field ("terms.annual_cap")."""
    try:
        return LicenceTerms.model_validate(data)
    except ValidationError as error:
        raise Invalid(findings(error, within)) from None


def findings(error: ValidationError, within: str = "terms") -> list[FieldError]:
    """A validation error of LicenceTerms as findings; messages are English message ids."""
    found = []
    for item in error.errors(include_url=False, include_context=False, include_input=False):
        path = [str(part) for part in item["loc"]] or [FIELD_OF.get(item["type"], "")]
        field = ".".join(part for part in (within, *path) if part)
        found.append(FieldError(field, item["type"], TERM_PROBLEMS.get(item["type"], item["msg"])))
    return found


def warnings(terms: LicenceTerms, kinds: Iterable[RightKind] = ()) -> list[str]:
    """Codes (see TERM_WARNINGS) of what is allowed here but deserves a second look before anyone signs."""
    codes = []
    if terms.grant_back in (GrantBack.EXCLUSIVE, GrantBack.ASSIGNMENT):
        codes.append("grant_back_exclusive")
    if RightKind.TRADE_MARK in set(kinds) and not terms.quality_control and terms.deal_type is not DealType.ASSIGNMENT:
        codes.append("mark_without_quality_control")
    royalty = bool(terms.running_royalty_percent or terms.royalty_per_unit or terms.minimum_royalty)
    if royalty and terms.until_last_expiry is False and (terms.term_years or 0) > 20:
        codes.append("royalty_after_expiry")
    return codes

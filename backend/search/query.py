"""What is asked of a search, read from an address and written back to it: the same question has one address.

Pages forgive (what makes no sense is said and left out); the API refuses. Nothing here knows an engine.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from urllib.parse import urlencode

from backend.core.errors import FieldError
from backend.core.paging import MAX_PAGE
from backend.i18n import _
from backend.language.segment import visible
from backend.search.facets import FACETS, facets_of

Kind = Literal["listing", "need"]
MAX_TEXT = 500
MAX_VALUES = 60
DEFAULT_SIZE, MAX_SIZE = 20, 50
SORTS = ("relevance", "newest", "expiring", "title")
# Written as one number and meant as a range.
RANGES = ("trl_min", "trl_max", "verification")
_INTEGER = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class SearchQuery:
    """`chosen` holds facet -> values as given; `groups` is what engines filter by, with the ranges spelt out."""

    kind: Kind = "listing"
    q: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    trl_min: int | None = None
    trl_max: int | None = None
    verification: int | None = None
    sort: str = ""
    page: int = 1
    size: int = DEFAULT_SIZE

    def __hash__(self) -> int:
        return hash(tuple(self.pairs()))

    @property
    def order(self) -> str:
        """The sort in force: nothing can be more relevant to no words."""
        if self.sort in ("", "relevance"):
            return "relevance" if self.q else "newest"
        return self.sort

    @property
    def groups(self) -> dict[str, frozenset[str]]:
        """Facet -> acceptable values. An impossible range accepts nothing."""
        found = {name: frozenset(values) for name, values in self.chosen.items() if values}
        if self.trl_min is not None or self.trl_max is not None:
            span = range(self.trl_min or 1, (self.trl_max or 9) + 1)
            found["trl"] = frozenset(map(str, span))
        if self.verification:
            found["verification"] = frozenset({str(self.verification)})
        return found

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.size

    def pairs(self) -> list[tuple[str, str]]:
        """The canonical address: only what differs from the default, always in the same order."""
        found = [("q", self.q)] if self.q else []
        for facet in facets_of(self.kind):
            found += [(facet.name, value) for value in sorted(self.chosen.get(facet.name, ()))]
        for name in RANGES:
            if (value := getattr(self, name)) is not None:
                found.append((name, str(value)))
        if self.sort and self.sort != replace(self, sort="").order:
            found.append(("sort", self.sort))
        if self.page != 1:
            found.append(("page", str(self.page)))
        if self.size != DEFAULT_SIZE:
            found.append(("size", str(self.size)))
        return found

    def url(self, path: str) -> str:
        pairs = self.pairs()
        return f"{path}?{urlencode(pairs)}" if pairs else path

    def at(self, page: int) -> "SearchQuery":
        return replace(self, page=page)

    def without(self, name: str, value: str | None = None) -> "SearchQuery":
        """This question with one filter (or one of its values) taken away, from its first page."""
        if name in RANGES:
            changed: dict[str, Any] = {name: None}
            return replace(self, page=1, **changed)
        kept = tuple(one for one in self.chosen.get(name, ()) if value is not None and one != value)
        chosen = {key: values for key, values in self.chosen.items() if key != name}
        return replace(self, page=1, chosen=chosen | ({name: kept} if kept else {}))

    def unfiltered(self) -> "SearchQuery":
        return replace(self, page=1, chosen={}, trl_min=None, trl_max=None, verification=None)


def parse(
    kind: Kind, pairs: Iterable[tuple[str, str]], ignore: Iterable[str] = ()
) -> tuple[SearchQuery, list[FieldError]]:
    """The question in an address, and what was wrong in it; what was wrong is left out of the question."""
    known = {facet.name for facet in facets_of(kind)} - {"trl", "verification"}
    chosen: dict[str, list[str]] = {}
    single: dict[str, Any] = {}
    errors: list[FieldError] = []
    skipped = set(ignore)
    for name, value in pairs:
        if name in skipped or (value == "" and name != "q"):
            continue
        if name in known:
            code = value.strip()
            code = code.upper() if name in ("owner_country", "territory", "used_in", "ipc") else code.lower()
            if name in ("green", "posted_terms") and code in ("true", "1", "on"):
                code = "yes"
            if code not in FACETS[name].values():
                errors.append(FieldError(name, "unknown_value", _("There is no such choice here.")))
            elif code not in (held := chosen.setdefault(name, [])) and len(held) < MAX_VALUES:
                held.append(code)
        elif name in ("q", "sort", "page", "size", *RANGES):
            if name in single:
                errors.append(FieldError(name, "repeated", _("This can be given only once.")))
            else:
                _take(name, value, single, errors)
        else:
            errors.append(FieldError(name[:60], "unknown_parameter", _("This parameter is not known.")))
    if single.get("trl_min") and single.get("trl_max") and single["trl_min"] > single["trl_max"]:
        errors.append(FieldError("trl_min", "wrong_order", _("The lowest level is above the highest.")))
        single.pop("trl_min"), single.pop("trl_max")
    return SearchQuery(kind=kind, chosen={name: tuple(values) for name, values in chosen.items()}, **single), errors


def _take(name: str, value: str, into: dict[str, Any], errors: list[FieldError]) -> None:
    if name == "q":
        plain = visible(value[: MAX_TEXT * 4])
        if len(plain) > MAX_TEXT:
            errors.append(
                FieldError("q", "too_long", _("Please search with at most %(count)s characters.", count=MAX_TEXT))
            )
            plain = plain[:MAX_TEXT]
        into["q"] = plain
    elif name == "sort":
        if value in SORTS:
            into["sort"] = value
        else:
            errors.append(FieldError("sort", "unknown_value", _("There is no such order.")))
    else:
        low, high = {"page": (1, MAX_PAGE), "size": (1, MAX_SIZE), "verification": (0, 4)}.get(name, (1, 9))
        if not _INTEGER.fullmatch(value) or not low <= int(value) <= high:
            message = _("This must be a whole number from %(low)s to %(high)s.", low=low, high=high)
            errors.append(FieldError(name, "out_of_range", message))
        elif name != "verification" or value != "0":
            into[name] = int(value)

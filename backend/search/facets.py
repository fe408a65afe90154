"""The filters of a search and the values each may take. A facet value is written as a tag: "owner_country:VN".

Within one facet any chosen value will do; all facets together must hold. `verification` and `trl` are ranges, and
become sets of values here, so that every engine knows one kind of filter.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from backend.ip.facts import packaged
from backend.ip.territories import COUNTRIES
from backend.ip.vocabularies import VOCABULARIES
from backend.language.detect import LANGUAGES


@dataclass(frozen=True)
class Facet:
    """`kinds`: which of "listing" and "need" have it. `vocabulary` names the labels, where a vocabulary has them."""

    name: str
    values: Callable[[], frozenset[str]]
    of: Callable[[Mapping[str, Any]], Iterable[Any]]
    kinds: tuple[str, ...] = ("listing", "need")
    vocabulary: str | None = None
    ordered: bool = False  # shown in the order of its values, not of its counts


def _codes(vocabulary: str) -> Callable[[], frozenset[str]]:
    return lambda: frozenset(str(member.value) for member in VOCABULARIES[vocabulary])


def _numbers(low: int, high: int) -> Callable[[], frozenset[str]]:
    return lambda: frozenset(str(number) for number in range(low, high + 1))


@cache
def _ipc() -> frozenset[str]:
    classes = packaged("ipc")["classes"]
    return frozenset(classes) | {code[0] for code in classes}


def _column(name: str) -> Callable[[Mapping[str, Any]], Iterable[Any]]:
    def values(document: Mapping[str, Any]) -> Iterable[Any]:
        value = document[name]
        return value if isinstance(value, (list, tuple)) else () if value is None else (value,)

    return values


def _flag(name: str) -> Callable[[Mapping[str, Any]], Iterable[Any]]:
    return lambda document: ("yes",) if document[name] else ()


def _yes() -> frozenset[str]:
    return frozenset({"yes"})


_LISTING, _NEED = ("listing",), ("need",)

FACETS: dict[str, Facet] = {
    facet.name: facet
    for facet in (
        Facet("record_kind", _codes("need_kind"), _column("record_kind"), _NEED, "need_kind"),
        Facet("right_kind", _codes("right_kind"), _column("right_kinds"), vocabulary="right_kind"),
        Facet("owner_country", lambda: COUNTRIES, _column("owner_country")),
        Facet("territory", lambda: COUNTRIES, _column("in_force"), _LISTING),
        Facet("used_in", lambda: COUNTRIES, _column("territories"), _NEED),
        Facet("deal_type", _codes("deal_type"), _column("deal_types"), vocabulary="deal_type"),
        Facet("exclusivity", _codes("exclusivity"), _column("exclusivity"), vocabulary="exclusivity"),
        Facet("sector", _codes("sector"), _column("sectors"), vocabulary="sector"),
        Facet("sdg", _numbers(1, 17), _column("sdgs"), vocabulary="sdg", ordered=True),
        Facet("trl", _numbers(1, 9), _column("trl"), vocabulary="trl", ordered=True),
        Facet("ipc", _ipc, lambda row: [*row["ipc_sections"], *row["ipc_classes"]], ordered=True),
        Facet("nice", _numbers(1, 45), _column("nice"), _LISTING, ordered=True),
        Facet("green", _yes, _flag("green")),
        Facet("posted_terms", _yes, _flag("posted_terms"), _LISTING),
        Facet(
            "verification",
            _numbers(1, 4),
            lambda row: range(1, row["verification_level"] + 1),  # "at least this level"
            vocabulary="verification_level",
            ordered=True,
        ),
        Facet("language", lambda: frozenset(LANGUAGES), _column("language")),
    )
}


def facets_of(kind: str) -> list[Facet]:
    return [facet for facet in FACETS.values() if kind in facet.kinds]


def values_of(document: Mapping[str, Any]) -> dict[str, list[str]]:
    """Facet -> values of one document, in the facets' order, each value once."""
    return {
        facet.name: list(dict.fromkeys(str(value) for value in facet.of(document)))
        for facet in facets_of(document["kind"])
    }


def tags_of(document: Mapping[str, Any]) -> list[str]:
    return [f"{name}:{value}" for name, values in values_of(document).items() for value in values]

"""The outside engine's filter language, written from values and never from text: nothing a searcher sends is syntax."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

MAX_VALUE_BYTES = 468  # the engine's limit for a filterable value
_ATTRIBUTE = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class OneOf:
    """The attribute holds any of the values; no values: nothing can hold."""

    attribute: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Above:
    attribute: str
    number: int


@dataclass(frozen=True)
class Every:
    filters: Sequence["Filter"]


Filter = OneOf | Above | Every


def written(condition: Filter) -> str:
    """The filter as the engine reads it; ValueError for an attribute that cannot be one."""
    match condition:
        case OneOf(attribute, values):
            # An attribute compared with a value that nothing can hold, since IN [] is not in the language.
            return f"{_named(attribute)} IN [{', '.join(map(quoted, values or (chr(0x10FFFD),)))}]"
        case Above(attribute, number):
            return f"{_named(attribute)} > {int(number)}"
        case Every(filters):
            return " AND ".join(f"({written(one)})" for one in filters)


def quoted(value: str) -> str:
    value = value.encode("utf-8", "replace")[:MAX_VALUE_BYTES].decode("utf-8", "ignore")
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _named(attribute: str) -> str:
    if not _ATTRIBUTE.fullmatch(attribute):
        raise ValueError(f"not an attribute: {attribute[:40]!r}")
    return attribute

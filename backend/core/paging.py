"""Pages and cursors. A cursor is opaque to the caller and checked when it comes back."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from backend.core.errors import DomainError
from backend.core.marking import N_

Item = TypeVar("Item")
MAX_PAGE = 500
MAX_CURSOR = 300
NOT_OURS = N_("This cursor is not one of ours.")


class BadCursor(DomainError):
    status, code = 422, "bad_cursor"


@dataclass
class Page(Generic[Item]):
    """One page of a longer list; `number` counts from 1."""

    items: Sequence[Item]
    number: int
    size: int
    total: int
    url_for: Callable[[int], str] = str

    @property
    def total_pages(self) -> int:
        return max(1, -(-self.total // self.size))


def encode_cursor(values: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, length: int) -> list[Any]:
    """The values put in by `encode_cursor`; raises BadCursor for anything else."""
    if len(cursor) > MAX_CURSOR:
        raise BadCursor(NOT_OURS)
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, RecursionError) as error:
        raise BadCursor(NOT_OURS) from error
    if not isinstance(values, list) or len(values) != length:
        raise BadCursor(NOT_OURS)
    return values

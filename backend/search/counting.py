"""Filters and facets as arithmetic over one compact table: exact counts in milliseconds, whatever is chosen.

Counting in SQL was tried: 370,000 (document, value) pairs of 21,000 documents take 125 ms to group there and 240 ms
with the counts of each facet freed from its own filter; fetched as bytes and counted here both take under 15 ms.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from backend.search.engine import Facets
from backend.search.facets import FACETS

Ids = NDArray[np.void]
Mask = NDArray[np.bool_]


# PostgreSQL joins one stored column five times faster than it converts and joins the five values behind it.
_HEAD = np.dtype([("high", ">u8"), ("low", ">u8"), ("published", ">i8"), ("expires", ">i8"), ("codes", ">u2")])
NEVER = 2**63 - 1


def head(document: Mapping[str, Any], codes: Sequence[int]) -> bytes:
    """The fixed part of a document's row in the table: 34 bytes."""
    key: UUID = document["id"]
    published, expires = document["published_at"], document["expires_at"]
    return (
        key.bytes
        + int(published.timestamp() * 1_000_000).to_bytes(8, "big", signed=True)
        + (int(expires.timestamp() * 1_000_000) if expires else NEVER).to_bytes(8, "big", signed=True)
        + len(codes).to_bytes(2, "big")
    )


@dataclass(frozen=True)
class Table:
    """All documents of one kind: id (16 bytes), facet codes, and when published and expiring (microseconds)."""

    ids: NDArray[np.uint64]  # (n, 2), big-endian halves
    codes: NDArray[np.uint16]  # flat
    lengths: NDArray[np.int64]  # codes per document
    published: NDArray[np.int64]
    expires: NDArray[np.int64]

    @classmethod
    def read(cls, heads: bytes, codes: bytes) -> "Table":
        """From the heads and codes of all documents, one after the other in the same order."""
        head = np.frombuffer(heads, dtype=_HEAD)
        return cls(
            np.stack([head["high"], head["low"]], axis=1).astype(np.uint64),
            np.frombuffer(codes, dtype=">u2").astype(np.uint16),
            head["codes"].astype(np.int64),
            head["published"].astype(np.int64),
            head["expires"].astype(np.int64),
        )

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def owners(self) -> NDArray[np.int64]:
        """For each code, the row it belongs to."""
        return np.repeat(np.arange(len(self)), self.lengths)

    @cached_property
    def _order(self) -> NDArray[np.int64]:
        return np.argsort(_keys(self.ids))

    @cached_property
    def _sorted(self) -> NDArray[Any]:
        return _keys(self.ids)[self._order]

    def located(self, ids: bytes) -> NDArray[np.int64]:
        """The row of each id (16 bytes each, one after the other), -1 for ids that are not here."""
        asked = _keys(np.frombuffer(ids, dtype=">u8").astype(np.uint64).reshape(-1, 2))
        if not len(self):
            return np.full(len(asked), -1, dtype=np.int64)
        places = np.minimum(np.searchsorted(self._sorted, asked), len(self) - 1)
        return np.where(self._sorted[places] == asked, self._order[places], -1)

    def rows_of(self, ids: bytes) -> NDArray[np.int64]:
        """As `located`, without the unknown ones."""
        rows = self.located(ids)
        return rows[rows >= 0]

    def id_bytes(self, row: int) -> bytes:
        return int(self.ids[row, 0]).to_bytes(8, "big") + int(self.ids[row, 1]).to_bytes(8, "big")


def _keys(ids: NDArray[np.uint64]) -> NDArray[Any]:
    """Version 7 ids are mostly random in their lower half, but foreign ids need not be: both halves mixed into one."""
    return ids[:, 0] * np.uint64(0x9E3779B97F4A7C15) ^ ids[:, 1]


def filtered(table: Table, groups: Mapping[str, Sequence[int]]) -> dict[str, Mask]:
    """Per facet with a filter, which documents satisfy it. `groups`: facet -> codes of the acceptable values."""
    masks = {}
    for name, wanted in groups.items():
        accepted = np.zeros(65_536, dtype=bool)
        accepted[list(wanted)] = True
        mask = np.zeros(len(table), dtype=bool)
        mask[table.owners[accepted[table.codes]]] = True
        masks[name] = mask
    return masks


def both(masks: Iterable[Mask], size: int) -> Mask:
    result = np.ones(size, dtype=bool)
    for mask in masks:
        result &= mask
    return result


def count(table: Table, among: Mask, masks: Mapping[str, Mask], tags: Mapping[int, str]) -> Facets:
    """Counts of every facet among `among`, each facet counted as if its own filter were not set."""
    everything = among & both(masks.values(), len(table))
    totals = _totals(table, everything)
    per_facet = {
        name: _totals(table, among & both((mask for other, mask in masks.items() if other != name), len(table)))
        for name in masks
    }
    found: dict[str, list[tuple[str, int]]] = {}
    for code, tag in tags.items():
        name, _colon, value = tag.partition(":")
        number = int(per_facet.get(name, totals)[code])
        if number and name in FACETS:
            found.setdefault(name, []).append((value, number))
    return {name: _in_order(name, found.get(name, [])) for name in FACETS if name in found}


def _totals(table: Table, mask: Mask) -> NDArray[np.int64]:
    chosen = table.codes if mask.all() else table.codes[mask[table.owners]]
    return np.bincount(chosen, minlength=65_536)


def _in_order(name: str, values: list[tuple[str, int]]) -> list[tuple[str, int]]:
    if FACETS[name].ordered:
        return sorted(values, key=lambda pair: pair[0].zfill(4) if pair[0].isdecimal() else pair[0])
    return sorted(values, key=lambda pair: (-pair[1], pair[0]))

"""Fair exposure: equally good matches take turns, so that an owner shown often does not crowd out a small one. Pure.

The rule, as the statistics page states it to everybody: going down from the best, the matches within `BAND` of the best
one left are equally good. Among equals, the owner with the fewest places in this list so far comes first; of those, the
owner who was shown least in the last `WINDOW` days; then the better score. A match never passes one that is better by
more than the band, and no score changes. Exposure is weighed by place as in nDCG, 1 / log2(place + 1), and added up
over lists and days (equity of attention amortised over rankings: Biega et al., 2018); merit is the score.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

# Two points of a hundred: less than what one more shared word or one answered question moves.
BAND = 0.02
WINDOW = timedelta(days=30)
_ROUNDING = 1e-9  # scores are kept with five decimals


@dataclass(frozen=True, slots=True)
class Standing:
    """One match in a list: whose listing it is and how well it fits."""

    id: UUID
    owner: UUID
    score: float


def attention(place: int) -> float:
    """How much of a reader's attention a place gets, the first being 1."""
    return 1 / math.log2(place + 1)


def by_merit(matches: Iterable[Standing]) -> list[Standing]:
    return sorted(matches, key=lambda one: (-one.score, str(one.id)))


def take_turns(matches: Iterable[Standing], shown: Mapping[UUID, float]) -> list[Standing]:
    """The list in its fair order. `shown` is each owner's exposure of late; whoever is not in it was not shown."""
    places: dict[UUID, int] = defaultdict(int)
    ordered: list[Standing] = []
    for equals in groups(by_merit(matches)):
        if len(equals) == 1:
            places[equals[0].owner] += 1
            ordered += equals
            continue
        waiting: dict[UUID, list[Standing]] = defaultdict(list)
        for one in reversed(equals):
            waiting[one.owner].append(one)
        queue = [_next(places[owner], shown.get(owner, 0.0), mine) for owner, mine in waiting.items()]
        heapq.heapify(queue)
        while queue:
            mine = heapq.heappop(queue)[-1]
            one = mine.pop()
            ordered.append(one)
            places[one.owner] += 1
            if mine:
                heapq.heappush(queue, _next(places[one.owner], shown.get(one.owner, 0.0), mine))
    return ordered


def fair_cut(matches: Iterable[Standing], most: int) -> set[UUID]:
    """Which of them a list of `most` holds: at its end too, equals take turns. Exposure of late does not count here, so
    that what is kept follows from the records alone."""
    return {one.id for one in take_turns(matches, {})[:most]}


def groups(ranked: Sequence[Standing]) -> Iterator[list[Standing]]:
    """Runs of equals, best first; each reaches from its best down to `BAND` below it."""
    equals: list[Standing] = []
    for one in ranked:
        if equals and equals[0].score - one.score > BAND + _ROUNDING:
            yield equals
            equals = []
        equals.append(one)
    if equals:
        yield equals


def _next(places: int, shown: float, mine: list[Standing]) -> tuple[Any, ...]:
    one = mine[-1]
    return places, shown, -one.score, str(one.id), mine


# Measuring ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Tally:
    """What one owner got over many lists: attention under the rule, attention by score alone, and what it merited: of
    each list's attention, the owner's part of that list's scores."""

    exposure: float = 0.0
    by_score: float = 0.0
    merit: float = 0.0


def tally(lists: Iterable[Sequence[Standing]], shown: Mapping[UUID, float]) -> dict[UUID, Tally]:
    found: dict[UUID, Tally] = defaultdict(Tally)
    for matches in lists:
        whole = sum(attention(place) for place in range(1, len(matches) + 1)) / (sum(m.score for m in matches) or 1.0)
        for place, one in enumerate(take_turns(matches, shown), 1):
            found[one.owner].exposure += attention(place)
            found[one.owner].merit += one.score * whole
        for place, one in enumerate(by_merit(matches), 1):
            found[one.owner].by_score += attention(place)
    return dict(found)


@dataclass(frozen=True, slots=True)
class Share:
    """One group of owners: its shares of all exposure, of what exposure would be by score alone, and of merit."""

    group: str
    owners: int
    exposure: float
    by_score: float
    merit: float

    @property
    def ratio(self) -> float | None:
        """1 is shown as it merits; below, too little."""
        return self.exposure / self.merit if self.merit else None


def shares(
    found: Mapping[UUID, Tally], group_of: Callable[[UUID], str], *, least: int, rest: str
) -> list[Share]:
    """Each group's shares. Groups of fewer than `least` owners are joined into `rest`; if that is still too small, the
    next smallest joins it, so that no figure speaks of fewer."""
    members: dict[str, list[Tally]] = defaultdict(list)
    for owner, one in found.items():
        members[group_of(owner)].append(one)
    for group in sorted(members, key=lambda group: (len(members[group]), group)):
        joined = len(members.get(rest, ()))
        if group != rest and (len(members[group]) < least or 0 < joined < least):
            members[rest] = members.get(rest, []) + members.pop(group)
    if len(members.get(rest, ())) < least:
        members.pop(rest, None)
    everything = [one for group in members.values() for one in group]
    total = Tally(*(sum(getattr(one, name) for one in everything) or 1.0 for name in ("exposure", "by_score", "merit")))
    return [
        Share(
            group, len(mine),
            sum(one.exposure for one in mine) / total.exposure,
            sum(one.by_score for one in mine) / total.by_score,
            sum(one.merit for one in mine) / total.merit,
        )
        for group, mine in sorted(members.items())
    ]

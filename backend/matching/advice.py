"""What would make a match fit better: each change that one side could make, with what the score would gain by it.

Computed from the reasons alone, since a score is nothing but its reasons: a reason that turns into a MATCH no longer
takes its weight and adds it instead. Only changes in somebody's hands are named; nobody is told to be another country,
and what is UNKNOWN gains only if what is then stated fits. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from backend.matching.criteria import GRANTS_EXCLUSIVITY, WEIGHTS
from backend.matching.reason import Reason, Verdict
from backend.matching.score import chance

Side = Literal["seeker", "owner"]
# Less than a point of a hundred is not worth anybody's while, and would not be seen.
WORTH_SAYING = 0.01
MOST = 3


@dataclass(frozen=True, slots=True)
class Change:
    """`side` does `move` about what `code` compares; the score then rises by `effect` (0..1). `sure` is False where it
    rises only if what is then stated fits."""

    code: str
    move: str
    side: Side
    effect: float = 0.0
    sure: bool = True
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Advice:
    seeker: tuple[Change, ...] = ()
    owner: tuple[Change, ...] = ()

    def of(self, side: Side) -> tuple[Change, ...]:
        return self.seeker if side == "seeker" else self.owner


def advice(reasons: Iterable[Reason | Mapping[str, Any]], most: int = MOST) -> Advice:
    """The changes with the largest effect, each side's apart. `reasons` as scored, or as stored with the match."""
    known = [reason if isinstance(reason, Reason) else _read(reason) for reason in reasons]
    now = chance(known)
    found: list[Change] = []
    for at, reason in enumerate(known):
        if reason.verdict is Verdict.MATCH:
            continue
        for change, after in _changes(reason):
            gain = chance([*known[:at], *after, *known[at + 1 :]]) - now
            if gain >= WORTH_SAYING:
                found.append(Change(change.code, change.move, change.side, round(gain, 4), change.sure, change.data))
    found.sort(key=lambda change: (-change.effect, not change.sure, change.code, str(change.data)))
    by_side = {side: [change for change in found if change.side == side][:most] for side in ("seeker", "owner")}
    return Advice(tuple(by_side["seeker"]), tuple(by_side["owner"]))


def _read(row: Mapping[str, Any]) -> Reason:
    verdict = Verdict(row.get("verdict", Verdict.UNKNOWN))
    return Reason(str(row.get("code", "")), verdict, float(row.get("weight") or 0), dict(row.get("data") or {}))


Found = tuple[Change, Sequence[Reason]]  # a change, and what stands in the reason's place after it


def _changes(reason: Reason) -> list[Found]:
    """What either side could do about one GAP or UNKNOWN."""
    rule = RULES.get(reason.code)
    if rule is not None:
        return rule(reason)
    return _stated_or_widened(reason)


def _to_match(reason: Reason, move: str, side: Side, *, sure: bool = True, **data: Any) -> Found:
    met = Reason(reason.code, Verdict.MATCH, reason.weight, reason.data)
    return Change(reason.code, move, side, sure=sure, data=data), (met,)


def _sides(reason: Reason) -> tuple[Side, Side]:
    """(who wishes, who is asked): most wishes are the seeker's."""
    return ("owner", "seeker") if reason.data.get("wish_of") == "listing" else ("seeker", "owner")


def _stated_or_widened(reason: Reason) -> list[Found]:
    """What is usual: who is asked states what is not known; who wishes accepts what is missing."""
    wishing, asked = _sides(reason)
    if reason.verdict is Verdict.UNKNOWN:
        return [_to_match(reason, "state", asked, sure=False, **_plain(reason))]
    return [_to_match(reason, "accept", wishing, **_plain(reason))]


def _plain(reason: Reason) -> dict[str, Any]:
    """The facts of a reason that words are made of, without its quotations."""
    return {key: value for key, value in reason.data.items() if key not in ("evidence", "marks", "wish_of")}


def _territory(reason: Reason) -> list[Found]:
    """A right that is taken, or has ended, is in nobody's hands; a pending one is in the office's."""
    state, status = reason.data.get("state"), reason.data.get("status")
    if status == "not_checked":
        return [_to_match(reason, "prove", "owner", sure=False, state=state)]
    if status == "not_recorded":
        return [_to_match(reason, "record", "owner", sure=False, state=state)]
    if status == "pending":
        return [_to_match(reason, "await_grant", "owner", sure=False, state=state)]
    return []


def _deal_type(reason: Reason) -> list[Found]:
    wanted, offered = list(reason.data.get("need") or ()), list(reason.data.get("listing") or ())
    if reason.verdict is Verdict.UNKNOWN:
        if offered and not wanted:
            return [_to_match(reason, "state", "seeker", sure=False, listing=offered)]
        return [_to_match(reason, "offer", "owner", need=wanted)]
    return [
        _to_match(reason, "offer", "owner", need=wanted),
        _to_match(reason, "accept", "seeker", listing=offered),
    ]


def _exclusivity(reason: Reason) -> list[Found]:
    wanted, offered = reason.data.get("need"), set(reason.data.get("listing") or ())
    found = [_to_match(reason, "offer", "owner", need=wanted)]
    granted = [name for name, (deals, rights) in GRANTS_EXCLUSIVITY.items() if offered & (deals | rights)]
    if reason.verdict is Verdict.GAP and granted:
        found.append(_to_match(reason, "accept", "seeker", listing=granted[-1]))
    return found


def _stage(reason: Reason) -> list[Found]:
    least, level = reason.data.get("need"), reason.data.get("listing")
    if reason.verdict is Verdict.UNKNOWN:
        return [_to_match(reason, "state", "owner", sure=False, need=least)]
    return [
        _to_match(reason, "reach", "owner", need=least, listing=level),
        _to_match(reason, "accept", "seeker", need=least, listing=level),
    ]


def _requirement(reason: Reason) -> list[Found]:
    """A figure nobody states may be stated; one that is missed may be bettered, or be no must."""
    asked = dict(reason.data.get("asked") or {})
    if reason.verdict is Verdict.UNKNOWN:
        return [_to_match(reason, "state", "owner", sure=False, asked=asked)]
    found = [_to_match(reason, "reach", "owner", asked=asked)]
    if reason.data.get("must", True):
        less = Reason(reason.code, Verdict.GAP, min(reason.weight, WEIGHTS["requirement_desirable"]), reason.data)
        found.append((Change(reason.code, "make_desirable", "seeker", data={"asked": asked}), (less,)))
    return found


def _named(reason: Reason) -> list[Found]:
    """A sector or goal the record serves and does not name. Naming another than the true one would be no fit."""
    if reason.verdict is Verdict.UNKNOWN:
        return [_to_match(reason, "state", "owner", sure=False, **_plain(reason))]
    return [
        _to_match(reason, "name", "owner", sure=False, need=list(reason.data.get("need") or ())),
        _to_match(reason, "name", "seeker", sure=False, listing=list(reason.data.get("listing") or ())),
    ]


def _language(reason: Reason) -> list[Found]:
    """Either side may add the language the other writes in, which that side surely works in."""
    return [
        _to_match(reason, "speak", "owner", language=reason.data.get("need")),
        _to_match(reason, "speak", "seeker", language=reason.data.get("listing")),
    ]


def _deadline(reason: Reason) -> list[Found]:
    until, ends = reason.data.get("need"), reason.data.get("listing")
    if reason.verdict is Verdict.UNKNOWN:
        return [_to_match(reason, "state", "owner", sure=False, need=until)]
    found = [_to_match(reason, "accept", "seeker", need=until, listing=ends)]
    if reason.data.get("cause") == "offer":
        found.append(_to_match(reason, "extend", "owner", need=until, listing=ends))
    return found


def _terms(reason: Reason) -> list[Found]:
    if reason.verdict is Verdict.UNKNOWN:
        return [_to_match(reason, "state", "owner", sure=False, **_plain(reason))]
    fields = [one.get("field") for one in reason.data.get("fields") or () if one.get("verdict") == Verdict.GAP]
    return [
        _to_match(reason, "move", "owner", fields=fields),
        _to_match(reason, "move", "seeker", fields=fields),
    ]


def _budget(reason: Reason) -> list[Found]:
    if reason.verdict is Verdict.UNKNOWN:
        side: Side = "seeker" if reason.data.get("cause") == "no_upper_end" else "owner"
        return [_to_match(reason, "state", side, sure=False, **_plain(reason))]
    return [
        _to_match(reason, "lower", "owner", **_plain(reason)),
        _to_match(reason, "raise", "seeker", **_plain(reason)),
    ]


def _nothing(_reason: Reason) -> list[Found]:
    """The texts' likeness is what it is: words added for the score's sake would be no better fit."""
    return []


RULES: dict[str, Callable[[Reason], list[Found]]] = {
    "text_similarity": _nothing,
    "shared_words": _nothing,
    "class": _nothing,
    "cross_border": _nothing,
    "territory": _territory,
    "deal_type": _deal_type,
    "exclusivity": _exclusivity,
    "stage": _stage,
    "requirement": _requirement,
    "sector": _named,
    "sdg": _named,
    "language": _language,
    "deadline": _deadline,
    "terms": _terms,
    "budget": _budget,
}

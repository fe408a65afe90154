"""The word somebody most likely meant: pure, so that the rule can be read and tested.

Short words forgive one slip (a letter wrong, missing, extra, or two swapped), longer ones two, as readers do.
"""

from collections.abc import Iterable

SHORTEST = 4


def slips_allowed(word: str) -> int:
    return 0 if len(word) < SHORTEST else 1 if len(word) < 8 else 2


def can_have_typos(word: str) -> bool:
    """Latin words without digits: other scripts are split by dictionary, and a number off by one is another number."""
    return word.isascii() and word.isalpha() and len(word) >= SHORTEST


def meant(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate with the fewest slips from `word` within what its length allows; the commoner one on a tie."""
    tally: dict[str, int] = {}
    for candidate in candidates:
        tally[candidate] = tally.get(candidate, 0) + 1
    best: tuple[int, int, str] | None = None
    for candidate, times in tally.items():
        if candidate[:1] != word[:1] and candidate[1:2] != word[1:2]:
            continue  # people rarely miss both of the first two letters
        slips = distance(word, candidate, slips_allowed(word))
        if slips is not None and (best is None or (slips, -times, candidate) < best):
            best = (slips, -times, candidate)
    return best[2] if best else None


def distance(one: str, other: str, limit: int) -> int | None:
    """Optimal string alignment distance, or None above `limit`."""
    if abs(len(one) - len(other)) > limit:
        return None
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        row = [i]
        for j, right in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return None
        before, last = last, row
    return last[-1] if last[-1] <= limit else None

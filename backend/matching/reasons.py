"""The evidence behind a score: the sentences of both sides that carry it, the terms and the must-haves compared.

Quotes stand in the original language. Sentences are chosen by the shared words, heaviest first; where two languages
share none, the leads are quoted, because those are what the embedder read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from backend.core.errors import DomainError
from backend.ip.terms import compare, read_terms
from backend.language.segment import sentences, visible
from backend.matching.profile import Profile
from backend.matching.score import WEIGHTS, Reason, Score, Verdict, chance

QUOTE = 280
READ = 6_000  # characters of a long text that are searched for a sentence to quote
_QUOTED = ("text_similarity", "shared_words")


def explained(score: Score, need: Profile, listing: Profile, weights: Mapping[str, float]) -> Score:
    """The score with terms and must-haves counted and quotes beside each reason that rests on text."""
    reasons = [*score.reasons, *_terms(need, listing), *_requirements(need)]
    shared: list[str] = next((reason.data["words"] for reason in reasons if reason.code == "shared_words"), [])
    if any(reason.code in _QUOTED for reason in reasons):
        quotes = _quotes(need, listing, {word: weights.get(word, 0.1) for word in shared})
        reasons = [
            replace(reason, data={**reason.data, "evidence": quotes}) if reason.code in _QUOTED else reason
            for reason in reasons
        ]
    if need.classes and listing.classes:
        reasons = [_with_classes(reason, need, listing) for reason in reasons]
    return Score(chance(reasons), tuple(reasons))


def best_sentence(texts: Sequence[str], weights: Mapping[str, float]) -> str:
    """The sentence that holds most of the weighted words; the first where none holds any."""
    best, most = (texts[0] if texts else ""), 0.0
    for sentence in texts:
        folded = sentence.lower()
        held = sum(weight for word, weight in weights.items() if word in folded or word[:-1] + "ie" in folded)
        if held > most:
            best, most = sentence, held
    return best


def shortened(text: str) -> str:
    """A quote short enough for a card, cut at a space and marked as cut."""
    if len(text) <= QUOTE:
        return text
    head = text[:QUOTE]
    return head[: head.rfind(" ") if head.rfind(" ") > QUOTE // 2 else QUOTE].rstrip(" ,;") + " …"


@lru_cache(maxsize=4_096)
def _sentences(text: str) -> tuple[str, ...]:
    return tuple(sentences(text[:READ], limit=40))


def _quotes(need: Profile, listing: Profile, weights: Mapping[str, float]) -> dict[str, str]:
    return {
        side: shortened(best_sentence(_sentences(profile.text) or (visible(profile.title),), weights))
        for side, profile in (("need", need), ("listing", listing))
    }


def _with_classes(reason: Reason, need: Profile, listing: Profile) -> Reason:
    if reason.code != "class":
        return reason
    evidence = {"need": ", ".join(sorted(need.classes)[:6]), "listing": ", ".join(sorted(listing.classes)[:6])}
    return replace(reason, data={**reason.data, "evidence": evidence})


def _terms(need: Profile, listing: Profile) -> Iterable[Reason]:
    """One reason for all terms: a GAP when any differs, a MATCH when some agree and none differs."""
    if not need.licence_terms:
        return
    if not listing.licence_terms:
        yield Reason("terms", Verdict.UNKNOWN, WEIGHTS["terms"], {"cause": "not_posted"})
        return
    try:
        found = compare(read_terms(listing.licence_terms), read_terms(need.licence_terms))
    except DomainError:
        yield Reason("terms", Verdict.UNKNOWN, WEIGHTS["terms"], {"cause": "unreadable"})
        return
    verdicts = {difference.verdict.value for difference in found}
    verdict = Verdict.GAP if "GAP" in verdicts else Verdict.MATCH if "MATCH" in verdicts else Verdict.UNKNOWN
    fields: list[dict[str, Any]] = [
        {"field": term.field, "verdict": term.verdict.value, "asked": term.asked, "accepted": term.accepted}
        for term in found
    ]
    yield Reason("terms", verdict, WEIGHTS["terms"], {"fields": fields})


def _requirements(need: Profile) -> Iterable[Reason]:
    """One reason for each requirement. Until figures are compared, what is asked is shown as not known."""
    for requirement in need.requirements[:20]:
        must = requirement.get("importance", "must") == "must"
        weight = WEIGHTS["requirement" if must else "requirement_desirable"]
        data = {"asked": {key: value for key, value in requirement.items() if value not in (None, "")}, "must": must}
        yield Reason("requirement", Verdict.UNKNOWN, weight, data)

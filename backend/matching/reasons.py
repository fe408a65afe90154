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
from backend.ip.quantities import figures, meets, wanted
from backend.ip.terms import compare, read_terms
from backend.ip.vocabularies import Operator
from backend.language.segment import sentences, terms, visible
from backend.matching.profile import Profile
from backend.matching.score import WEIGHTS, Reason, Score, Verdict, chance

QUOTE = 280
READ = 2_500  # characters of a long text that are searched for a sentence to quote
_QUOTED = ("text_similarity", "shared_words")


def explained(score: Score, need: Profile, listing: Profile, weights: Mapping[str, float]) -> Score:
    """The score with terms and must-haves counted and quotes beside each reason that rests on text."""
    reasons = [*score.reasons, *_terms(need, listing), *_requirements(need, listing)]
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


def _requirements(need: Profile, listing: Profile) -> Iterable[Reason]:
    """One reason for each requirement: met or missed where the listing states a figure for it, UNKNOWN otherwise."""
    for requirement in need.requirements[:20]:
        must = requirement.get("importance", "must") == "must"
        verdict, quote = _held_against(requirement, listing)
        asked = {key: value for key, value in requirement.items() if value not in (None, "")}
        data: dict[str, Any] = {"asked": asked, "must": must}
        if quote:
            data["evidence"] = {"need": _spoken(requirement), "listing": shortened(quote)}
        yield Reason("requirement", verdict, WEIGHTS["requirement" if must else "requirement_desirable"], data)


def _held_against(requirement: Mapping[str, Any], listing: Profile) -> tuple[Verdict, str]:
    """Figures count only in a sentence that names the parameter, because any other figure may be of something else."""
    try:
        operator = Operator(str(requirement.get("operator") or ""))
    except ValueError:
        return Verdict.UNKNOWN, ""
    value, upper, unit = (str(requirement.get(key) or "") for key in ("value", "value_to", "unit"))
    asked = wanted(operator, value, upper, unit)  # stored with a decimal point, whatever was typed
    named = set(terms(str(requirement.get("parameter") or "")))
    if asked is None or not named:
        return Verdict.UNKNOWN, ""
    missed = ""
    for sentence in _sentences(listing.text):
        if not named & set(terms(sentence)):
            continue
        for figure in figures(sentence, listing.language):
            shown = meets(asked, figure)
            if shown:
                return Verdict.MATCH, sentence
            if shown is False and not missed:
                missed = sentence
    return (Verdict.GAP, missed) if missed else (Verdict.UNKNOWN, "")


def _spoken(requirement: Mapping[str, Any]) -> str:
    parts = (requirement.get(key) for key in ("parameter", "operator", "value", "value_to", "unit"))
    return " ".join(str(part).replace("_", " ") for part in parts if part not in (None, ""))

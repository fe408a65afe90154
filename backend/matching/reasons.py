"""The evidence behind a score: the sentences of both sides that carry it, the terms and the must-haves compared.

Quotes stand in the original language. Sentences are chosen by the shared words, heaviest first; where two languages
share none, the leads are quoted, because those are what the embedder read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from backend.language.segment import visible
from backend.matching.criteria import terms_reasons
from backend.matching.profile import Profile
from backend.matching.quotes import best_sentence, sentences_of, shortened
from backend.matching.reason import Reason
from backend.matching.requirements import requirement_reasons
from backend.matching.score import Score, chance

_QUOTED = ("text_similarity", "shared_words")


def explained(score: Score, need: Profile, listing: Profile, weights: Mapping[str, float]) -> Score:
    """The score with terms and must-haves counted and quotes beside each reason that rests on text."""
    reasons = [*score.reasons, *terms_reasons(need, listing), *requirement_reasons(need, listing)]
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


def _quotes(need: Profile, listing: Profile, weights: Mapping[str, float]) -> dict[str, str]:
    return {
        side: shortened(best_sentence(sentences_of(profile.text) or (visible(profile.title),), weights))
        for side, profile in (("need", need), ("listing", listing))
    }


def _with_classes(reason: Reason, need: Profile, listing: Profile) -> Reason:
    if reason.code != "class":
        return reason
    evidence = {"need": ", ".join(sorted(need.classes)[:6]), "listing": ", ".join(sorted(listing.classes)[:6])}
    return replace(reason, data={**reason.data, "evidence": evidence})

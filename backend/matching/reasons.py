"""The evidence behind a score: the sentences of both sides that carry it, the terms and the must-haves compared.

Quotes stand in the original language, with the words marked that carry the reason: `data["marks"]` holds, for each
side, (start, end) in characters of the quote.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from backend.matching.criteria import terms_reasons
from backend.matching.profile import Profile
from backend.matching.quotes import Pair, quoted_pairs
from backend.matching.reason import Reason
from backend.matching.requirements import requirement_reasons
from backend.matching.score import Score, chance

# Reasons that rest on the texts, in the order in which they take the best pairs of sentences.
QUOTED = ("text_similarity", "shared_words")


def explained(score: Score, need: Profile, listing: Profile, weights: Mapping[str, float]) -> Score:
    """The score with terms and must-haves counted and quotes beside each reason that rests on text."""
    reasons = [*score.reasons, *terms_reasons(need, listing), *requirement_reasons(need, listing)]
    return Score(chance(reasons), tuple(_with_evidence(reasons, need, listing, weights)))


def _with_evidence(
    reasons: list[Reason], need: Profile, listing: Profile, weights: Mapping[str, float]
) -> list[Reason]:
    quoting = [code for code in QUOTED if any(reason.code == code for reason in reasons)]
    if quoting:
        shared: list[str] = next((one.data.get("words", []) for one in reasons if one.code == "shared_words"), [])
        pairs = quoted_pairs(need, listing, shared, weights, most=len(quoting), opening="text_similarity" in quoting)
        # One pair of sentences may be all there is; both reasons then rest on it.
        by_code = {code: pairs[min(at, len(pairs) - 1)] for at, code in enumerate(quoting)}
        reasons = [_with_quotes(one, by_code[one.code]) if one.code in by_code else one for one in reasons]
    return [_with_classes(reason, need, listing) for reason in reasons]


def _with_quotes(reason: Reason, pair: Pair) -> Reason:
    asked, offered = pair
    evidence = {"need": asked.text, "listing": offered.text}
    marks = {"need": [list(span) for span in asked.marks], "listing": [list(span) for span in offered.marks]}
    return replace(reason, data={**reason.data, "evidence": evidence, "marks": marks})


def _with_classes(reason: Reason, need: Profile, listing: Profile) -> Reason:
    if reason.code != "class" or not (need.classes and listing.classes):
        return reason
    evidence = {"need": ", ".join(sorted(need.classes)[:6]), "listing": ", ".join(sorted(listing.classes)[:6])}
    return replace(reason, data={**reason.data, "evidence": evidence})

"""A need's must-haves held against the figures a listing states. What is not stated is UNKNOWN, never met or missed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from backend.ip.figures import figures
from backend.ip.quantities import meets, wanted
from backend.ip.vocabularies import Operator
from backend.language.segment import terms
from backend.matching.criteria import WEIGHTS
from backend.matching.profile import Profile
from backend.matching.quotes import sentences_of, shortened
from backend.matching.reason import Reason, Verdict


def requirement_reasons(need: Profile, listing: Profile) -> Iterable[Reason]:
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
    for sentence in sentences_of(listing.text):
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

"""What a need must have before a reviewer sees it, and before it is public: the quality rules that concern needs.

Blockers stop the submission; the rest is advice that a careful writer follows. The numbers are the rules' own.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from backend.core.clock import today
from backend.i18n import _
from backend.ip.vocabularies import Importance, NeedKind, Operator
from backend.needs.models import Need
from backend.publication import wording
from backend.publication.quality import Finding, Severity, in_order
from backend.publication.states import State

ANSWER_DAYS = 14
TEXTS = ("title", "summary", "description", "why_needed", "present_solution", "out_of_scope", "site_conditions")

BLOCKER, MAJOR, MINOR = Severity.BLOCKER, Severity.MAJOR, Severity.MINOR


def findings(need: Need, twins: Sequence[str] = (), at: date | None = None) -> list[Finding]:
    """All findings, gravest first. `twins`: references of live needs in the very same words."""
    found = [
        *_missing(need),
        *_keywords(need),
        *_requirements(need),
        *_dates(need, at or today()),
        *_words(need),
    ]
    if twins:
        found.append(
            Finding(
                "Q13", MAJOR, "title", "duplicate",
                _("The same need is posted already: %(references)s.", references=", ".join(twins)),
                _("Change that one instead, or say what is different here."),
            )
        )
    return in_order(found)


def _missing(need: Need) -> list[Finding]:
    """Q1: what every need must state, and what its kind adds."""
    asked = [
        ("title", bool(need.title), _("Give the need a title.")),
        ("summary", bool(need.summary), _("Sum the need up in one or two sentences.")),
        ("description", bool(need.description), _("Describe the problem.")),
        ("why_needed", bool(need.why_needed), _("Say why you need it: what does the problem cost you today?")),
        ("requirements", bool(need.requirements), _("Name at least one thing the solution must do.")),
        ("used_in", bool(need.used_in), _("Say in which countries it will be used.")),
        ("deal_types", bool(need.deal_types), _("Choose one to three kinds of deal you would make.")),
        ("sectors", bool(need.sectors), _("Choose a sector.")),
        ("deadline", need.deadline is not None, _("Say until when answers are welcome.")),
        ("decision_on", need.decision_on is not None, _("Say when you will decide.")),
    ]
    if need.kind not in (NeedKind.BRAND_CONTENT, NeedKind.LICENCE_REQUEST):
        asked.append(("min_trl", need.min_trl is not None, _("Say how mature the solution must be at least.")))
    if need.kind == NeedKind.CHALLENGE:
        asked.append(("award", bool(need.award), _("A challenge has an award: say how much.")))
    if need.kind == NeedKind.LICENCE_REQUEST:
        asked.append(("right_kinds", bool(need.right_kinds), _("Say which kind of right you want a licence for.")))
    return [
        Finding("Q1", BLOCKER, field, "missing", _("This is not answered yet."), mend)
        for field, answered, mend in asked
        if not answered
    ]


def _keywords(need: Need) -> list[Finding]:
    """Q2: one to five of each; the form keeps the upper end."""
    return [
        Finding("Q2", BLOCKER, field, "missing", _("At least one keyword is needed."), mend)
        for field, mend in (
            ("technology_keywords", _("Name one to five technologies a specialist would search for.")),
            ("market_keywords", _("Name one to five markets or uses.")),
        )
        if not getattr(need, field)
    ]


def _requirements(need: Need) -> list[Finding]:
    """Q20: at least one must-have that can be measured, and no row without its figure."""
    found = []
    measurable = False
    for position, row in enumerate(need.requirements):
        operator, value = row.get("operator"), row.get("value")
        if not value or (operator == Operator.BETWEEN and not row.get("value_to")):
            found.append(
                Finding(
                    "Q20", MAJOR, f"requirements.{position}.value", "no_value", _("This requirement has no value."),
                    _("Say how much, how many or which."),
                )
            )
        elif operator != Operator.FREE_TEXT and row.get("unit") and row.get("importance") == Importance.MUST:
            measurable = True
    if need.requirements and not measurable:
        found.append(
            Finding(
                "Q20", MAJOR, "requirements", "not_measurable", _("No must-have can be measured yet."),
                _("Give at least one must-have a value and a unit, for example: at most 14 kilograms."),
            )
        )
    return found


def _dates(need: Need, at: date) -> list[Finding]:
    """Q21: time enough to answer and time enough to decide. What is public already is measured by its own first day."""
    is_public = need.state in (State.PUBLISHED, State.ON_HOLD) and need.published_at is not None
    first = need.published_at.date() if is_public and need.published_at else at
    found = []
    if need.deadline is not None and need.deadline < first + timedelta(days=ANSWER_DAYS):
        found.append(
            Finding(
                "Q21", BLOCKER, "deadline", "deadline_too_soon", _("The deadline leaves too little time to answer."),
                _("Choose a day at least %(days)s days from now.", days=ANSWER_DAYS),
            )
        )
    if need.deadline and need.decision_on and need.decision_on < need.deadline + timedelta(days=ANSWER_DAYS):
        found.append(
            Finding(
                "Q21", BLOCKER, "decision_on", "decision_too_soon", _("That leaves too little time to decide."),
                _("Choose a day at least %(days)s days after the deadline.", days=ANSWER_DAYS),
            )
        )
    return found


def _words(need: Need) -> list[Finding]:
    """Q5, Q14, Q15 and Q23. Praise is not looked for: a need praises nothing."""
    texts = {name: getattr(need, name) or "" for name in TEXTS}
    found = [*wording.generic_title(need.title), *wording.repetition(texts)]
    for name, text in texts.items():
        found += [
            *wording.keyword_list(name, text), *wording.direct_sale(name, text), *wording.prohibited(name, text),
        ]  # fmt: skip
    if need.anonymous:
        more = {
            "technology_keywords": " · ".join(need.technology_keywords),
            "market_keywords": " · ".join(need.market_keywords),
            "requirements": "\n".join(" ".join(str(value) for value in row.values()) for row in need.requirements),
        }
        names = (need.organisation.name, need.organisation.local_name) if need.organisation else ()
        found += wording.identity_leaks(texts | more, names, ())
    return found

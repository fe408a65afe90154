"""What can be done with a need: post it, change it, keep a draft of it. Its life after that is `publication.service`.

A need is matched for its own author from the moment it is created, so title and description suffice here; what it
still lacks before a reviewer sees it is the gate's to say.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.actor import Actor
from backend.accounts.models import Organisation
from backend.core.clock import now
from backend.core.errors import Conflict, Invalid
from backend.core.events import record
from backend.core.ids import new_id
from backend.core.money import Money
from backend.i18n import _
from backend.language.detect import detect
from backend.needs import gate
from backend.needs.models import Need
from backend.needs.schemas import NeedInput
from backend.publication import service as publication
from backend.publication.quality import Finding, as_errors, blockers
from backend.publication.references import new_references
from backend.publication.states import EDITABLE, IllegalMove, State

# Below this the detector guesses, and the language the author reads is the better guess.
SURE = 0.3


class ChangedMeanwhile(Conflict):
    code = "changed_meanwhile"


def create(session: Session, actor: Actor, organisation: Organisation, data: NeedInput) -> Need:
    """A draft that is matched at once for its author; nobody else hears of it."""
    need = Need(
        id=new_id(),
        reference=new_references(session, Need, data.kind, organisation.country, now())[0],
        organisation=organisation,
        organisation_id=organisation.id,
        created_by_id=actor.id,
        state=State.DRAFT.value,
    )
    _take_over(need, data, actor)
    session.add(need)
    session.flush()
    publication.findings(session, need)
    record(session, "need.created", need, actor=actor, organisation_id=organisation.id)
    return need


def post(session: Session, actor: Actor, organisation: Organisation, data: NeedInput) -> Need:
    """Create a need and, when the gate finds nothing that blocks, hand it to the reviewers in the same step."""
    need = create(session, actor, organisation, data)
    if all(finding.person_decides for finding in blockers(findings(session, need))):
        publication.submit(session, need, actor=actor)
    return need


def update(session: Session, actor: Actor, need: Need, data: NeedInput, version: int | None = None) -> Need:
    """Replace what the need says. `version` is the one the writer read; another since then is a conflict.

    A published need stays as complete as it was when it was reviewed, or the change is refused.
    """
    _changeable(need, version)
    before = input_of(need)
    old_language = need.language
    with session.begin_nested():  # a refused change leaves nothing behind, even where the caller goes on
        _take_over(need, data, actor)
        grave = [finding for finding in blockers(publication.findings(session, need)) if not finding.person_decides]
        if need.state in (State.PUBLISHED, State.ON_HOLD) and grave:
            raise Invalid(as_errors(grave), _("A published need has to stay complete."))
        need.draft = None
    after = input_of(need)
    changed = sorted(name for name in after if after[name] != before[name])
    if need.language != old_language:
        changed.append("language")
    if changed:
        _touch(session, need, actor, changed)
    return need


def save_draft(session: Session, need: Need, raw: Mapping[str, Any]) -> Need:
    """Keep what was typed, as it was typed, beside the need: nothing is refused and nothing is changed by it.

    It fills the form when its writer comes back and goes when the form is saved in earnest.
    """
    _changeable(need, None)
    need.draft = storable({name: value for name, value in raw.items() if name in NeedInput.model_fields}) or None
    need.updated_at = now()
    session.flush()
    return need


def storable(value: Any) -> Any:
    """JSONB takes no NUL character and no lone surrogate; whoever typed one loses only that character."""
    if isinstance(value, Mapping):
        return {str(name): storable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "ignore").decode()
    return value if value is None or isinstance(value, bool | int) else str(value)


def discard(session: Session, actor: Actor, need: Need) -> None:
    """Delete a draft that nobody outside its organisation has ever seen."""
    if need.state != State.DRAFT or need.published_at is not None:
        raise IllegalMove(_("Only a draft can be deleted. What was public is withdrawn instead."))
    record(
        session, "need.discarded", need, actor=actor, organisation_id=need.organisation_id,
        data={"reference": need.reference}, react=False,
    )
    session.delete(need)
    session.flush()


def findings(session: Session, need: Need) -> list[Finding]:
    """What the gate says of the need as it stands, also whether it repeats another one."""
    return gate.findings(need, _twins(session, need))


publication.GATES[Need] = findings


def input_of(need: Need) -> dict[str, Any]:
    """The need in the shape of NeedInput, so that a form can be filled or a single field be replaced."""

    def amount(minor: int | None) -> str | None:
        return str(Money(minor, need.currency).to_decimal()) if minor is not None and need.currency else None

    return {
        "title": need.title,
        "description": need.description,
        "summary": need.summary,
        "kind": need.kind,
        "why_needed": need.why_needed,
        "present_solution": need.present_solution,
        "requirements": [dict(row) for row in need.requirements],
        "out_of_scope": need.out_of_scope,
        "used_in": list(need.used_in),
        "site_conditions": need.site_conditions,
        "right_kinds": list(need.right_kinds),
        "ipc": list(need.ipc),
        "min_trl": need.min_trl,
        "partner_kinds": list(need.partner_kinds),
        "partner_countries": list(need.partner_countries),
        "ip_expectation": need.ip_expectation,
        "sectors": list(need.sectors),
        "sdgs": list(need.sdgs),
        "technology_keywords": list(need.technology_keywords),
        "market_keywords": list(need.market_keywords),
        "deal_types": list(need.deal_types),
        "terms": need.terms,
        "currency": need.currency,
        "budget_min": amount(need.budget_min),
        "budget_max": amount(need.budget_max),
        "award": amount(need.award),
        "deadline": need.deadline.isoformat() if need.deadline else None,
        "decision_on": need.decision_on.isoformat() if need.decision_on else None,
        "anonymous": need.anonymous,
    }


def _take_over(need: Need, data: NeedInput, actor: Actor | None) -> None:
    for name, value in data.columns().items():
        setattr(need, name, value)
    if data.language:
        need.language = data.language
    else:
        found, confidence = detect(f"{data.title}\n{data.description}")
        own = actor.locale if actor is not None else found
        need.language = found if confidence >= SURE else own


def _changeable(need: Need, version: int | None) -> None:
    if State(need.state) not in EDITABLE:
        raise IllegalMove(_("It cannot be changed in its present state."))
    if version is not None and version != need.version:
        raise ChangedMeanwhile(_("Somebody else changed this in the meantime. Please look again before you save."))


def _touch(session: Session, need: Need, actor: Actor, changed: list[str]) -> None:
    need.version += 1
    need.updated_at = now()
    session.flush()
    record(
        session, "need.changed", need, actor=actor, organisation_id=need.organisation_id, data={"fields": changed}
    )


def _twins(session: Session, need: Need) -> list[str]:
    """References of other live needs in the very same words, by whomever: the commonest way to post a thing twice."""
    live = [State.SUBMITTED.value, State.IN_REVIEW.value, State.PUBLISHED.value, State.ON_HOLD.value]
    same = select(Need.reference).where(
        Need.id != need.id, Need.title == need.title, Need.description == need.description, Need.state.in_(live)
    )
    with session.no_autoflush:
        return list(session.scalars(same.order_by(Need.reference).limit(3)))

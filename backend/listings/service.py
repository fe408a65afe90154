"""What can be done with a listing: create it, change it, keep a draft. Its life after that is `publication.service`.

A change says which fields it brings; the rest stays. What cannot be taken over yet waits in `draft` as it was typed.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from backend.accounts.actor import Actor
from backend.accounts.models import Organisation
from backend.core.clock import now, today
from backend.core.errors import Conflict, FieldError, Invalid
from backend.core.events import Event, record
from backend.core.ids import new_id
from backend.i18n import _
from backend.ip.terms import LicenceTerms
from backend.language.detect import detect
from backend.listings import gate
from backend.listings.models import IpRight, Listing
from backend.listings.schemas import ListingInput, RightInput, number_keys
from backend.listings.surroundings import FINDERS, Copy, Surroundings
from backend.publication import service as publication
from backend.publication.messages import errors_of
from backend.publication.quality import Finding, as_errors, blockers
from backend.publication.references import new_references
from backend.publication.states import EDITABLE, IllegalMove, State

FIELDS = tuple(ListingInput.model_fields)
RIGHT_FIELDS = tuple(name for name in RightInput.model_fields if name not in ("id", "kind"))
LIVE = tuple(s.value for s in (State.SUBMITTED, State.IN_REVIEW, State.PUBLISHED, State.ON_HOLD))
# Below this the detector guesses, and the language the author reads is the better guess.
SURE = 0.3
# Suspicions about words that no reviewer has let pass do not come in by a change after publication.
WORDS_REVIEWED = frozenset({"Q5", "Q14", "Q15"})
# A changed number makes an earlier look into the register worthless.
_IDENTIFYING = ("office", "application_number", "publication_number", "registration_number", "status")


class ChangedMeanwhile(Conflict):
    code = "changed_meanwhile"


def create(session: Session, actor: Actor, organisation: Organisation, data: ListingInput) -> Listing:
    """A draft with what is known so far; it may be nearly empty."""
    listing = Listing(
        id=new_id(),
        reference=new_references(session, Listing, str(data.kind), organisation.country, now())[0],
        organisation=organisation,
        organisation_id=organisation.id,
        created_by_id=actor.id,
        state=State.DRAFT.value,
    )
    _take_over(listing, data, FIELDS, actor)
    session.add(listing)
    session.flush()
    publication.findings(session, listing)
    record(session, "listing.created", listing, actor=actor, organisation_id=organisation.id)
    return listing


def update(
    session: Session, actor: Actor, listing: Listing, data: ListingInput, version: int | None = None
) -> Listing:
    """Take over the fields that `data` was given. `version` is the one the writer read; another since is a conflict.

    A published listing stays as complete as it was when it was reviewed, or the change is refused as a whole.
    """
    _changeable(session, listing, actor, version)
    before = _hashes(listing)
    public = listing.state in (State.PUBLISHED, State.ON_HOLD)
    passed = {finding.key for finding in findings(session, listing)} if public else set()
    with session.begin_nested():  # a refused change leaves nothing behind, even where the caller goes on
        _take_over(listing, data, data.model_fields_set, actor)
        session.flush()
        found = blockers(publication.findings(session, listing))
        grave = [f for f in found if not f.person_decides or (f.rule in WORDS_REVIEWED and f.key not in passed)]
        if public and grave:
            raise Invalid(as_errors(grave), _("A published listing has to stay complete."))
        left = {name: value for name, value in (listing.draft or {}).items() if name not in data.model_fields_set}
        listing.draft = left or None
    _touch(session, listing, actor, before)
    return listing


def save_draft(
    session: Session, actor: Actor, listing: Listing, raw: Mapping[str, Any], version: int | None = None
) -> list[FieldError]:
    """Keep whatever was typed, field by field: what is right is taken over, what is not waits in `draft` as typed.

    Returns what is wrong. A listing the public sees does not change this way: all of it waits until saved in earnest.
    """
    _changeable(session, listing, actor, version)
    before = _hashes(listing)
    right, wrong, errors = sorted_out(raw)
    waiting = dict(listing.draft or {})
    if listing.state in (State.PUBLISHED, State.ON_HOLD):
        listing.draft = {**waiting, **_storable(raw)} or None
        listing.updated_at = now()
        session.flush()
        return errors
    with session.begin_nested():
        data = ListingInput.model_validate(right)
        _take_over(listing, data, data.model_fields_set, actor)
        waiting = {name: value for name, value in waiting.items() if name not in raw}
        listing.draft = {**waiting, **_storable(wrong)} or None
        session.flush()
        publication.findings(session, listing)
    _touch(session, listing, actor, before, draft=True)
    return errors


def sorted_out(raw: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any], list[FieldError]]:
    """What can be taken over, what cannot, and why: each field is judged alone, so one slip spoils nothing else."""
    right: dict[str, Any] = {}
    wrong: dict[str, Any] = {}
    errors: list[FieldError] = []
    for name, value in raw.items():
        if name not in FIELDS:
            continue
        try:
            ListingInput.model_validate({name: value})
        except ValidationError as error:
            wrong[name] = value
            errors += errors_of(error)
        else:
            right[name] = value
    return right, wrong, errors


def discard(session: Session, actor: Actor, listing: Listing) -> None:
    """Delete a draft that nobody outside its organisation has ever seen."""
    if listing.state != State.DRAFT or listing.published_at is not None:
        raise IllegalMove(_("Only a draft can be deleted. What was public is withdrawn instead."))
    record(
        session, "listing.discarded", listing, actor=actor, organisation_id=listing.organisation_id,
        data={"reference": listing.reference}, react=False,
    )
    session.delete(listing)
    session.flush()


def findings(session: Session, listing: Listing) -> list[Finding]:
    """What the quality gate says of the listing as it stands, also whether it repeats another one."""
    with session.no_autoflush:
        own, others = _same_rights(session, listing)
        around = Surroundings(today(), _twins(session, listing), own, others, copies(session, listing))
        return gate.findings(listing, around)


def copies(session: Session, listing: Listing) -> list[Copy]:
    """Published listings with much of the same text, for the gate and for the review desk."""
    return [copy for find in FINDERS for copy in find(session, listing)]


publication.GATES[Listing] = findings


def input_of(listing: Listing) -> dict[str, Any]:
    """The listing in the shape of ListingInput, JSON-ready, so that a form can be filled."""
    shown = {name: getattr(listing, name) for name in FIELDS if name != "rights"}
    shown["rights"] = [
        {"id": str(right.id), "kind": right.kind, **{name: _plain(getattr(right, name)) for name in RIGHT_FIELDS}}
        for right in listing.rights
    ]
    return {name: list(value) if isinstance(value, list) else value for name, value in shown.items()}


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _take_over(listing: Listing, data: ListingInput, fields: Collection[str], actor: Actor) -> None:
    for name in fields:
        value = getattr(data, name)
        if name == "rights":
            _set_rights(listing, value, str(data.kind if "kind" in fields else listing.kind))
        elif name == "terms":
            listing.terms = value.stated() or None if isinstance(value, LicenceTerms) else None
        elif name == "environmental_benefits":
            listing.environmental_benefits = [claim.model_dump(mode="json") for claim in value]
        elif name != "language":
            setattr(listing, name, value)
    if "language" in fields and data.language:
        listing.language = data.language
    elif listing.version in (None, 1) and {"title", "summary", "description"} & set(fields):
        # Guessed only while it is new: later the owner has seen what was guessed.
        found, confidence = detect(f"{listing.title}\n{listing.summary}\n{listing.description}")
        listing.language = found if confidence >= SURE else actor.locale


def _set_rights(listing: Listing, rows: list[RightInput], kind: str) -> None:
    """Rows keep their identity by id, and what a register said of them as long as the numbers stay."""
    known = {right.id: right for right in listing.rights}
    kept: list[IpRight] = []
    kind = kind if kind != "bundle" else "patent"
    for position, row in enumerate(rows):
        right = _known(known, row, kind) or IpRight(id=new_id())
        before = [getattr(right, name) for name in _IDENTIFYING]
        right.position, right.kind = position, str(row.kind or kind)
        for name in RIGHT_FIELDS:
            value = getattr(row, name)
            setattr(right, name, [e.model_dump(mode="json") for e in value] if name == "encumbrances" else value)
        if before != [getattr(right, name) for name in _IDENTIFYING]:
            right.checked_at = right.check_source = right.check_result = None
        kept.append(right)
    listing.rights = kept


def _known(rights: dict[UUID, IpRight], row: RightInput, kind: str) -> IpRight | None:
    """The existing row meant: by id, else by its numbers, else the only one of that kind at that office."""
    if row.id in rights:
        return rights.pop(row.id)
    keys = number_keys(str(row.kind or kind), row.office, row.publication_number, row.registration_number)
    same = [right for right in rights.values() if _keys(right) & keys]
    if not same and not keys:
        same = [r for r in rights.values() if (r.office, r.kind) == (row.office, str(row.kind or kind))]
    return rights.pop(same[0].id) if len(same) == 1 else None


def _changeable(session: Session, listing: Listing, actor: Actor, version: int | None) -> None:
    if State(listing.state) not in EDITABLE:
        raise IllegalMove(_("It cannot be changed in its present state."))
    if version is not None and version != listing.version and _changed_since(session, listing, actor, version):
        raise ChangedMeanwhile(_("Somebody else changed this in the meantime. Please look again before you save."))


def _changed_since(session: Session, listing: Listing, actor: Actor, version: int) -> bool:
    """Whether anything but the writer's own drafts, saved while typing, came after the version they read."""
    later = select(Event).where(
        Event.subject_id == listing.id,
        Event.verb == "listing.changed",
        Event.data["version"].as_integer() > version,
    )
    return version > listing.version or any(
        not event.data.get("draft") or event.actor_id != actor.id for event in session.scalars(later)
    )


def _touch(session: Session, listing: Listing, actor: Actor, before: dict[str, str], *, draft: bool = False) -> None:
    after = _hashes(listing)
    changed = {name: [before[name], after[name]] for name in FIELDS if before[name] != after[name]}
    listing.updated_at = now()
    if changed:
        listing.version += 1
        data = {"fields": changed, "version": listing.version, "draft": draft}
        record(session, "listing.changed", listing, actor=actor, organisation_id=listing.organisation_id, data=data,
               react=not draft)
    session.flush()


def _hashes(listing: Listing) -> dict[str, str]:
    """What stood in each field, as a short hash: enough to prove a change, nothing to leak."""
    shown = input_of(listing)
    return {
        name: hashlib.sha256(json.dumps(shown[name], sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:12]
        for name in FIELDS
    }


def _storable(raw: Mapping[str, Any]) -> dict[str, Any]:
    """JSONB takes no NUL character and no lone surrogate; whoever typed one loses only that character."""
    text = json.dumps({name: value for name, value in raw.items() if name in FIELDS}, ensure_ascii=False, default=str)
    text = text.replace("\\u0000", "").encode("utf-8", "ignore").decode()
    kept: dict[str, Any] = json.loads(text)
    return kept


def _twins(session: Session, listing: Listing) -> list[str]:
    """References of live listings in the same words, or of the same owner in nearly the same."""
    if not listing.title:
        return []
    own = and_(
        Listing.organisation_id == listing.organisation_id, func.similarity(Listing.title, listing.title) > 0.8
    )
    same = select(Listing.reference).where(
        Listing.id != listing.id, Listing.state.in_(LIVE), or_(Listing.title == listing.title, own)
    )
    return list(session.scalars(same.order_by(Listing.reference).limit(3)))


def _same_rights(session: Session, listing: Listing) -> tuple[list[str], list[str]]:
    """References of other live listings with one of the same rights: of the same organisation, and of others."""
    wanted = {key: right for right in listing.rights for key in _keys(right)}
    if not wanted:
        return [], []
    numbers = {core for key in wanted if (core := key.rpartition(":")[2][2:].lstrip("0"))}
    squeezed = [
        func.regexp_replace(func.upper(column), "[^A-Z0-9]", "", "g")
        for column in (IpRight.publication_number, IpRight.registration_number)
    ]
    rows = session.execute(
        select(IpRight, Listing.reference, Listing.organisation_id)
        .join(Listing)
        .where(
            Listing.id != listing.id,
            Listing.state.in_(LIVE),
            IpRight.office.in_({right.office for right in listing.rights}),
            or_(*(column.contains(number) for column in squeezed for number in sorted(numbers))),
        )
        .order_by(Listing.reference)
        .limit(50)
    ).all()
    same: list[tuple[str, UUID]] = [(name, owner) for right, name, owner in rows if _keys(right) & set(wanted)]
    own = [reference for reference, owner in same if owner == listing.organisation_id]
    return own, [reference for reference, owner in same if owner != listing.organisation_id]


def _keys(right: IpRight) -> set[str]:
    return number_keys(right.kind, right.office, right.publication_number, right.registration_number)

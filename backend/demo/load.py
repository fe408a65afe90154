"""Loads the demo market: the records in `data/`, each led through the real verbs and then dated as if it had lived.

Days are counted from today, so the demo is as fresh next year. Loading again adds only what is missing.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts import passwords, tokens
from backend.accounts.actor import Actor, actor_of
from backend.accounts.models import Membership, Organisation, User
from backend.core.clock import now, today
from backend.core.events import Event
from backend.core.ids import new_id
from backend.core.settings import settings
from backend.listings import service as listings
from backend.listings.models import Listing
from backend.listings.schemas import ListingInput
from backend.needs import service as needs
from backend.needs.models import Need
from backend.needs.schemas import NeedInput
from backend.publication import service as publication
from backend.publication.models import Publishable
from backend.publication.states import State
from backend.statistics import service as statistics

SOURCE = "demo"
DATA = Path(__file__).parent / "data"
# Who gets a password and a token; the others only people the market.
CAST = ("alice", "bob", "tita", "charlie", "olga")
REVIEWER = "olga"
MORNING = time(9)

Row = dict[str, Any]
Move = tuple[str, int, Callable[[], object]]  # what it is called in the events, how many days ago, how it is done


@dataclass(frozen=True)
class Summary:
    """How many rows this loading added; all zero when everything stood there already."""

    organisations: int
    people: int
    listings: int
    needs: int


def rows(name: str) -> list[Row]:
    """One of the data files; a folder reads as the files in it."""
    path = DATA / name
    files = sorted(path.glob("*.json")) if path.is_dir() else [path.with_suffix(".json")]
    found: list[Row] = []
    for file in files:
        found += json.loads(file.read_text(encoding="utf-8"))
    return found


def load(session: Session) -> Summary:
    """Add what is missing of the demo and see that its five main people can sign in. Never commits."""
    organisations, new_organisations = _organisations(session)
    people, new_people = _people(session, organisations)
    actors = {key: actor_of(session, user) for key, user in people.items()}
    counts = {}
    dated: dict[UUID, dict[str, int]] = {}
    for model, name, create in ((Listing, "listings", _create_listing), (Need, "needs", _create_need)):
        known = set(session.scalars(select(model.external_id).where(model.source == SOURCE)))
        fresh = [row for row in rows(name) if row["external_id"] not in known]
        for row in fresh:
            author = actors[row["author"]]
            made = create(session, author, organisations[row["organisation"]], row)
            made.source, made.external_id = SOURCE, row["external_id"]
            dated[made.id] = _live(session, made, row, author, actors[REVIEWER])
        counts[name] = len(fresh)
    session.flush()
    for event in session.scalars(select(Event).where(Event.subject_id.in_(dated))):
        event.at = _at(-dated[event.subject_id][event.verb.partition(".")[2]])
    session.flush()
    _give_credentials(session, people)
    if statistics.latest(session) is None:
        statistics.compute_soon(session)
        statistics.compute_soon(session, after=timedelta(minutes=2))  # when all that was just loaded is matched
    return Summary(new_organisations, new_people, counts["listings"], counts["needs"])


def _organisations(session: Session) -> tuple[dict[str, Organisation], int]:
    known = {
        str(organisation.external_id): organisation
        for organisation in session.scalars(select(Organisation).where(Organisation.source == SOURCE))
    }
    added = 0
    for row in rows("organisations"):
        if row["external_id"] in known:
            continue
        values = {name: value for name, value in row.items() if name != "verified_days_ago"}
        checked = row.get("verified_days_ago")
        organisation = Organisation(
            id=new_id(), source=SOURCE, verified_on=_day(-checked) if checked else None, **values
        )
        session.add_all([organisation, _founding("organisation.created", organisation, organisation, None)])
        known[row["external_id"]] = organisation
        added += 1
    return known, added


def _people(session: Session, organisations: dict[str, Organisation]) -> tuple[dict[str, User], int]:
    wanted = rows("people")
    known = {
        user.email: user
        for user in session.scalars(select(User).where(User.email.in_([row["email"] for row in wanted])))
    }
    nobody_knows = ""
    people, added = {}, 0
    for row in wanted:
        user = known.get(row["email"])
        if user is None:
            nobody_knows = nobody_knows or passwords.make_hash(secrets.token_urlsafe(32))
            user = User(
                id=new_id(), email=row["email"], name=row["name"], password_hash=nobody_knows, locale=row["locale"],
                notify="at_once" if row["key"] in CAST else "daily", is_staff=row["is_staff"], email_verified_at=now(),
            )
            organisation = organisations[row["organisation"]]
            membership = Membership(id=new_id(), user=user, organisation=organisation, role=row["role"])
            session.add_all([user, membership, _founding("user.registered", user, organisation, user)])
            added += 1
        people[row["key"]] = user
    session.flush()
    return people, added


def _founding(verb: str, subject: Organisation | User, organisation: Organisation, actor: User | None) -> Event:
    """Written as `core.events.record` would, only without a flush for each of a hundred rows."""
    return Event(
        id=new_id(), verb=verb, subject_kind=subject.__tablename__, subject_id=subject.id,
        actor_id=actor.id if actor else None, organisation_id=organisation.id, data={}, at=now(),
    )


def _create_listing(session: Session, author: Actor, organisation: Organisation, row: Row) -> Listing:
    body = dict(row["listing"])
    checks = []
    body["rights"] = [dict(right) for right in body.get("rights", ())]
    for right in body["rights"]:
        checks.append((right.pop("checked_days_ago", None), right.pop("check_source", None)))
        used = right.pop("last_use_days_ago", None)
        if used is not None:
            right["last_use_on"] = _day(-used)
        right["encumbrances"] = [
            {**{name: value for name, value in burden.items() if name != "until_in_days"},
             "until": _day(burden["until_in_days"])}
            for burden in right.get("encumbrances", ())
        ]
    listing = listings.create(session, author, organisation, ListingInput.model_validate(body))
    for ip_right, (days, source) in zip(listing.rights, checks, strict=True):
        if days is not None:
            ip_right.checked_at, ip_right.check_source, ip_right.check_result = _at(-days), source, ip_right.status
    return listing


def _create_need(session: Session, author: Actor, organisation: Organisation, row: Row) -> Need:
    """Its dates are first set as they looked when it was posted, so that the gate judges them as it would have then."""
    body = dict(row["need"])
    since = row["age_days"]
    if "deadline_in_days" in row:
        body["deadline"] = _day(row["deadline_in_days"] + since)
        body["decision_on"] = _day(row["decision_in_days"] + since)
    return needs.create(session, author, organisation, NeedInput.model_validate(body))


def _live(session: Session, made: Publishable, row: Row, author: Actor, staff: Actor) -> dict[str, int]:
    """Lead it to the state it should be in and move its dates back; answers how many days ago each event was."""
    moves = _moves(session, made, row, author, staff)
    for _verb, _ago, act in moves:
        act()
    if isinstance(made, Need) and made.deadline and made.decision_on:
        made.decision_on = _day(row["decision_in_days"])
        made.deadline = _day(row["deadline_in_days"])
    ago = {"created": _created_ago(row)} | {verb: days for verb, days, _act in moves}
    made.created_at = _at(-ago["created"])
    made.updated_at = _at(-min(ago.values()))
    if "submitted" in ago:
        made.submitted_at = _at(-ago["submitted"])
    if "published" in ago:
        made.published_at = _at(-ago["published"])
        made.expires_at = made.published_at + publication.LIFE
    return ago


def _created_ago(row: Row) -> int:
    lead = {"draft": 0, "submitted": 2, "in_review": 4, "returned": 6}
    return int(row["age_days"]) + lead.get(row["state"], 9)


def _moves(session: Session, made: Publishable, row: Row, author: Actor, staff: Actor) -> list[Move]:
    """The way to a state, each step with the days since. `age_days` counts from publication, or from the last step."""
    state, age, note = State(row["state"]), int(row["age_days"]), row.get("note", "")
    submitted: Move = ("submitted", age, partial(publication.submit, session, made, actor=author))
    taken_up: Move = ("taken_up", age, partial(publication.take_up, session, made, actor=staff))
    if state is State.DRAFT:
        return []
    if state is State.SUBMITTED:
        return [submitted]
    if state is State.IN_REVIEW:
        return [_earlier(submitted, 2), taken_up]
    if state is State.RETURNED:
        give_back = partial(publication.give_back, session, made, actor=staff, reason="incomplete", note=note)
        return [_earlier(submitted, 4), _earlier(taken_up, 2), ("returned", age, give_back)]
    life: list[Move] = [
        _earlier(submitted, 6),
        _earlier(taken_up, 3),
        ("published", age, partial(publication.publish, session, made, actor=staff)),
    ]
    expired: Move = ("expired", age - publication.LIFE.days, partial(_expire, session, made))
    if state is State.ON_HOLD:
        life.append(("held", age // 4, partial(publication.hold, session, made, actor=author, note=note)))
    elif state is State.WITHDRAWN:
        life.append(("withdrawn", age // 4, partial(publication.withdraw, session, made, actor=author, note=note)))
    elif state is State.EXPIRED:
        life.append(expired)
    elif state is State.ARCHIVED:
        life += [expired, ("archived", expired[1] // 2, partial(publication.archive, session, made, actor=author))]
    return life


def _earlier(move: Move, days: int) -> Move:
    return (move[0], move[1] + days, move[2])


def _expire(session: Session, made: Publishable) -> None:
    made.expires_at = now() - timedelta(minutes=1)
    session.flush()
    publication.expire_due(session, now())


def _day(days: int) -> date:
    return today() + timedelta(days=days)


def _at(days: int) -> datetime:
    """A morning of another day; today's moments are simply now."""
    return datetime.combine(_day(days), MORNING, now().tzinfo) if days else now()


# Signing in ------------------------------------------------------------------------------------------------------


def credentials() -> dict[str, dict[str, str]]:
    """{"alice": {"email", "password", "api_token"}, ...} as last written; empty before the first loading."""
    path = _credentials_path()
    found: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def _credentials_path() -> Path:
    return settings().var_dir / "demo-credentials.json"


def _give_credentials(session: Session, people: dict[str, User]) -> None:
    """Write a random password and a token for each of the cast, unless those on file still open the door."""
    known = credentials()
    if set(known) >= set(CAST) and all(_still_good(session, people[key], known[key]) for key in CAST):
        return
    given = {}
    for key in CAST:
        user, password = people[key], secrets.token_urlsafe(12)
        user.password_hash = passwords.make_hash(password)
        actor = actor_of(session, user)
        for token in tokens.of(session, actor):
            tokens.revoke(session, actor, token)
        _token, raw = tokens.create(session, actor, "Demo", "write", actor.organisation)
        given[key] = {"email": user.email, "password": password, "api_token": raw}
    path = _credentials_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(given, indent=2) + "\n", encoding="utf-8")


def _still_good(session: Session, user: User, account: dict[str, str]) -> bool:
    token = tokens.find(session, account["api_token"], now())
    fits, _better = passwords.verify(account["password"], user.password_hash)
    return fits and token is not None and token.user_id == user.id

"""The demo market covers what the product must be seen with: states, languages, rights, sectors, states of life."""

import stat
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.orm import Session

from backend.accounts import passwords, tokens
from backend.accounts.models import ApiToken, Organisation, User
from backend.core.clock import now, today
from backend.core.events import Event, history
from backend.core.settings import settings
from backend.demo import load as demo
from backend.ip.numbers import NumberForm, number_form
from backend.ip.territories import MEMBER_STATES
from backend.ip.vocabularies import OrganisationKind, RightKind, RightStatus, Sector
from backend.language.detect import detect
from backend.listings import service as listings
from backend.listings.models import IpRight, Listing
from backend.listings.schemas import ListingInput
from backend.needs import service as needs
from backend.needs.models import Need
from backend.needs.schemas import NeedInput
from backend.publication.quality import Severity
from backend.publication.states import State

LANGUAGES = {"en", "id", "ms", "th", "vi", "fil", "km", "lo", "my", "ta", "zh"}

ORGANISATIONS = {row["external_id"]: row for row in demo.rows("organisations")}
PEOPLE = {row["key"]: row for row in demo.rows("people")}
LISTINGS = demo.rows("listings")
NEEDS = demo.rows("needs")


def _bodies(rows: list[dict[str, Any]], noun: str) -> list[dict[str, Any]]:
    return [row[noun] for row in rows]


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for part in value.values() for text in _texts(part)]
    return [text for part in value for text in _texts(part)] if isinstance(value, list) else []


# The files -------------------------------------------------------------------------------------------------------


def test_there_are_at_least_64_listings_and_32_needs() -> None:
    assert len(LISTINGS) >= 64
    assert len(NEEDS) >= 32


def test_listings_are_written_in_eleven_languages_and_needs_in_them_too() -> None:
    assert {body["language"] for body in _bodies(LISTINGS, "listing")} >= LANGUAGES | {"tet", "pt"}
    assert {body["language"] for body in _bodies(NEEDS, "need")} >= LANGUAGES | {"tet", "pt"}


@pytest.mark.parametrize(("rows", "least"), [(LISTINGS, 4), (NEEDS, 2)])
def test_every_member_state_takes_part_on_both_sides(rows: list[dict[str, Any]], least: int) -> None:
    states = Counter(ORGANISATIONS[row["organisation"]]["country"] for row in rows)
    assert set(states) == set(MEMBER_STATES)
    assert min(states.values()) >= least


def test_every_member_state_has_several_organisations_and_every_kind_appears() -> None:
    states = Counter(row["country"] for row in ORGANISATIONS.values())
    assert all(states[code] >= 3 for code in MEMBER_STATES)
    assert {row["kind"] for row in ORGANISATIONS.values()} == {str(kind.value) for kind in OrganisationKind}


def test_every_kind_of_right_and_every_sector_is_offered_more_than_once() -> None:
    kinds = Counter(body["kind"] for body in _bodies(LISTINGS, "listing"))
    assert set(kinds) == {str(kind.value) for kind in RightKind}
    assert min(kinds.values()) >= 2
    sectors = Counter(sector for body in _bodies(LISTINGS, "listing") for sector in body["sectors"])
    assert set(sectors) == {str(sector.value) for sector in Sector}
    assert min(sectors.values()) >= 5


def test_every_state_of_life_is_there_and_most_are_published() -> None:
    of_listings = Counter(row["state"] for row in LISTINGS)
    of_needs = Counter(row["state"] for row in NEEDS)
    assert all(of_listings[state.value] >= 2 and of_needs[state.value] >= 1 for state in State)
    assert of_listings["published"] > len(LISTINGS) / 2
    assert of_needs["published"] > len(NEEDS) / 2


def test_rights_stand_in_force_pending_and_not_checked_and_some_are_taken_exclusively() -> None:
    rights = [right for body in _bodies(LISTINGS, "listing") for right in body.get("rights", [])]
    statuses = Counter(right["status"] for right in rights)
    assert all(statuses[status] >= 5 for status in ("granted", "pending", "not_checked"))
    assert {"lapsed", "opposed", "refused"} <= set(statuses) <= {str(status.value) for status in RightStatus}
    taken = [code for right in rights for burden in right.get("encumbrances", []) for code in burden["territories"]]
    assert {"ID", "MY"} <= set(taken)


def test_terms_are_posted_in_many_currencies_some_publicly() -> None:
    terms = [body["terms"] for body in _bodies(LISTINGS, "listing") if body.get("terms")]
    assert len({term["currency"] for term in terms}) >= 9
    assert Counter(body["terms_visibility"] for body in _bodies(LISTINGS, "listing"))["public"] >= 10


def test_some_are_anonymous_and_the_green_ones_say_what_was_measured_against_what() -> None:
    bodies = _bodies(LISTINGS, "listing")
    assert sum(body.get("anonymous", False) for body in bodies) >= 3
    claims = [claim for body in bodies if body.get("green") for claim in body["environmental_benefits"]]
    assert len(claims) >= 15
    assert all(claim["metric"] and claim["baseline"] and claim["evidence"] for claim in claims)


@pytest.mark.parametrize("row", LISTINGS, ids=lambda row: row["external_id"])
def test_a_listing_is_valid_and_says_what_it_refers_to(row: dict[str, Any]) -> None:
    body = dict(row["listing"])
    ours = {"checked_days_ago", "check_source", "last_use_days_ago", "encumbrances"}
    body["rights"] = [{k: v for k, v in right.items() if k not in ours} for right in body.get("rights", [])]
    ListingInput.model_validate(body)
    assert PEOPLE[row["author"]]["organisation"] == row["organisation"]


@pytest.mark.parametrize("row", NEEDS, ids=lambda row: row["external_id"])
def test_a_need_is_valid_and_what_fits_it_exists(row: dict[str, Any]) -> None:
    NeedInput.model_validate(row["need"])
    assert PEOPLE[row["author"]]["organisation"] == row["organisation"]
    assert set(row.get("fits", [])) <= {listing["external_id"] for listing in LISTINGS}


def test_texts_are_normalised_and_in_the_language_they_claim() -> None:
    for row, noun in [*((row, "listing") for row in LISTINGS), *((row, "need") for row in NEEDS)]:
        body = row[noun]
        assert all(unicodedata.is_normalized("NFC", text) for text in _texts(body)), row["external_id"]
        found, _confidence = detect(f"{body['summary']}\n{body['description']}")
        alike = {"ms": {"ms", "id"}, "id": {"ms", "id"}}.get(body["language"], {body["language"]})
        assert found in alike, row["external_id"]


def test_no_sentence_is_used_twice() -> None:
    long = [text for row in LISTINGS for text in (row["listing"]["description"], row["listing"]["title"])]
    long += [text for row in NEEDS for text in (row["need"]["description"], row["need"]["title"])]
    assert len(long) == len(set(long))


def test_needs_are_answered_across_borders_and_languages_but_some_by_nobody() -> None:
    listings_by_id = {row["external_id"]: row for row in LISTINGS}
    published = [row for row in NEEDS if row["state"] == "published"]
    foreign = [
        row for row in published
        if any(
            ORGANISATIONS[listings_by_id[fit]["organisation"]]["country"]
            != ORGANISATIONS[row["organisation"]]["country"]
            and listings_by_id[fit]["listing"]["language"] != row["need"]["language"]
            for fit in row.get("fits", [])
        )
    ]
    assert len(foreign) >= 20
    assert sum(not row.get("fits") for row in published) >= 2


def test_credentials_lie_where_the_readme_says() -> None:
    assert demo._credentials_path() == settings().var_dir / "demo-credentials.json"


# The loading -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def loaded(test_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Connection, demo.Summary]]:
    """Loaded once for all tests here and rolled back after the last; each test's own changes end with it."""
    patch = pytest.MonkeyPatch()
    path = tmp_path_factory.mktemp("demo") / "demo-credentials.json"
    patch.setattr(demo, "_credentials_path", lambda: path)
    with test_engine.connect() as connection, connection.begin() as outer:
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            summary = demo.load(session)
            session.commit()
        yield connection, summary
        outer.rollback()
    patch.undo()


@pytest.fixture
def db(loaded: tuple[Connection, demo.Summary]) -> Iterator[Session]:
    connection, _summary = loaded
    with (
        connection.begin_nested() as inner,
        Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as session,
    ):
        yield session
        session.rollback()
        inner.rollback()


@pytest.fixture
def market(loaded: tuple[Connection, demo.Summary]) -> demo.Summary:
    return loaded[1]


def test_loading_adds_everything_once(db: Session, market: demo.Summary) -> None:
    assert market == demo.Summary(len(ORGANISATIONS), len(PEOPLE), len(LISTINGS), len(NEEDS))
    before = demo.credentials()
    assert demo.load(db) == demo.Summary(0, 0, 0, 0)
    assert demo.credentials() == before


def test_records_stand_in_the_state_they_should(db: Session, market: demo.Summary) -> None:
    for model, rows in ((Listing, LISTINGS), (Need, NEEDS)):
        state = dict(iter(db.execute(select(model.external_id, model.state))))
        assert state == {row["external_id"]: row["state"] for row in rows}


def test_what_is_published_passes_the_gate_with_few_doubts(db: Session, market: demo.Summary) -> None:
    doubts: dict[str, list[str]] = {}
    for model, gate in ((Listing, listings.findings), (Need, needs.findings)):
        for record in db.scalars(select(model).where(model.state == State.PUBLISHED)).unique():
            found = gate(db, record)  # type: ignore[operator]
            grave = [f.key for f in found if f.severity in (Severity.BLOCKER, Severity.MAJOR)]
            # A mark just applied for abroad has not been used there yet, and the gate rightly says so.
            grave = [key for key in grave if not key.startswith("Q18:no_use:rights.")]
            if grave:
                doubts[str(record.external_id)] = grave
    assert doubts == {}


def test_register_numbers_have_the_form_of_their_office(db: Session, market: demo.Summary) -> None:
    for right in db.scalars(select(IpRight)):
        for which in ("application", "publication", "registration"):
            number = getattr(right, f"{which}_number")
            if number:
                form = number_form(right.office, RightKind(right.kind), number, which)
                assert form is not NumberForm.MALFORMED, (right.office, right.kind, which, number)


def test_dates_are_in_order_and_count_from_today(db: Session, market: demo.Summary) -> None:
    for record in db.scalars(select(Listing).where(Listing.state == State.PUBLISHED)).unique():
        assert record.submitted_at
        assert record.published_at
        assert record.created_at < record.submitted_at < record.published_at <= now()
        assert record.expires_at == record.published_at + timedelta(days=365)
        assert record.expires_at > now()
        events = history(db, record)
        assert [event.verb.partition(".")[2] for event in events] == ["created", "submitted", "taken_up", "published"]
        assert events[-1].at == record.published_at
    for need in db.scalars(select(Need).where(Need.state == State.PUBLISHED)).unique():
        assert need.deadline
        assert need.decision_on
        assert today() + timedelta(days=14) <= need.deadline < need.decision_on


def test_nobody_reviewed_their_own(db: Session, market: demo.Summary) -> None:
    staff = set(db.scalars(select(User.id).where(User.is_staff)))
    assert set(db.scalars(select(Event.actor_id).where(Event.verb.endswith(".published")))) == staff


def test_the_cast_can_sign_in_by_password_and_by_token(db: Session, market: demo.Summary) -> None:
    accounts = demo.credentials()
    assert set(accounts) == set(demo.CAST)
    for key, account in accounts.items():
        user = db.scalar(select(User).where(User.email == account["email"]))
        assert user is not None
        assert user.email == PEOPLE[key]["email"]
        assert passwords.verify(account["password"], user.password_hash)[0]
        token = tokens.find(db, account["api_token"], now())
        assert token is not None
        assert token.user_id == user.id
    assert stat.S_IMODE(demo._credentials_path().stat().st_mode) == 0o600


def test_lost_credentials_are_made_anew_and_the_old_tokens_end(db: Session, market: demo.Summary) -> None:
    before = demo.credentials()
    demo._credentials_path().unlink()
    demo.load(db)
    assert demo.credentials()["alice"]["password"] != before["alice"]["password"]
    assert tokens.find(db, before["alice"]["api_token"], now()) is None
    assert db.scalar(select(func.count()).select_from(ApiToken).where(ApiToken.revoked_at.is_(None))) == len(demo.CAST)


def test_the_cast_plays_its_parts(db: Session, market: demo.Summary) -> None:
    cast = {
        key: (row["organisation"], ORGANISATIONS[row["organisation"]]["country"], row["is_staff"])
        for key, row in PEOPLE.items() if key in demo.CAST
    }
    assert {key: country for key, (_name, country, _staff) in cast.items()} == {
        "alice": "VN", "bob": "TH", "tita": "PH", "charlie": "MY", "olga": "SG",
    }
    assert [key for key, (_name, _country, staff) in cast.items() if staff] == ["olga"]
    assert db.scalar(select(func.count()).select_from(Organisation)) == len(ORGANISATIONS)

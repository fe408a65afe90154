"""The production pipeline over judgements: documents become published listings and queries needs, in a database that
is made for the run and dropped after it, and each need is matched as any other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from rich.progress import Progress
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from backend.accounts.models import Organisation
from backend.core.clock import now
from backend.core.db import database_url, new_engine
from backend.core.ids import new_id
from backend.core.migrations import migrate
from backend.ip.classes import problem
from backend.language.detect import detect
from backend.language.embed import Vectors, content_hash
from backend.language.embedder import embedder
from backend.listings.models import IpRight, Listing
from backend.matching.candidates import halfvec
from backend.matching.evaluation.engines import without
from backend.matching.evaluation.folder import Judgements, Row
from backend.matching.evaluation.measures import TAKEN
from backend.matching.evaluation.vectors import Done, VectorFile, compared
from backend.matching.profile import listing_text, need_text, profile_of_need
from backend.matching.service import ranked
from backend.matching.vectors import query_vector
from backend.matching.words import count_words
from backend.needs.models import Need
from backend.search.documents import project
from backend.search.models import SearchDocument

_BATCH = 500
Tick = Callable[[str], Done]


@dataclass(frozen=True, slots=True)
class Shown:
    """A document as matching ranked it for a query: its score, and what each of its reasons adds in log-odds."""

    document: str
    score: float
    effects: Mapping[str, float]


def matched(judgements: Judgements, store: VectorFile, tick: Tick) -> list[list[Shown]]:
    """What matching finds for each query in turn, best first."""
    needs = [_need(query) for query in judgements.queries]
    rankings: list[list[Shown]] = []
    with throw_away_database() as url:
        engine = new_engine(url)
        try:
            with Session(engine, expire_on_commit=False) as session, session.begin():
                session.add(owner := _organisation("SG"))
                session.flush()
                names = _load(session, owner, judgements.documents, store, tick)
                count_words(session)
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("ANALYZE search_document"))
            vectors = compared(store.of([need_text(need) for need in needs], "query", tick("embedding queries")))
            with Session(engine, expire_on_commit=False) as session, session.begin():
                _keep_vectors(session, vectors)
            done = tick("matching")
            with Session(engine, expire_on_commit=False) as session:
                for number, (query, need) in enumerate(zip(judgements.queries, needs, strict=True), 1):
                    rankings.append(_ranking(session, need, names, query.get("exclude") or ()))
                    done(number, len(needs))
        finally:
            engine.dispose()
    return rankings


def _ranking(session: Session, need: Need, names: Mapping[UUID, str], excluded: Sequence[str]) -> list[Shown]:
    profile = profile_of_need(need, query_vector(session, need_text(need)))
    scored, _ = ranked(session, profile, at=now(), most=TAKEN + len(set(excluded)), explain=False)
    found = {names[listing_id]: value for listing_id, value in scored}
    shown = []
    for name in without(list(found), excluded, TAKEN):
        effects: dict[str, float] = {}
        for reason in found[name].reasons:
            effects[reason.code] = effects.get(reason.code, 0.0) + reason.effect
        shown.append(Shown(name, found[name].value, effects))
    return shown


def ticker(progress: Progress | None, folder: str = "") -> Tick:
    """`ticker(progress)("embedding")` starts a bar that is told (done, total)."""

    def begin(what: str) -> Done:
        if progress is None:
            return lambda _done, _total: None
        bar = progress.add_task(f"{folder}: {what}" if folder else what, total=None)
        return lambda done, total: progress.update(bar, completed=done, total=total)

    return begin


@contextmanager
def throw_away_database() -> Iterator[str]:
    """A migrated database of its own on the same server, dropped afterwards whatever happens."""
    name = f"padan_evaluation_{os.getpid()}_{new_id().hex[-8:]}"
    base = database_url()
    admin = new_engine(base).execution_options(isolation_level="AUTOCOMMIT")
    path, mark, query = base.partition("?")
    url = f"{path.rsplit('/', 1)[0]}/{name}{mark}{query}"
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        migrate(url)
        yield url
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        admin.dispose()


def _keep_vectors(session: Session, vectors: Mapping[str, Vectors]) -> None:
    """Where matching looks for the vectors of needs."""
    model = embedder().model_id
    rows = [
        {"key": content_hash(model, body, "query"), "model": model, "vector": halfvec(vector), "at": now()}
        for body, vector in vectors.items()
    ]
    if rows:
        session.execute(
            text("INSERT INTO embedding VALUES (:key, :model, CAST(:vector AS halfvec), :at) ON CONFLICT DO NOTHING"),
            rows,
        )


def _load(
    session: Session, owner: Organisation, corpus: Sequence[Row], store: VectorFile, tick: Tick
) -> dict[UUID, str]:
    """Insert the corpus as published listings with their search documents; returns listing id -> document id."""
    at = now()
    listings = [(row["id"], _listing(owner, row, at)) for row in corpus]
    bodies = [listing_text(listing) for _, listing in listings]
    vectors = compared(store.of(bodies, "passage", tick("embedding documents")))
    model = embedder().model_id
    done = tick("loading documents")
    for start in range(0, len(listings), _BATCH):
        batch = [listing for _, listing in listings[start : start + _BATCH]]
        session.add_all(batch)
        session.flush()
        rows = []
        for listing, body in zip(batch, bodies[start : start + _BATCH], strict=True):
            row = project(listing, at.date(), model)
            rows.append({**row, "codes": b"", "vector": vectors.get(body)})
        session.execute(insert(SearchDocument), rows)
        done(start + len(batch), len(listings))
    return {listing.id: name for name, listing in listings}


def _listing(owner: Organisation, row: Row, at: datetime) -> Listing:
    ipc = [symbol for symbol in row.get("ipc") or () if problem(symbol) is None]
    cpc = [symbol for symbol in row.get("cpc") or () if problem(symbol) is None]
    listing = Listing(
        id=new_id(), reference=new_id().hex, state="published", kind="patent", organisation=owner,
        open_for_interest=True, anonymous=False, language=row.get("lang") or detect(row["text"])[0],
        title=row.get("title") or "", description=row["text"], summary="", problem="", advantages="",
        economic_comparison="", applications="", partner_role="", published_at=at, expires_at=at + timedelta(days=365),
        sectors=[], sdgs=[], technology_keywords=[], market_keywords=[], deal_types=[], territories=[], green=False,
        terms_visibility="on_request",
    )  # fmt: skip
    if ipc or cpc:
        listing.rights = [IpRight(kind="patent", office=_office(row), status="not_checked", ipc=ipc, cpc=cpc)]
    return listing


def _office(row: Row) -> str:
    country = str(row.get("country") or "")
    return country if len(country) == 2 else "WO"


def _need(query: Row) -> Need:
    seeker = _organisation("TH")
    return Need(
        id=new_id(), organisation=seeker, organisation_id=seeker.id, language=detect(query["text"])[0],
        title=query.get("title") or "", summary="", description=query["text"], why_needed="", site_conditions="",
        technology_keywords=[], market_keywords=[], used_in=[], right_kinds=[], deal_types=[], sectors=[], sdgs=[],
        requirements=[], ipc=[symbol for symbol in query.get("ipc") or () if problem(symbol) is None],
    )  # fmt: skip


def _organisation(country: str) -> Organisation:
    return Organisation(id=new_id(), name=f"Organisation in {country}", kind="university", country=country)

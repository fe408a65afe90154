"""Markets of any size, invented: texts in six languages, wishes, and vectors with the spread of the bundled model's.

Words are as common and as rare as a language's, those that the lexicon knows among them, and a text shares some with
the others of its subject. On 28,634 texts the model's vectors have a mean of length 0.89, and cosines of 0.92 with the
nearest, 0.89 with the tenth and 0.855 with the two hundredth; these have about the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Any, cast
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Table, text
from sqlalchemy.orm import Session

from backend.accounts.models import Organisation
from backend.core.bulk import copy_rows
from backend.ip.territories import MEMBER_STATES
from backend.listings.models import IpRight, Listing
from backend.needs.models import Need
from backend.search.codes import codes_for, packed
from backend.search.counting import head
from backend.search.documents import project
from backend.search.facets import tags_of
from backend.search.models import DIMENSION, Embedding, SearchDocument

Floats = NDArray[np.float64]
Row = dict[str, Any]

FIELDS, SUBJECTS, BATCH = 80, 2_000, 1_000
LANGUAGES = {"en": 0.45, "id": 0.15, "vi": 0.12, "th": 0.12, "fil": 0.08, "ms": 0.08}
SMALL = {
    "en": ("of", "with", "and"), "id": ("yang", "dan", "untuk"), "ms": ("yang", "dan", "untuk"),
    "vi": ("của", "và", "cho"), "th": ("ที่", "ของ", "และ"), "fil": ("ng", "sa", "mga"),
}  # fmt: skip
VOCABULARY = 40_000
STATES = sorted(MEMBER_STATES)
DEALS = ("sale", "exclusive_licence", "non_exclusive_licence", "joint_venture", "research")
SECTORS = ("water", "energy", "food", "health", "materials", "digital")
CLASSES = [f"{section}{number:02d}{letter} {group}/00" for section in "ABCFGH" for number in (1, 3, 7, 9)
           for letter in "BCF" for group in (1, 3, 5)]  # fmt: skip
START = datetime(2026, 1, 1, tzinfo=UTC)


class Market:
    """Everything drawn from one seed. `asked` are vectors of real needs: some subjects lie about them."""

    def __init__(self, asked: Floats, seed: int = 1) -> None:
        self._chance = np.random.default_rng(seed)
        mean = asked.mean(axis=0)
        self._common = mean / np.linalg.norm(mean)
        # How much of the spread lies in the first, the second ... direction: a few tell much, most a little.
        shares = 1 / (np.arange(DIMENSION) + 6.0) ** 0.75
        turned, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((DIMENSION, DIMENSION)))
        self._spread = np.sqrt(shares / shares.sum())[:, None] * turned
        fields = self._spread_out(FIELDS)
        self._field = self._chance.integers(0, FIELDS, SUBJECTS)
        self._subjects = 0.5 * fields[self._field] + 0.5 * self._spread_out(SUBJECTS)
        residues = asked - np.outer(asked @ self._common, self._common)
        self._subjects[: len(asked)] = residues / np.linalg.norm(residues, axis=1, keepdims=True) * math.sqrt(0.5)

    def _spread_out(self, count: int) -> Floats:
        return np.asarray(self._chance.standard_normal((count, DIMENSION)) @ self._spread)

    def vectors(self, subjects: NDArray[np.int64]) -> NDArray[np.float16]:
        own = self._subjects[subjects] + math.sqrt(0.5) * self._spread_out(len(subjects))
        made = 0.89 * self._common + 0.456 * own
        return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), dtype=np.float16)

    def subjects(self, count: int) -> NDArray[np.int64]:
        return self._chance.integers(0, SUBJECTS, count)

    def text(self, language: str, subject: int, length: int) -> str:
        """Words of a language, three in ten of them such as this subject often uses."""
        words = vocabulary(language)
        ranks = np.minimum(np.exp(self._chance.random(length) * math.log(VOCABULARY)).astype(int), VOCABULARY - 1)
        own = _words_of(subject)
        often = np.minimum(self._chance.geometric(0.1, length) - 1, len(own) - 1)
        ranks = np.where(self._chance.random(length) < 0.3, own[often], ranks)
        return " ".join([words[rank] for rank in ranks])

    def prose(self, language: str, subject: int, length: int) -> str:
        """The same in sentences, held together by small words."""
        words = self.text(language, subject, length).split(" ")
        groups = [" ".join(words[at : at + 3]) for at in range(0, len(words), 3)]
        joined = [f"{group} {SMALL[language][at % 3]}" if at % 4 else f"{group}." for at, group in enumerate(groups, 1)]
        return " ".join(joined)

    def some(self, of: tuple[str, ...] | list[str], most: int, none: float = 0.0) -> list[str]:
        if self._chance.random() < none:
            return []
        return [str(one) for one in self._chance.choice(of, self._chance.integers(1, most + 1), replace=False)]

    def one(self, of: list[Any]) -> Any:
        return of[min(int(len(of) * self._chance.random() ** 2), len(of) - 1)]  # a few have much, most a little

    def trl(self, none: float) -> int | None:
        return None if self._chance.random() < none else int(self._chance.integers(1, 10))

    def language(self) -> str:
        return str(self._chance.choice(list(LANGUAGES), p=list(LANGUAGES.values())))

    def id(self) -> UUID:
        return UUID(bytes=self._chance.bytes(16), version=4)


@lru_cache(maxsize=SUBJECTS)
def _words_of(subject: int) -> NDArray[np.int64]:
    """The ranks of a subject's own words, the commonest first; the same in every language."""
    return np.random.default_rng(subject).integers(300, VOCABULARY // 3, 30)


@lru_cache
def vocabulary(language: str) -> list[str]:
    """Words by rank, the commonest first."""
    chance = np.random.default_rng([ord(letter) for letter in language])
    folder = files("backend.language").joinpath("lexicon")
    known: dict[str, None] = {}
    for name in ("id", "vi", "th", "fil", "ms") if language == "en" else (language,):
        for line in folder.joinpath(f"{name}.tsv").read_text(encoding="utf-8").splitlines():
            english, _, listed = line.partition("\t")
            known[english if language == "en" else listed.split("|")[0]] = None
    pieces = np.array([a + b for a in "bcdfghjklmnprstvwyz" for b in "aeiou"])
    drawn = chance.choice(pieces, (VOCABULARY, 4))
    made = ["".join(word) if language == "en" else "".join(word[:3]) + language for word in drawn]
    places = np.exp(chance.uniform(math.log(30), math.log(VOCABULARY), len(known))).astype(int)
    for place, word in zip(places, known, strict=True):
        made[min(int(place), VOCABULARY - 1)] = word
    return made


def fill(session: Session, market: Market, listings: int, needs: int, model: str, tick: Callable[[int], None]) -> None:
    """Write the records, their search documents and their vectors; the caller sees to the indexes."""
    owners = _organisations(session, market, 2_000, "tto")
    seekers = _organisations(session, market, 1_000, "msme_small")
    for model_class, count, held in ((Listing, listings, owners), (Need, needs, seekers)):
        for at in range(0, count, BATCH):
            size = min(BATCH, count - at)
            subjects = market.subjects(size)
            records = [_record(model_class, market, int(subject), held, at + n) for n, subject in enumerate(subjects)]
            _store(session, model_class, records, market.vectors(subjects), model)
            tick(size)


def _organisations(session: Session, market: Market, count: int, kind: str) -> list[Organisation]:
    rows = [
        {**defaults(Organisation), "id": market.id(), "name": f"{kind} {number}", "kind": kind, "languages": [],
         "country": STATES[number % len(STATES)], "created_at": START}
        for number in range(count)
    ]  # fmt: skip
    copy_rows(session, cast(Table, Organisation.__table__), rows)
    return [Organisation(**row) for row in rows]


def _record(kind: type[Any], market: Market, subject: int, owners: list[Organisation], number: int) -> Any:
    language = market.language()
    owner = market.one(owners)
    published = START + timedelta(minutes=number)
    values: Row = {
        **defaults(kind), "id": market.id(), "organisation_id": owner.id, "language": language, "state": "published",
        "reference": f"{kind.__name__}-{number}", "title": market.text(language, subject, 8),
        "summary": market.prose(language, subject, 20), "description": market.prose(language, subject, 90),
        "sectors": market.some(SECTORS, 2, 0.3), "deal_types": market.some(DEALS, 3, 0.2), "created_at": published,
        "updated_at": published, "published_at": published, "expires_at": START + timedelta(days=3650),
    }  # fmt: skip
    if kind is Listing:
        values |= {"territories": market.some(STATES, 4, 0.4), "trl": market.trl(0.3), "green": number % 7 == 0}
        if number % 2:
            values["advantages"] = f"The operating temperature is {number % 140 + 10} °C."
    else:
        values |= {"used_in": market.some(STATES, 2, 0.3), "min_trl": market.trl(0.7), "right_kinds": [],
                   "ipc": [CLASSES[subject % len(CLASSES)]] if number % 3 == 0 else []}  # fmt: skip
        if number % 5 == 0:
            values["requirements"] = [{"parameter": "operating temperature", "operator": "<=", "unit": "°C",
                                       "value": str(number % 90 + 30), "importance": "must"}]  # fmt: skip
    record = kind(**values)
    record.organisation = owner
    if kind is Listing:
        symbols = [CLASSES[subject % len(CLASSES)], CLASSES[number % len(CLASSES)]]
        row = {**defaults(IpRight), "id": market.id(), "listing_id": record.id, "kind": "patent", "ipc": symbols,
               "office": owner.country, "status": "granted"}  # fmt: skip
        record.rights = [IpRight(**row)]
    return record


def _store(session: Session, kind: type[Any], records: list[Any], vectors: NDArray[np.float16], model: str) -> None:
    _copy(session, kind, [_columns(record) for record in records])
    if kind is Listing:
        _copy(session, IpRight, [_columns(right) for record in records for right in record.rights])
    documents = [project(record, START.date(), model) for record in records]
    tags = {row["id"]: tags_of(row) for row in documents}
    codes = codes_for(session, (tag for each in tags.values() for tag in each))
    for row, vector in zip(documents, vectors, strict=True):
        mine = [codes[tag] for tag in tags[row["id"]]]
        row["codes"], row["head"] = packed(mine), head(row, mine)
        row["vector"] = "[" + ",".join(map(str, vector.tolist())) + "]"
    _copy(session, SearchDocument, documents)
    if kind is Need:
        kept = {row["embedding_hash"]: row["vector"] for row in documents}
        _copy(session, Embedding, [
            {"content_hash": key, "model": model, "vector": vector, "created_at": START} for key, vector in kept.items()
        ])  # fmt: skip


def _copy(session: Session, model: type[Any], rows: list[Row]) -> None:
    copy_rows(session, cast(Table, model.__table__), rows)


def _columns(record: Any) -> Row:
    return {column.key: getattr(record, column.key) for column in record.__table__.columns}


@lru_cache
def defaults(model: type[Any]) -> Row:
    values = {}
    for column in model.__table__.columns:
        default = column.default
        values[column.key] = None if default is None else default.arg(None) if default.is_callable else default.arg
    return values


def indexes(session: Session) -> Iterator[tuple[str, str]]:
    """(name, definition) of the indexes on search documents that no constraint needs."""
    query = (
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'search_document'"
        " AND indexname NOT LIKE 'pk_%' ORDER BY indexname"
    )
    yield from [(row.indexname, row.indexdef) for row in session.execute(text(query))]

"""What the figures are measured on: some 21,000 published listings, or as many invented ones, with their vectors.

Real vectors are read from a folder of record files (32 bytes of content hash, 384 half floats: as `padan evaluate`
keeps them). Texts without one get an invented vector near the others of its subject, and the report says how many.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from pgvector import HalfVector
from pgvector.psycopg import register_vector

DIMENSION = 384
RECORD = np.dtype([("key", "V32"), ("vector", "<f2", (DIMENSION,))])
INVENTED = "invented"
SUBJECTS = 200
LISTING_FILES = ("technology_offers.jsonl.gz", "patents_bibliographic.jsonl.gz")
NEED_FILES = ("technology_needs.jsonl.gz",)


def files(shared: Path, into: Path) -> tuple[list[Path], list[Path], bool]:
    """(files of listings, files of needs, whether they are the real ones)."""
    seeds = shared / "data" / "seeds"
    if all((seeds / name).exists() for name in (*LISTING_FILES, *NEED_FILES)):
        return [seeds / name for name in LISTING_FILES], [seeds / name for name in NEED_FILES], True
    into.mkdir(parents=True, exist_ok=True)
    listings, needs = into / "listings.jsonl.gz", into / "needs.jsonl.gz"
    for path, count, seed in ((listings, 20_960, 1), (needs, 2_674, 2)):
        if not path.exists():
            with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as file:
                file.writelines(json.dumps(row) + "\n" for row in invented_rows(count, seed))
    return [listings], [needs], False


def invented_rows(count: int, seed: int) -> Iterator[dict[str, Any]]:
    """Texts of words as common and as rare as those of a language are."""
    chance = random.Random(seed)
    consonants, vowels = "bcdfghklmnprst", "aeiou"
    words = sorted({"".join(chance.choice(consonants) + chance.choice(vowels) for _ in range(4)) for _ in range(9_000)})
    weights = [1 / (rank + 3) for rank in range(len(words))]
    for number in range(count):
        drawn = chance.choices(words, weights, k=150 + chance.randrange(60))
        row: dict[str, Any] = {"id": f"X{seed}-{number}", "title": " ".join(drawn[:9]), "text": " ".join(drawn[9:])}
        if number % 2:
            row |= {"kind": "A1", "country": chance.choice(["AU", "SG", "VN", "TH"]), "ipc": [f"A{number % 5 + 21}B"]}
        yield row


def kept_vectors(folder: Path) -> dict[bytes, np.ndarray[Any, Any]]:
    held: dict[bytes, np.ndarray[Any, Any]] = {}
    for path in sorted(folder.glob("*.bin")):
        whole = path.stat().st_size // RECORD.itemsize
        records = np.fromfile(path, dtype=RECORD, count=whole)
        held.update(zip((key.tobytes() for key in records["key"]), records["vector"], strict=True))
    return held


def invented_vector(key: bytes) -> np.ndarray[Any, Any]:
    """A unit vector with the spread of the bundled model's: cosines of 0.75 to 0.9, nearer within a subject."""
    common = _direction(b"common")
    subject = _direction(b"subject" + bytes([key[0] % SUBJECTS]))
    vector = 0.88 * common + 0.34 * subject + 0.33 * _direction(key)
    return (vector / np.linalg.norm(vector)).astype(np.float16)


def _direction(key: bytes) -> np.ndarray[Any, Any]:
    seed = int.from_bytes(hashlib.sha256(key).digest()[:8], "big")
    drawn = np.random.default_rng(seed).standard_normal(DIMENSION)
    return np.asarray(drawn / np.linalg.norm(drawn))


def fill_vectors(conninfo: str, model: str, real: Mapping[bytes, np.ndarray[Any, Any]]) -> tuple[int, int, int]:
    """Give each search document its vector, real ones taking the place of invented ones: (written, real, all)."""
    with psycopg.connect(conninfo) as connection:
        register_vector(connection)
        held = connection.execute(
            "SELECT DISTINCT d.embedding_hash, e.model FROM search_document d"
            " LEFT JOIN embedding e ON e.content_hash = d.embedding_hash"
        ).fetchall()
        rows = [(key, model, real[key]) for key, old in held if old in (None, INVENTED) and key in real]
        rows += [(key, INVENTED, invented_vector(key)) for key, old in held if old is None and key not in real]
        if rows:
            _write(connection, rows, anew=len(rows) > 2_000)
        total, known = connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE e.model <> %s) FROM search_document d"
            " JOIN embedding e ON e.content_hash = d.embedding_hash",
            [INVENTED],
        ).fetchone() or (0, 0)
    return len(rows), known, total


def _write(connection: psycopg.Connection[Any], rows: list[tuple[bytes, str, Any]], *, anew: bool) -> None:
    graphs = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'search_document' AND indexdef LIKE '%hnsw%'"
    ).fetchall()
    connection.execute("SET maintenance_work_mem = '256MB'; SET statement_timeout = 0")
    if anew:  # building a graph at once costs a fraction of adding to it row by row
        for name, _definition in graphs:
            connection.execute(f'DROP INDEX "{name}"')
    connection.execute("CREATE TEMP TABLE fresh (key bytea PRIMARY KEY, model text, vector halfvec(384))")
    with connection.cursor().copy("COPY fresh FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["bytea", "text", "halfvec"])
        for key, model, vector in rows:
            copy.write_row((key, model, HalfVector(vector)))
    connection.execute(
        "INSERT INTO embedding (content_hash, model, vector, created_at) SELECT key, model, vector, now() FROM fresh"
        " ON CONFLICT (content_hash) DO UPDATE SET model = excluded.model, vector = excluded.vector"
    )
    connection.execute("UPDATE search_document d SET vector = f.vector FROM fresh f WHERE f.key = d.embedding_hash")
    if anew:
        for _name, definition in graphs:
            connection.execute(definition)
    connection.commit()

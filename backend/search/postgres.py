"""The PostgreSQL engine: the default, and what answers when the outside engine does not.

PostgreSQL finds (words by its inverted index, neighbours by its vector index); filters, facets and ranks are arithmetic
over what it found. Every value is a bound parameter.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.core.clock import now
from backend.language.detect import detect
from backend.language.lexicon import names_in_english
from backend.search import counting, typos
from backend.search.codes import tags_by_code
from backend.search.engine import Results
from backend.search.lexemes import compact_number, query_words, quoted
from backend.search.meaning import Meaning, meaning_of
from backend.search.query import Kind, SearchQuery

MAX_WORDS = 16
NEIGHBOURS = 200
MAX_NEIGHBOURS = 1_000  # the vector index's own limit
EXACT_UP_TO = 2_000  # so few documents are compared one by one, faster than the index could skip the rest
RANKED = 300
MANY = 1_000
SUGGESTIONS = 8
NEAREST = 10
# A document counts as found by words when it holds this share of the query's words, weighed by how rare they are, and
# at least half of what the best document holds.
SHARE, SHARE_OF_BEST, SHARE_WITHOUT_VECTORS = 0.34, 0.5, 0.12
CORRECTED = 0.8  # what a word counts that was found only after mending a typo
W_WORDS, W_RANK, W_MEANING = 0.40, 0.15, 0.45

_TABLE = """
SELECT coalesce(string_agg(head, ''), ''), coalesce(string_agg(codes, ''), '')
  FROM search_document WHERE kind = %(kind)s AND (expires_at IS NULL OR expires_at > %(now)s)
"""
_WORDS = """
SELECT w.n, string_agg(uuid_send(d.id), '')
  FROM unnest(%(queries)s::text[]) WITH ORDINALITY AS w(q, n)
  JOIN search_document d ON d.words @@ w.q::tsquery AND d.kind = %(kind)s GROUP BY w.n
"""
_COMMON = "SELECT word FROM word_frequency WHERE word = ANY(%(words)s) AND documents > %(limit)s"
_ALIKE = """
SELECT plain FROM search_document WHERE kind = %(kind)s AND %(word)s <%% plain
 ORDER BY %(word)s <<-> plain LIMIT 40
"""
_NEAR = {
    kind: f"""
SELECT id, 1 - (vector <=> %(vector)s::halfvec) FROM search_document
 WHERE kind = '{kind}' AND vector IS NOT NULL ORDER BY vector <=> %(vector)s::halfvec LIMIT %(limit)s
"""  # noqa: S608 - the kind stands in the text because each kind has its own partial index; it is one of two constants
    for kind in ("listing", "need")
}
_AMONG = """
SELECT id, 1 - (vector <=> %(vector)s::halfvec) AS similarity FROM search_document
 WHERE id = ANY(%(ids)s) AND vector IS NOT NULL ORDER BY 2 DESC LIMIT %(limit)s
"""
_RANK = """
SELECT id, ts_rank('{0.1, 0.25, 0.5, 1.0}', words, %(query)s::tsquery, 1), 1 - (vector <=> %(vector)s::halfvec)
  FROM search_document WHERE id = ANY(%(ids)s)
"""
_BY_TITLE = """
SELECT coalesce(string_agg(uuid_send(id), '' ORDER BY lower(title), id), '') FROM search_document WHERE kind = %(kind)s
"""
_SUGGEST = """
SELECT title FROM search_document
 WHERE kind = %(kind)s AND words @@ %(query)s::tsquery AND (expires_at IS NULL OR expires_at > %(now)s)
 ORDER BY ts_rank('{0, 0, 0.2, 1.0}', words, %(query)s::tsquery) DESC, published_at DESC LIMIT %(limit)s
"""


SURE = 0.3  # below this a short text's language is a guess, and the reader's own is a better one


@dataclass
class Found:
    """Rows found by words, with the share of the query each holds, and by meaning, with how near each is."""

    share: NDArray[np.float64]
    near: dict[int, float]
    nearest: list[int]  # what comes nearest, though not near
    lexemes: str
    mended: dict[str, str]


def _language(text: str, locale: str) -> str:
    language, confidence = detect(text)
    return language if confidence >= SURE else locale


class PostgresEngine:
    name = "postgres"

    def __init__(self, session: Session) -> None:
        self._session = session

    def search(self, query: SearchQuery, locale: str = "en") -> Results:
        started = perf_counter()
        tags = tags_by_code(self._session)
        table = self._table(query.kind)
        masks = counting.filtered(table, _codes(query.groups, tags))
        allowed = counting.both(masks.values(), len(table))
        meaning: Meaning | None = None
        extra: dict[str, Any] = {}
        scores: NDArray[np.float64] | None = None
        among = np.ones(len(table), dtype=bool)
        if query.q:
            meaning = meaning_of(self._session, query.q) if len(table) else None
            found = self._find(query, locale, table, allowed, masks, meaning)
            among = self._members(found, meaning)
            if query.order == "relevance":
                scores = self._scores(table, allowed & among, found, meaning)
            distant = bool(found.nearest) and not found.near and not (found.share[among] > 0).any()
            extra = {"mended": found.mended, "distant": distant and bool((allowed & among).any())}
        rows = np.flatnonzero(allowed & among)
        order = self._ordered(query, table, rows, scores)
        page = order[query.offset : query.offset + query.size]
        return Results(
            hits=[
                (UUID(bytes=table.id_bytes(int(row))), float(scores[row]) if scores is not None else 0.0)
                for row in page
            ],
            total=len(rows),
            facets=counting.count(table, among, masks, tags),
            engine=self.name,
            took_ms=(perf_counter() - started) * 1000,
            by_meaning=meaning is not None,
            extra=extra,
        )

    def suggest(self, kind: Kind, prefix: str, locale: str = "en") -> list[str]:  # noqa: ARG002
        words = query_words(prefix[:200])[:MAX_WORDS]
        if not words:
            return []
        query = " & ".join([*map(quoted, words[:-1]), f"{quoted(words[-1])}:*"])
        rows = self._rows(_SUGGEST, kind=kind, query=query, now=now(), limit=SUGGESTIONS * 2)
        return list(dict.fromkeys(row[0] for row in rows))[:SUGGESTIONS]

    def upsert(self, kind: Kind, documents: Sequence[Mapping[str, Any]]) -> None:
        """Nothing to do: the projection that this engine reads is written by the sync itself."""

    def delete(self, kind: Kind, ids: Iterable[UUID]) -> None:
        """Nothing to do, as for `upsert`."""

    # Finding ---------------------------------------------------------------------------------------------------------

    def _rows(self, statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """Straight through the driver, in binary: megabytes of ids and codes are not worth a detour through text."""
        connection: Any = self._session.connection().connection.driver_connection
        rows: list[tuple[Any, ...]] = connection.execute(statement, parameters, binary=True).fetchall()
        return rows

    def _table(self, kind: Kind) -> counting.Table:
        return counting.Table.read(*self._rows(_TABLE, kind=kind, now=now())[0])

    def _find(
        self,
        query: SearchQuery,
        locale: str,
        table: counting.Table,
        allowed: counting.Mask,
        masks: Mapping[str, counting.Mask],
        meaning: Meaning | None,
    ) -> Found:
        words = self._telling(query.kind, query_words(query.q)[:MAX_WORDS], len(table))
        queries = [quoted(word) for word in words]
        if words and len(words[-1]) >= 3 and not query.q.endswith(" "):
            queries[-1] += ":*"  # the last word may not be finished yet
        english = names_in_english(query.q, _language(query.q, locale))
        queries = [" | ".join([one, *map(quoted, english.get(words[n], ()))]) for n, one in enumerate(queries)]
        number = compact_number(query.q)
        if number and number not in words:
            together = " & ".join(f"({one})" for one in queries)
            queries = [f"{quoted(number)} | ({together})" if queries else quoted(number)]
            words = [number]
        held = self._held(query.kind, table, queries)
        mended: dict[str, str] = {}
        for n, word in enumerate(words):
            if not held[n].any() and typos.can_have_typos(word) and len(mended) < 4:
                better = self._meant(query.kind, word)
                if better:
                    mended[word] = better
                    queries[n] = quoted(better)
        weights = np.ones(len(words))
        if mended:
            changed = [n for n, word in enumerate(words) if word in mended]
            for n, mask in zip(changed, self._held(query.kind, table, [queries[n] for n in changed]), strict=True):
                held[n], weights[n] = mask, CORRECTED
        share = _share(held, weights, len(table))
        near = self._near(query.kind, table, allowed, masks, meaning) if meaning else {}
        nearest = [row for row in near if allowed[row]][:NEAREST] if meaning and meaning.is_language else []
        if meaning and near:
            least = meaning.least(max(near.values()))
            near = {row: similarity for row, similarity in near.items() if similarity >= least}
        return Found(share, near, nearest, " | ".join(f"({one})" for one in queries), mended)

    def _telling(self, kind: Kind, words: list[str], size: int) -> list[str]:
        """Without the words that stand in every third document, when the query has others: they tell nothing."""
        if kind != "listing" or len(words) < 2 or size < MANY:
            return words
        common = {row[0] for row in self._rows(_COMMON, words=words, limit=size // 3)}
        return [word for word in words if word not in common] or words

    def _held(self, kind: Kind, table: counting.Table, queries: list[str]) -> list[counting.Mask]:
        """For each lexeme query, which rows hold it."""
        masks = [np.zeros(len(table), dtype=bool) for _query in queries]
        if queries:
            for n, ids in self._rows(_WORDS, kind=kind, queries=queries):
                masks[n - 1][table.rows_of(ids)] = True
        return masks

    def _meant(self, kind: Kind, word: str) -> str | None:
        self._rows("SELECT set_config('pg_trgm.word_similarity_threshold', '0.4', true)")
        rows = self._rows(_ALIKE, kind=kind, word=word)
        found = typos.meant(word, (other for row in rows for other in row[0].split(" ")))
        return next(iter(query_words(found)), None) if found else None

    def _near(
        self,
        kind: Kind,
        table: counting.Table,
        allowed: counting.Mask,
        masks: Mapping[str, counting.Mask],
        meaning: Meaning,
    ) -> dict[int, float]:
        """Rows, nearest in meaning first, that fail at most one filter: a facet counts its other values too."""
        if not len(table):
            return {}
        failed = np.zeros(len(table), dtype=np.int8)
        for mask in masks.values():
            failed += ~mask
        useful = failed <= 1
        rows = np.flatnonzero(useful)
        if not allowed.any() and not len(rows):
            return {}
        if len(rows) <= EXACT_UP_TO:
            ids = [UUID(bytes=table.id_bytes(int(row))) for row in rows]
            found = self._rows(_AMONG, vector=meaning.literal, ids=ids, limit=NEIGHBOURS)
        else:
            limit = min(MAX_NEIGHBOURS, int(NEIGHBOURS * len(table) / max(1, int(allowed.sum()))))
            self._rows("SELECT set_config('hnsw.ef_search', %(n)s, true)", n=str(max(NEIGHBOURS, limit)))
            found = self._rows(_NEAR[kind], vector=meaning.literal, limit=limit)
        places = table.located(b"".join(key.bytes for key, _similarity in found))
        return {
            row: float(similarity)
            for row, (_key, similarity) in zip(places.tolist(), found, strict=True)
            if row >= 0 and useful[row]
        }

    # Ranking ---------------------------------------------------------------------------------------------------------

    def _members(self, found: Found, meaning: Meaning | None) -> counting.Mask:
        best = float(found.share.max(initial=0.0))
        least = max(SHARE if meaning else SHARE_WITHOUT_VECTORS, best * SHARE_OF_BEST)
        members: counting.Mask = found.share >= least
        members[list(found.near)] = True
        if not members.any():
            members[found.nearest] = True
        return members

    def _scores(
        self, table: counting.Table, members: counting.Mask, found: Found, meaning: Meaning | None
    ) -> NDArray[np.float64]:
        """Words count by how much of the query they cover; across languages that is nothing, and meaning decides."""
        scores = found.share * W_WORDS
        rows = np.flatnonzero(members)
        promise = found.share[rows] + np.array(
            [0.5 + found.near[row] if row in found.near else 0.0 for row in rows.tolist()]
        )
        best = rows[np.argsort(-promise, kind="stable")[:RANKED]]
        if not len(best):
            return scores
        ids = [UUID(bytes=table.id_bytes(row)) for row in best.tolist()]
        vector = meaning.literal if meaning else "[" + ",".join(["0"] * 384) + "]"
        ranked = self._rows(_RANK, query=found.lexemes or "''", vector=vector, ids=ids)
        highest = max((row[1] for row in ranked), default=0.0) or 1.0
        places = table.located(b"".join(key.bytes for key, _rank, _similarity in ranked))
        for row, (_key, rank, similarity) in zip(places.tolist(), ranked, strict=True):
            share = float(found.share[row])
            if meaning is None:
                fit = share
            elif similarity is None or similarity != similarity:  # not embedded yet: words alone, at a discount
                fit = share * 0.6
            else:
                fit = meaning.fit(similarity)
            scores[row] = W_WORDS * share + W_RANK * share * rank / highest + W_MEANING * fit + 1e-3
        return scores

    def _ordered(
        self, query: SearchQuery, table: counting.Table, rows: NDArray[np.int64], scores: NDArray[np.float64] | None
    ) -> NDArray[np.int64]:
        if query.order == "title":
            placed = table.rows_of(self._rows(_BY_TITLE, kind=query.kind)[0][0])
            return placed[np.isin(placed, rows)]
        if query.order == "expiring":
            return rows[np.lexsort((-table.published[rows], table.expires[rows]))]
        if scores is not None:
            return rows[np.lexsort((-table.published[rows], -scores[rows].round(6)))]
        return rows[np.lexsort((table.ids[rows, 0], -table.published[rows]))]


def _codes(groups: Mapping[str, frozenset[str]], tags: Mapping[int, str]) -> dict[str, list[int]]:
    known: dict[str, list[int]] = {}
    for code, tag in tags.items():
        known.setdefault(tag, []).append(code)
    return {
        name: [code for value in values for code in known.get(f"{name}:{value}", [])] for name, values in groups.items()
    }


def _share(held: list[counting.Mask], weights: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Per row, how much of the query its words cover: rare words count more, unknown ones most."""
    share = np.zeros(size)
    total = 0.0
    for mask, weight in zip(held, weights, strict=True):
        rarity = float(np.log1p(size / (int(mask.sum()) + 0.5)))
        total += rarity
        share[mask] += rarity * weight
    return share / total if total else share

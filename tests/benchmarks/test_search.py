"""A search over HTTP with three filters and all facets, beside the bare SQL for the same page of results."""

from __future__ import annotations

import itertools
import time
from urllib.parse import urlencode

import psycopg

from backend.core import db as core_db
from tests.benchmarks.conftest import Server
from tests.benchmarks.measuring import Figure, Report, Spread, timed
from tests.benchmarks.processes import Browser, processor_seconds

ROUNDS = 5
QUERIES = (
    "water purification membrane", "battery electrode", "solar dryer for fish", "medical imaging sensor",
    "ระบบกรองน้ำ", "pin lithium", "thiết bị sấy năng lượng mặt trời", "panggagamot ng tubig", "制造 传感器", "robot arm",
)  # fmt: skip
FILTERS = (
    [("language", "en"), ("owner_country", "SG"), ("right_kind", "patent")],
    [("language", "en"), ("ipc", "A"), ("ipc", "G"), ("right_kind", "patent")],
    [("language", "en"), ("green", "yes"), ("right_kind", "patent")],
    [("right_kind", "know_how"), ("language", "en"), ("owner_country", "SG"), ("owner_country", "US")],
)
# Every facet over what the filters leave, and the page itself.
PAGE = """
SELECT id, title, summary, count(*) OVER () FROM search_document
 WHERE kind = 'listing' AND (expires_at IS NULL OR expires_at > now())
   AND language = ANY(%(language)s) AND owner_country = ANY(%(owner_country)s) AND right_kinds && %(right_kind)s
   AND words @@ %(words)s::tsquery
 ORDER BY ts_rank(words, %(words)s::tsquery) DESC LIMIT 20
"""
FACETS = """
WITH found AS MATERIALIZED (
  SELECT owner_country, language, right_kinds, deal_types, exclusivity, sectors, sdgs, trl, ipc_sections, ipc_classes,
         in_force, nice, green, posted_terms, verification_level
    FROM search_document WHERE kind = 'listing' AND (expires_at IS NULL OR expires_at > now())
     AND language = ANY(%(language)s) AND owner_country = ANY(%(owner_country)s) AND right_kinds && %(right_kind)s)
SELECT 'owner_country', owner_country, count(*) FROM found GROUP BY 2
UNION ALL SELECT 'language', language, count(*) FROM found GROUP BY 2
UNION ALL SELECT 'right_kind', one, count(*) FROM found, unnest(right_kinds) AS one GROUP BY 2
UNION ALL SELECT 'deal_type', one, count(*) FROM found, unnest(deal_types) AS one GROUP BY 2
UNION ALL SELECT 'exclusivity', one, count(*) FROM found, unnest(exclusivity) AS one GROUP BY 2
UNION ALL SELECT 'sector', one, count(*) FROM found, unnest(sectors) AS one GROUP BY 2
UNION ALL SELECT 'sdg', one::text, count(*) FROM found, unnest(sdgs) AS one GROUP BY 2
UNION ALL SELECT 'territory', one, count(*) FROM found, unnest(in_force) AS one GROUP BY 2
UNION ALL SELECT 'ipc', one, count(*) FROM found, unnest(ipc_sections || ipc_classes) AS one GROUP BY 2
UNION ALL SELECT 'nice', one::text, count(*) FROM found, unnest(nice) AS one GROUP BY 2
UNION ALL SELECT 'trl', trl::text, count(*) FROM found GROUP BY 2
UNION ALL SELECT 'green', green::text, count(*) FROM found GROUP BY 2
UNION ALL SELECT 'posted_terms', posted_terms::text, count(*) FROM found GROUP BY 2
UNION ALL SELECT 'verification', verification_level::text, count(*) FROM found GROUP BY 2
"""


def test_search_with_three_filters_and_all_facets_takes_80_ms(server: Server, browser: Browser, report: Report) -> None:
    page, whole = _references()
    asked = {
        "search API, words and 3 filters, all facets": [
            [("q", query), *filters] for query, filters in itertools.product(QUERIES, FILTERS)
        ],
        "search API, 3 filters, all facets": [list(filters) for filters in FILTERS] * 10,
    }
    for name, questions in asked.items():
        paths = [f"/api/v1/listings?{urlencode(question)}" for question in questions]
        for path in paths:  # the vector of a query is kept by the process: its making is the embedder's figure
            assert browser.read(path)["engine"] == "postgres"
        took, used = [], processor_seconds(server.pid)
        for path in paths * ROUNDS:
            began = time.perf_counter()
            browser.get(path)
            took.append((time.perf_counter() - began) * 1000)
        used = (processor_seconds(server.pid) - used) / len(took) * 1000
        report.add(
            Figure(
                name, "ms", Spread.of(took), 80, "bare SQL, page alone", page,
                note=f"page and facets in SQL {whole}; {used:.0f} ms of the web process each",
            )
        )  # fmt: skip


def test_a_search_never_asked_before_is_embedded_first(server: Server, browser: Browser, report: Report) -> None:
    from backend.language.embedder import embedder

    took, bare = [], []
    embedder().query(["warm"])
    for number, (query, filters) in enumerate(itertools.product(QUERIES, FILTERS)):
        question = f"{query} {number}"
        path = f"/api/v1/listings?{urlencode([('q', question), *filters])}"
        took.append(timed(lambda path=path: browser.get(path)))
        bare.append(timed(lambda question=question: embedder().query([question])))
    report.add(
        Figure("search API, a new query, 3 filters", "ms", Spread.of(took), None, "bare embedding", Spread.of(bare))
    )


def _references() -> tuple[Spread, Spread]:
    parameters = {"language": ["en"], "owner_country": ["SG", "US"], "right_kind": ["patent", "know_how"]}
    page, whole = [], []
    with psycopg.connect(core_db.conninfo(), options="-c jit=off") as connection:
        for _ in range(ROUNDS):
            for words in ("water & membrane", "battery | electrode", "sensor & imaging", "solar", "robot"):
                asked = {**parameters, "words": words}
                page.append(timed(lambda asked=asked: connection.execute(PAGE, asked).fetchall()))
                facets = timed(lambda asked=asked: connection.execute(FACETS, asked).fetchall())
                whole.append(page[-1] + facets)
    return Spread.of(page), Spread.of(whole)

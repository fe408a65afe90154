"""Matching, BM25 alone and vectors alone over the same judgements, and all of it as data."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.progress import Progress
from sqlalchemy.orm import Session

from backend.core.settings import settings
from backend.language.embed import passage_text, query_text
from backend.matching.evaluation.calibration import reliability, shown_pairs
from backend.matching.evaluation.engines import VectorsAlone, WordsAlone, without
from backend.matching.evaluation.folder import EvaluationError, Judgements, read
from backend.matching.evaluation.measures import TAKEN, measured, summary
from backend.matching.evaluation.pipeline import Shown, Tick, matched, ticker
from backend.matching.evaluation.sampling import words
from backend.matching.evaluation.vectors import VectorFile, plain_vectors
from backend.matching.judgements import PEOPLE, export

# By name: matching, words alone, the bundled model's vectors alone.
SYSTEMS = ("padan", "bm25", "embeddings")


@dataclass(frozen=True)
class Evaluation:
    """What each system found for each of the judged queries in turn; of matching also the scores and reasons."""

    judgements: Judgements
    shown: Sequence[Sequence[Shown]]
    found: Mapping[str, Sequence[Sequence[str]]]

    def figures(self, system: str) -> dict[str, Any]:
        queries, grades = self.judgements.queries, self.judgements.grades
        return summary(
            (str(query.get("lang") or "und"), measured(found, grades[query["id"]]))
            for query, found in zip(queries, self.found[system], strict=True)
        )

    def as_dict(self) -> dict[str, Any]:
        """Matching's own figures, with those of every system and the calibration of the scores beside them."""
        pairs = shown_pairs(self.judgements, self.shown)
        systems = {system: self.figures(system) for system in SYSTEMS if system in self.found}
        return {**systems["padan"], "systems": systems, "calibration": reliability(pairs)}


def evaluate(
    judgements: Judgements, *, progress: Progress | None = None, cache: Path | None = None, alone: bool = True
) -> Evaluation:
    """Matching, and unless `alone` is False the single engines beside it."""
    store = plain_vectors(cache or settings().var_dir / "vectors")
    tick = ticker(progress, judgements.name)
    shown = matched(judgements, store, tick)
    found = {"padan": [[one.document for one in row] for row in shown]}
    return Evaluation(judgements, shown, {**found, **(_alone(judgements, store, tick) if alone else {})})


def as_dict(evaluations: Sequence[Evaluation]) -> dict[str, Any]:
    """`folders`: {name: figures} and the calibration over all of them. Of a single folder the figures stand outside as
    well."""
    folders = {one.judgements.name: one.as_dict() for one in evaluations}
    pairs = [pair for one in evaluations for pair in shown_pairs(one.judgements, one.shown)]
    single = next(iter(folders.values())) if len(folders) == 1 else {}
    return {**single, "folders": folders, "calibration": reliability(pairs)}


def read_all(folders: Sequence[Path]) -> list[Judgements]:
    """Each folder once, with names that tell them apart."""
    held = [(folder, read(folder)) for folder in {folder.resolve(): folder for folder in folders}.values()]
    names = [judgements.name for _, judgements in held]
    return [
        replace(judgements, name=str(folder)) if names.count(judgements.name) > 1 else judgements
        for folder, judgements in held
    ]


def from_feedback(session: Session) -> Judgements:
    """What people said of matches, where enough of them judged the same pair."""
    with tempfile.TemporaryDirectory() as folder:
        judged = export(session, Path(folder))
        if not judged:
            raise EvaluationError(
                f"There is too little feedback: a match counts once {PEOPLE} people judged it, and none has so many."
            )
        try:
            return replace(read(Path(folder)), name="feedback")
        except EvaluationError as error:
            raise EvaluationError(
                f"There is too little feedback: {judged} matches were judged by {PEOPLE} people or more,"
                " and none of them was found useful."
            ) from error


def _alone(judgements: Judgements, store: VectorFile, tick: Tick) -> dict[str, list[list[str]]]:
    """The single engines, on the whole texts and on the windows of them that are embedded."""
    passages = {row["id"]: passage_text(row.get("title") or "", row["text"]) for row in judgements.documents}
    asked = [query_text(row.get("title") or "", row["text"]) for row in judgements.queries]
    of_passages = store.of(passages.values(), "passage", tick("embedding documents as they are"))
    of_queries = store.of(asked, "query", tick("embedding queries as they are"))
    near = VectorsAlone((name, of_passages.get(body)) for name, body in passages.items())
    done, documents = tick("reading words"), []
    for number, row in enumerate(judgements.documents, 1):
        documents.append((row["id"], words(row)))
        done(number, len(judgements.documents))
    worded = WordsAlone(documents)
    found: dict[str, list[list[str]]] = {"bm25": [], "embeddings": []}
    for query, body in zip(judgements.queries, asked, strict=True):
        excluded = query.get("exclude") or ()
        most = TAKEN + len(set(excluded))
        found["bm25"].append(without(worded.found(words(query), most), excluded, TAKEN))
        found["embeddings"].append(without(near.found(of_queries.get(body), most), excluded, TAKEN))
    return found

"""What people said of matches, as judgements: in sum, of public records only, in the form that an evaluation reads."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from backend.matching.evaluation.evaluate import from_feedback
from backend.matching.evaluation.folder import EvaluationError, read
from backend.matching.judgements import export, grade
from backend.matching.models import Match, MatchFeedback
from backend.search.projection import converge

Make = Callable[..., Any]
NOTE = "rahsia-4711"


@pytest.fixture
def match(db: Session, alice: Any, bob: Any, offer: Make, ask: Make) -> Match:
    need = ask(bob, "Dry paddy rice by solar heat", "We must dry paddy rice.", state="published")
    listing = offer(alice, "Solar dryer", "A solar cabinet dries paddy rice.")
    made = Match(need=need, listing=listing, score=0.8, reasons=[])
    db.add(made)
    db.flush()
    return made


@pytest.fixture
def people(person: Make) -> list[Any]:
    return [person(name, "MY", "msme_small") for name in ("ana", "ben", "cam", "dao", "eko")]


@pytest.fixture
def judge(db: Session, people: list[Any]) -> Make:
    """`judge(match, 4, 1)`: four people call it useful, one does not."""

    def say(match: Match, useful: int, not_useful: int) -> None:
        for at, who in enumerate(people[: useful + not_useful]):
            db.add(
                MatchFeedback(
                    match_id=match.id, user_id=who.user.id, side="seeker", useful=at < useful, note=NOTE,
                    reason=None if at < useful else "too_early",
                )
            )
        db.flush()

    return say


def qrels(folder: Path) -> list[str]:
    return (folder / "qrels.tsv").read_text().splitlines()[1:]


def test_a_pair_that_five_people_judged_is_written(db: Session, match: Match, judge: Make, tmp_path: Path) -> None:
    judge(match, 4, 1)
    assert export(db, tmp_path) == 1
    assert qrels(tmp_path) == [f"{match.need_id}\t{match.listing_id}\t2"]


def test_a_pair_that_four_people_judged_is_not(db: Session, match: Match, judge: Make, tmp_path: Path) -> None:
    judge(match, 4, 0)
    assert export(db, tmp_path) == 0
    assert qrels(tmp_path) == []
    assert (tmp_path / "corpus.jsonl").read_text() == ""


def test_the_files_are_such_as_an_evaluation_reads(db: Session, match: Match, judge: Make, tmp_path: Path) -> None:
    judge(match, 5, 0)
    export(db, tmp_path)
    judgements = read(tmp_path)
    (document,), (query,) = judgements.documents, judgements.queries
    assert (document["title"], document["text"]) == ("Solar dryer", "A solar cabinet dries paddy rice.")
    assert "Dry paddy rice by solar heat" in query["text"]
    assert judgements.grades == {query["id"]: {document["id"]: 2}}


def test_what_people_said_can_be_evaluated(db: Session, match: Match, judge: Make) -> None:
    judge(match, 5, 0)
    judgements = from_feedback(db)
    assert judgements.name == "feedback"
    assert judgements.grades == {str(match.need_id): {str(match.listing_id): 2}}


def test_feedback_that_found_nothing_useful_is_too_little(db: Session, match: Match, judge: Make) -> None:
    judge(match, 0, 5)
    with pytest.raises(EvaluationError, match="1 matches were judged by 5 people or more, and none of them"):
        from_feedback(db)


def test_other_public_listings_the_need_was_matched_with_stand_beside_the_judged_one(
    db: Session, match: Match, judge: Make, tita: Any, offer: Make, tmp_path: Path
) -> None:
    other = offer(tita, "Fish dryer", "Dries fish.")
    db.add(Match(need=match.need, listing=other, score=0.4, reasons=[]))
    judge(match, 5, 0)
    export(db, tmp_path)
    assert {row["id"] for row in read(tmp_path).documents} == {str(match.listing_id), str(other.id)}


def test_nothing_of_the_people_is_in_the_files(
    db: Session, match: Match, judge: Make, people: list[Any], alice: Any, bob: Any, tmp_path: Path
) -> None:
    judge(match, 4, 1)
    export(db, tmp_path)
    written = "".join(path.read_text() for path in tmp_path.iterdir())
    told = [NOTE, "too_early", alice.organisation.name, bob.organisation.name]
    assert [word for word in [*told, *(str(who.user.id) for who in people)] if word in written] == []


def test_a_need_that_is_public_no_longer_is_left_out(
    db: Session, match: Match, judge: Make, tmp_path: Path
) -> None:
    judge(match, 5, 0)
    match.need.state = "withdrawn"
    db.flush()
    converge(db, "need", [match.need_id])
    assert export(db, tmp_path) == 0
    assert (tmp_path / "queries.jsonl").read_text() == ""


def test_writing_twice_gives_the_same_files(db: Session, match: Match, judge: Make, tmp_path: Path) -> None:
    judge(match, 3, 2)
    export(db, tmp_path / "one")
    export(db, tmp_path / "two")
    for name in ("corpus.jsonl", "queries.jsonl", "qrels.tsv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert all(json.loads(line) for line in (tmp_path / "one" / "corpus.jsonl").read_text().splitlines())


@pytest.mark.parametrize(("useful", "given"), [(1.0, 2), (2 / 3, 2), (0.6, 1), (1 / 3, 1), (0.2, 0), (0.0, 0)])
def test_the_grade_follows_the_share_who_call_it_useful(useful: float, given: int) -> None:
    assert grade(useful) == given

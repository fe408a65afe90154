"""Letters: at once, once a day or never, in the reader's language, and one for many facts."""

from typing import Any

from sqlalchemy.orm import Session

from backend.core.clock import now
from backend.matching.models import Match
from backend.notifications import digests
from backend.notifications import service as notifications


def tell(db: Session, person: Any, count: int = 1) -> None:
    for number in range(count):
        data = {"title": f"Need {number}", "reference": f"TR-{number}", "language": "en", "reason": "unclear"}
        notifications.tell(db, person.user, f"need.returned:{number}", "need.returned", data, f"/needs/{number}")


def test_many_facts_are_one_letter(db: Session, tita: Any, run_jobs: Any, letters: list[Any]) -> None:
    tell(db, tita, 3)
    run_jobs()
    [(to, subject, text)] = letters
    assert to == tita.user.email
    assert subject == "News about your listings and needs"
    assert text.count("http://testserver/needs/") == 3


def test_a_letter_names_the_reason_in_words(db: Session, tita: Any, run_jobs: Any, letters: list[Any]) -> None:
    tell(db, tita)
    run_jobs()
    assert "It cannot be understood well enough" in letters[0][2]


def test_a_letter_is_not_repeated(db: Session, tita: Any, run_jobs: Any, letters: list[Any]) -> None:
    tell(db, tita)
    run_jobs()
    digests.send_digests(db, now())
    run_jobs()
    assert len(letters) == 1


def test_who_chose_a_daily_letter_hears_nothing_before(
    db: Session, tita: Any, run_jobs: Any, letters: list[Any]
) -> None:
    tita.user.notify = "daily"
    tell(db, tita)
    run_jobs()
    assert letters == []
    digests.send_digests(db, now())
    run_jobs()
    assert len(letters) == 1


def test_who_chose_never_gets_no_letter(db: Session, tita: Any, run_jobs: Any, letters: list[Any]) -> None:
    tita.user.notify = "never"
    tell(db, tita)
    digests.send_digests(db, now())
    run_jobs()
    assert letters == []


def test_what_was_read_meanwhile_is_not_mailed(db: Session, tita: Any, run_jobs: Any, letters: list[Any]) -> None:
    tell(db, tita)
    notifications.mark_all_read(db, tita.user.id)
    run_jobs()
    assert letters == []


def test_a_long_letter_shows_the_best_and_counts_the_rest(
    db: Session, tita: Any, run_jobs: Any, letters: list[Any]
) -> None:
    tell(db, tita, digests.MOST + 5)
    run_jobs()
    assert "There are 5 more" in letters[0][2]


def test_both_sides_of_a_match_read_it_from_their_own_side(
    db: Session, match: Match, bob: Any, alice: Any, publish: Any, forget_jobs: Any, run_jobs: Any, letters: list[Any]
) -> None:
    bob.user.locale = alice.user.locale = "en"
    publish(match.need, bob)
    forget_jobs()
    notifications.tell_match(db, match)
    run_jobs()
    subjects = {to: subject for to, subject, _text in letters}
    assert subjects == {
        bob.user.email: "A listing from Viet Nam may fit your need",
        alice.user.email: "A need in Thailand may fit your listing",
    }

"""What people read of a match: reasons with evidence of both sides, what would help, and matches side by side."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from backend.accounts import tokens
from backend.matching.models import Match
from backend.needs.models import Need

SignIn = Callable[..., Any]


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.fixture
def seeker(client: Any, sign_in: SignIn, bob: Any) -> Any:
    return sign_in(client, bob)


def test_each_match_has_three_reasons_with_evidence_of_both_sides(seeker: Any, matches: list[Match]) -> None:
    assert len(matches) == 5
    for match in matches:
        page = seeker.get(f"/matches/{match.id}").text
        evidence = re.findall(r'<dl class="evidence">.*?</dl>', page, re.DOTALL)
        of_both = [one for one in evidence if one.count("<dd>") == 2 and "Nothing about this" not in one]
        assert len(of_both) >= 3


def test_the_words_that_carry_a_reason_are_marked_in_their_own_language(seeker: Any, matches: list[Match]) -> None:
    page = seeker.get(f"/matches/{matches[0].id}").text

    assert re.search(r'<q lang="en">[^<]*<mark>[^<]*dry paddy rice[^<]*</mark>', page)


def test_what_is_missing_and_not_known_is_as_plain_as_what_fits(seeker: Any, matches: list[Match]) -> None:
    page = text_of(seeker.get(f"/matches/{matches[0].id}").text)

    assert "Why it fits" in page
    assert "What is missing Missing:" in page
    assert "Missing: Another kind of right: Patent instead of design." in page
    assert "What is not known Not known:" in page


def test_what_a_user_wrote_cannot_become_a_mark_or_a_tag(seeker: Any, db: Session, matches: list[Match]) -> None:
    evil = "<script>alert(1)</script> dry"
    row = next(row for row in matches[0].reasons if row["code"] == "shared_words")
    others = [one for one in matches[0].reasons if one is not row]
    marks = {"need": [[0, 8], [999, 2000]], "listing": []}
    matches[0].reasons = [
        {**row, "evidence": {"need": evil, "listing": evil}, "data": {**row["data"], "marks": marks}}, *others,
    ]  # fmt: skip
    db.flush()

    page = seeker.get(f"/matches/{matches[0].id}").text

    assert "<script>alert" not in page
    assert "<mark>&lt;script&gt;</mark>alert(1)" in page


TEXTS = {"text_similarity", "shared_words"}  # given weights at which the score is neither sure nor hopeless


@pytest.fixture
def weak(db: Session, matches: list[Match]) -> Match:
    """A match that can be bettered."""
    match = next(one for one in matches if one.listing.trl is None)
    match.reasons = [{**row, "weight": 3.0 if row["code"] in TEXTS else row["weight"]} for row in match.reasons]
    db.flush()
    return match


def test_each_side_reads_first_what_it_could_change(
    client: Any, sign_in: SignIn, alice: Any, bob: Any, weak: Match
) -> None:
    seekers = text_of(sign_in(client, bob).get(f"/matches/{weak.id}").text)
    owners = text_of(sign_in(client, alice).get(f"/matches/{weak.id}").text)

    assert seekers.index("What you could change") < seekers.index("What the owner could change")
    assert owners.index("What you could change") < owners.index("What the seeker could change")
    assert "State how mature it is; at least level 6 of 9 is wanted." in owners
    assert "Accept this kind of right too: Patent." in seekers


def test_a_match_that_cannot_be_bettered_says_so(seeker: Any, db: Session, matches: list[Match]) -> None:
    matches[0].reasons = [{**row, "weight": 0.0} for row in matches[0].reasons]
    db.flush()

    page = seeker.get(f"/matches/{matches[0].id}").text

    assert "Nothing that either side could state or change" in page


def test_the_api_gives_the_advice_as_data(client: Any, db: Session, bob: Any, need: Need, weak: Match) -> None:
    _row, token = tokens.create(db, bob.actor, "test", "read", bob.organisation)
    answer = client.get(f"/api/v1/needs/{need.id}/matches", headers={"authorization": f"Bearer {token}"})
    items = answer.json()["items"]
    (advice,) = [item["advice"] for item in items if item["id"] == str(weak.id)]

    assert {"code": "right_kind", "move": "accept"}.items() <= advice["seeker"][0].items()
    assert [one["code"] for one in advice["owner"]][:1] == ["territory"]
    assert all(change["effect"] > 0 for side in advice.values() for change in side)


# Side by side ------------------------------------------------------------------------------------------------------


def compared(seeker: Any, need: Need, *chosen: Match) -> Any:
    return seeker.get(f"/needs/{need.id}/compare", params={"match": [str(one.id) for one in chosen]})


def test_the_matches_of_a_need_can_be_ticked_and_compared(seeker: Any, need: Need, matches: list[Match]) -> None:
    page = seeker.get(f"/needs/{need.id}").text

    assert f'action="/needs/{need.id}/compare"' in page
    assert page.count('name="match"') == len(matches)
    assert page.count('form="compare"') == len(matches)


def test_up_to_four_matches_stand_side_by_side(seeker: Any, need: Need, matches: list[Match]) -> None:
    answer = compared(seeker, need, *matches[:4])

    assert answer.status_code == 200
    head = re.search(r"<thead>.*</thead>", answer.text, re.DOTALL)
    assert head
    assert [title in head[0] for title in (one.listing.title for one in matches)] == [True] * 4 + [False]
    readiness = re.search(r'<th scope="row">Readiness</th>(.*?)</tr>', answer.text, re.DOTALL)
    assert readiness
    assert text_of(readiness[1]).count("Fits") == sum(one.listing.trl == 8 for one in matches[:4])


def test_every_row_has_a_cell_for_every_listing(seeker: Any, need: Need, matches: list[Match]) -> None:
    body = compared(seeker, need, *matches[:3]).text.split("<tbody>")[1]

    assert {row.count("<td>") for row in body.split("<tr>")[1:]} == {3}


@pytest.mark.parametrize(("count", "said"), [(0, "Nothing is ticked yet"), (5, "Too many to read side by side")])
def test_none_or_too_many_are_asked_again_with_the_choice_kept(
    count: int, said: str, seeker: Any, need: Need, matches: list[Match]
) -> None:
    answer = compared(seeker, need, *matches[:count])

    assert answer.status_code == 422
    assert said in answer.text
    assert answer.text.count(" checked>") == count


def test_what_is_no_match_of_this_need_is_left_out_and_said_so(seeker: Any, need: Need, matches: list[Match]) -> None:
    other = "00000000-0000-7000-8000-000000000000"
    answer = seeker.get(f"/needs/{need.id}/compare", params={"match": [str(matches[0].id), other, "nonsense"]})

    assert answer.status_code == 200
    assert "is left out" in answer.text


def test_nobody_else_compares_the_matches_of_a_need(
    client: Any, sign_in: SignIn, alice: Any, charlie: Any, need: Need, matches: list[Match]
) -> None:
    assert compared(sign_in(client, charlie), need, *matches[:2]).status_code in (403, 404)
    assert compared(sign_in(client, alice), need, *matches[:2]).status_code in (403, 404)

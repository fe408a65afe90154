"""Whatever text comes in, as an offer or as a need, is matched sensibly or not at all, and never at great cost."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from backend.accounts import tokens
from backend.core.db import session_scope
from backend.core.text import BadText, clean, without_floods
from backend.imports.service import import_file
from backend.listings.models import Listing
from backend.matching import service
from backend.matching.models import Match
from backend.needs.models import Need
from backend.publication.wording import checks_of_text, identity_leaks
from backend.search.indexing import help_along
from backend.search.models import SearchDocument

ENGLISH = "A solar dryer moves warm air through trays of paddy and saves the fuel of the burner."
MIXED = (
    "Máy sấy lúa bằng năng lượng mặt trời. เครื่องอบข้าวเปลือกพลังงานแสงอาทิตย์ that saves the fuel of the burner."
    " 太阳能稻谷干燥机。 Pengering padi tenaga surya yang hemat. អ្នកសម្ងួតស្រូវ"
)
ODD = {
    "mixed languages": MIXED,
    "one word": "dryer",
    "one letter": "x",
    "only numbers": "12 345 6789 3.14 1e9 -0 99999999999999999999",
    "only punctuation": "?!.,;:-–—…()[]{}<>/\\|@#$%^&*_=+~`'\"",
    "emoji": "🧪🌾☀️👩‍🔬🇻🇳" * 20,
    "zero-width": "so\u200blar\u200d dry\u2060er\ufeff " * 20,
    "only zero-width": "\u200b\u200c\u200d\u2060" * 100,
    "right to left": "مجفف شمسي للأرز يوفر الوقود " * 5,
    "combining marks": "d" + "\u0301\u0323" * 1500,
    "marks on marks": "h\u0316\u0301\u0334" * 900,
    "marks alone": "\u0301" * 900,
    "rare spaces": "a" + "\u2003" * 3_000 + "b",
    "no space at all": "ก" * 3_900,
    "one letter over and over": "a " * 1_900,
    "every sign is another": "".join(chr(code) for code in range(0x4E00, 0x4E00 + 3_000)),
    "beyond the basic plane": "𝐝𝐫𝐲𝐞𝐫 𠜎𠜱𠝹 " * 50,
    "markup": "<p onload=alert(1)>{{7*7}}</p>" * 30,
    "quotes and backslashes": "'\\\" \\' ''" * 100,
}
KINDS = {"listings": "patent", "needs": "technology_request"}
HUGE = "dryer paddy husk silica " * 12_500


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_an_odd_offer_is_kept_and_matched_without_a_fault(
    db: Session, alice: Any, bob: Any, offer: Any, ask: Any, text: str
) -> None:
    ask(bob, "Solar dryer for paddy", ENGLISH, state="published")
    listing = offer(alice, text[:200] or "-", text)
    service.match_listing(db, listing)
    assert all(0 <= score <= 1 for score in db.scalars(select(Match.score)))


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_an_odd_need_is_kept_and_matched_without_a_fault(
    db: Session, alice: Any, bob: Any, offer: Any, ask: Any, text: str
) -> None:
    offer(alice, "Solar dryer for paddy", ENGLISH)
    service.match_need(db, ask(bob, text[:200] or "-", text))
    assert all(0 <= score <= 1 for score in db.scalars(select(Match.score)))


@pytest.mark.parametrize("text", [MIXED, "dryer", ODD["zero-width"]], ids=["mixed", "one word", "zero-width"])
def test_what_still_says_something_finds_its_answer(
    db: Session, alice: Any, bob: Any, offer: Any, ask: Any, text: str
) -> None:
    dryer = offer(alice, "Solar dryer for paddy", ENGLISH)
    offer(alice, "Trade mark for fruit juice", "A brand that is known in the whole of the region.")
    need = ask(bob, text[:200], text)
    service.match_need(db, need)
    best = db.scalars(select(Match).where(Match.need_id == need.id).order_by(Match.score.desc())).first()
    assert best is not None
    assert best.listing_id == dryer.id


@pytest.mark.parametrize("noun", ["listings", "needs"])
@pytest.mark.parametrize("text", [*ODD.values(), HUGE, "a\u202eb\u2066c"], ids=[*ODD, "50,000 words", "bidi"])
def test_the_form_answers_clearly(
    client: Any, sign_in: Any, submit: Any, alice: Any, run_jobs: Callable[[], int], noun: str, text: str
) -> None:
    sign_in(client, alice).get(f"/{noun}/new")
    answer = submit(client, f"/{noun}", title=text[:200], description=text, kind=KINDS[noun])
    assert answer.status_code in (303, 422)
    assert answer.status_code == 303 or "error-summary" in answer.text
    run_jobs()


@pytest.mark.parametrize("noun", ["listings", "needs"])
@pytest.mark.parametrize("text", [*ODD.values(), HUGE, "a\u202eb\u2066c"], ids=[*ODD, "50,000 words", "bidi"])
def test_the_interface_for_programs_answers_clearly(
    client: Any, db: Session, alice: Any, run_jobs: Callable[[], int], noun: str, text: str
) -> None:
    _row, token = tokens.create(db, alice.actor, "test", "write", alice.organisation)
    body = {"title": text[:200], "description": text, "kind": KINDS[noun]}
    answer = client.post(f"/api/v1/{noun}", json=body, headers={"authorization": f"Bearer {token}"})
    assert answer.status_code in (201, 422), answer.text[:300]
    assert answer.status_code == 201 or answer.json()["errors"]
    run_jobs()


@pytest.mark.parametrize("kind", ["listings", "needs"])
def test_an_import_takes_in_or_reports_each_odd_row(clean_database: Engine, tmp_path: Path, kind: Any) -> None:
    texts = {**ODD, "50,000 words": HUGE, "bidi": "a\u202eb", "a million marks": "e" + "\u0301\u0323" * 70_000}
    path = tmp_path / "odd.jsonl"
    rows = [{"id": str(n), "title": text[:200], "text": text} for n, text in enumerate(texts.values())]
    path.write_text("\n".join(json.dumps(row) for row in rows))
    report = import_file(path, kind=kind, source="odd")
    help_along(lambda _done, _total: None)
    assert report.created + report.refused == len(texts)
    with session_scope() as session:
        stored = len(session.scalars(select((Listing if kind == "listings" else Need).id)).all())
        indexed = len(session.scalars(select(SearchDocument.id)).all())
    assert stored == indexed == report.created


# Bounded work: what is counted are steps, never seconds ------------------------------------------------------------


def test_a_flood_of_marks_is_cut_before_it_is_put_in_order() -> None:
    assert len(clean("e" + "\u0301\u0323" * 500_000)) <= 31
    assert without_floods("nguyễn ເຂົ້າ ကြီး ក្រុម") == "nguyễn ເຂົ້າ ကြီး ក្រុម"


def test_rows_of_rare_spaces_become_one() -> None:
    assert clean("a" + "\u2003\u00a0\t" * 50_000 + "b") == "a b"


def test_direction_tricks_are_refused() -> None:
    with pytest.raises(BadText):
        clean("a\u202eb")


@pytest.mark.parametrize("text", ["x" * 200_000, "a-" * 100_000, "1.1." * 50_000, "水" * 200_000])
def test_the_rules_on_words_end_soon_on_long_rows_of_letters(text: str) -> None:
    identity_leaks({"description": text}, ["Alice Ltd"], ["1234567"])
    checks_of_text({"title": "t", "summary": "s", "description": text})

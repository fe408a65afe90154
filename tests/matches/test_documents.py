"""A match on paper: the same facts as its page, in the reader's language and every script, and nothing else."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from pypdf import PdfReader

from backend.core.clock import today
from backend.core.typesetting import pictures, typeset
from backend.i18n import UI_LOCALES, format_date
from backend.matching.models import Match
from backend.needs.models import Need
from backend.web.match_documents import TEMPLATE, document_data

TEXTS = {"text_similarity", "shared_words"}
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SignIn = Callable[..., Any]


def read(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def printed(client: Any, match: Match) -> bytes:
    answer = client.get(f"/matches/{match.id}/document.pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    return bytes(answer.content)


def test_a_match_is_printed_with_both_records_its_reasons_and_what_would_help(
    client: Any, sign_in: SignIn, bob: Any, need: Need, matches: list[Match]
) -> None:
    match = next(one for one in matches if one.listing.title.startswith("Solar"))
    # A fit that can be bettered.
    match.reasons = [{**row, "weight": 3.0 if row["code"] in TEXTS else row["weight"]} for row in match.reasons]

    text = read(printed(sign_in(client, bob), match))

    for said in (
        need.title, match.listing.title, need.reference, match.listing.reference, "Alice Msme Small, Viet Nam",
        "It can dry paddy rice by solar heat.", "We must dry paddy rice without smoke.", "Another kind of right",
        "In Thailand a right is applied for", "What would make this fit better", "What you could change",
        "Accept this kind of right too: Patent.", f"Printed on {format_date(today(), 'long')}",
    ):  # fmt: skip
        assert said.split(",")[0] in text or said in text, said


def test_who_may_not_see_the_match_gets_no_paper_of_it(
    client: Any, sign_in: SignIn, charlie: Any, matches: list[Match]
) -> None:
    assert sign_in(client, charlie).get(f"/matches/{matches[0].id}/document.pdf").status_code == 404


def test_an_owner_who_stays_anonymous_stays_so_on_paper(
    client: Any, sign_in: SignIn, bob: Any, db: Any, matches: list[Match]
) -> None:
    matches[0].listing.anonymous = True
    db.flush()

    text = read(printed(sign_in(client, bob), matches[0]))

    assert "Owner's name on request" in text
    assert "Alice" not in text


@pytest.mark.parametrize("locale", UI_LOCALES)
def test_the_paper_is_tagged_and_says_its_language_and_title(locale: str, matches: list[Match]) -> None:
    data = document_data(matches[0], "seeker", locale, at=AT)

    root = PdfReader(io.BytesIO(typeset(TEMPLATE, data, at=AT))).trailer["/Root"]

    assert root["/Lang"] == locale
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Metadata"]


def test_the_same_match_on_the_same_day_gives_the_same_bytes(matches: list[Match]) -> None:
    data = document_data(matches[0], "owner", "en", at=AT)

    assert typeset(TEMPLATE, data, at=AT) == typeset(TEMPLATE, data, at=AT)


HOSTILE = '#panic("x") $ \\ #import "/etc/passwd" *bold* _it_ = Head @ref <label> #sys.inputs // [x] "q" \u202e'


def test_what_users_wrote_is_set_as_text_and_never_run(matches: list[Match]) -> None:
    matches[0].listing.title = matches[0].need.title = matches[0].need.summary = HOSTILE

    text = read(typeset(TEMPLATE, document_data(matches[0], "seeker", "en", at=AT), at=AT))

    assert '#panic("x")' in text
    assert "*bold* _it_ = Head @ref <label> #sys.inputs // [x]" in text


SCRIPTS = {
    "th": "เครื่องอบข้าวเปลือก", "lo": "ເຄື່ອງອົບເຂົ້າ", "km": "ម៉ាស៊ីនសម្ងួតស្រូវ", "my": "စပါးအခြောက်ခံစက်",
    "ta": "நெல் உலர்த்தி", "zh": "稻谷烘干机", "vi": "Máy sấy lúa", "xx-odd": "Odd",
}  # fmt: skip


@pytest.mark.parametrize("language", SCRIPTS)
def test_every_script_of_the_region_has_its_letters(language: str, matches: list[Match]) -> None:
    matches[0].listing.title, matches[0].listing.language = SCRIPTS[language], language

    pdf = typeset(TEMPLATE, document_data(matches[0], "seeker", "en", at=AT), at=AT)

    pages = PdfReader(io.BytesIO(pdf)).pages
    fonts = {str(font.get_object()["/BaseFont"]) for page in pages for font in page["/Resources"]["/Font"].values()}
    names = {"th": "Thai", "lo": "Lao", "km": "Khmer", "my": "Myanmar", "ta": "Tamil", "zh": "SC"}
    assert any(names.get(language, "NotoSans") in font for font in fonts)


def test_the_pages_can_be_drawn(matches: list[Match]) -> None:
    drawn = pictures(TEMPLATE, document_data(matches[0], "seeker", "en", at=AT), ppi=30)

    assert all(page.startswith(b"\x89PNG") for page in drawn)

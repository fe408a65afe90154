"""Words of any script, comparable with one another."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.language.segment import MAX_WORD, MAX_WORDS, segmented, sentences, terms, visible, words

anything = st.text(alphabet=st.characters(exclude_categories=[]), max_size=400)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Đèn LED tiết kiệm điện", ["den", "led", "tiet", "kiem", "dien"]),
        ("ระบบกรองน้ำสำหรับชุมชน", ["ระบบ", "กรอง", "น้ำ", "สำหรับ", "ชุมชน"]),
        ("水过滤系统", ["水", "过滤", "系统"]),
        ("நீர் வடிகட்டி", ["நீர்", "வடிகட்டி"]),
        ("๑๒ ลิตร", ["12", "ลิตร"]),
        ("e-mail: CO₂-Abscheider", ["e", "mail", "co2", "abscheider"]),
        ("crème BRÛLÉE", ["creme", "brulee"]),
    ],
)
def test_text_is_split_into_plain_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize("text", ["ເຄື່ອງກອງນ້ໍາ", "ប្រព័ន្ធចម្រោះទឹក", "ရေသန့်စင်စနစ်"])
def test_scripts_without_spaces_give_more_than_one_word(text: str) -> None:
    assert len(words(text)) > 1


def test_composed_and_decomposed_spelling_are_the_same_words() -> None:
    text = "Điện thoại của tôi"
    assert words(unicodedata.normalize("NFD", text)) == words(text)


def test_plural_and_singular_meet() -> None:
    assert segmented("batteries, sensors and glasses") == segmented("battery sensor glass")


def test_words_that_carry_nothing_are_left_out() -> None:
    assert terms("a way of the drying of yang untuk paddy 12") == ["way", "drying", "paddy"]


def test_a_text_of_such_words_alone_is_still_indexed() -> None:
    assert segmented("the which") == "the which"


@pytest.mark.parametrize("mark", ["\u200b", "\u202e", "\ufeff", "\x00", "\ud800"])
def test_invisible_marks_split_words_and_vanish(mark: str) -> None:
    assert words(f"solar{mark}dryer") == ["solar", "dryer"]


@pytest.mark.parametrize("mark", ["\u00ad", "\u200d", "\u2060"])
def test_marks_inside_a_word_do_not_split_it(mark: str) -> None:
    assert words(f"dry{mark}er") == ["dryer"]


def test_a_huge_text_is_cut() -> None:
    found = words("ab " * 200_000 + "x" * 500)
    assert len(found) <= MAX_WORDS


def test_an_endless_word_is_cut() -> None:
    assert words("x" * 500) == ["x" * MAX_WORD]


def test_sentences_end_at_full_stops_and_lines() -> None:
    assert sentences("Dries 2.5 t of paddy. Uses no husk.\nRuns on sun") == [
        "Dries 2.5 t of paddy.",
        "Uses no husk.",
        "Runs on sun",
    ]


def test_long_thai_is_cut_at_its_spaces() -> None:
    assert all(len(sentence) < 260 for sentence in sentences("เครื่องอบข้าวเปลือกพลังงานแสงอาทิตย์ " * 30))


@given(anything)
def test_any_text_can_be_split(text: str) -> None:
    for word in words(text):
        assert word
        assert not any(character.isspace() or character == "\x00" for character in word)
    sentences(text)


@given(anything)
def test_what_is_indexed_can_be_stored(text: str) -> None:
    segmented(text).encode("utf-8")
    visible(text).encode("utf-8")

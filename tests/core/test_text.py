"""What counts as text, whatever is typed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.text import BadText, clean, clean_line

ANY = st.text(alphabet=st.characters(exclude_categories=()))


def cleaned(text: str) -> str | None:
    try:
        return clean(text)
    except BadText:
        return None


@given(ANY)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = cleaned(text)
    if once is not None:
        assert clean(once) == once


@given(ANY)
def test_what_comes_out_is_fit_to_be_stored(text: str) -> None:
    once = cleaned(text)
    if once is not None:
        assert once == once.strip() or once.strip(" \n") == once
        assert unicodedata.is_normalized("NFC", once)
        assert "\r" not in once
        assert "\n\n\n" not in once
        assert not set(once) & set("\x00\x07\x1b\x7f\u202e\u2066\ud800")
        once.encode()


@given(ANY)
def test_one_line_is_one_line(text: str) -> None:
    try:
        assert "\n" not in clean_line(text)
    except BadText:
        assert cleaned(text) is None


@pytest.mark.parametrize("character", list("\x00\x01\x08\x0b\x1f\x7f\x85\u202a\u202e\u2066\u2069\ud800\udfff\uffff"))
def test_what_no_reader_could_have_meant_is_refused(character: str) -> None:
    with pytest.raises(BadText):
        clean(f"a{character}b")


@pytest.mark.parametrize("text", ["ន\u200bរ", "က\u200cခ", "க்\u200dஷ", "café", "👩\u200d🔬"])
def test_what_scripts_of_the_region_need_stays(text: str) -> None:
    assert clean(text) == text


def test_spaces_and_lines_are_made_plain() -> None:
    assert clean(" a \t b\u00a0c\r\n\r\n\r\n\r\nd\re ") == "a b c\n\nd\ne"
    assert clean("e\u0301") == "é"

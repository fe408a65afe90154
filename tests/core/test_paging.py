"""Cursors are opaque, and believed only when they are ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.ids import new_id
from backend.core.paging import BadCursor, Page, decode_cursor, encode_cursor


@given(st.lists(st.one_of(st.integers(-(2**63), 2**63), st.text(max_size=8), st.none()), min_size=1, max_size=3))
def test_a_cursor_comes_back_as_it_went(values: list[object]) -> None:
    cursor = encode_cursor(values)
    assert cursor.isascii()
    assert not set(cursor) & set("+/=&? ")
    assert decode_cursor(cursor, len(values)) == values


@given(st.text(max_size=400))
def test_anything_else_is_refused_and_nothing_breaks(text: str) -> None:
    try:
        values = decode_cursor(text, 2)
    except BadCursor:
        return
    assert len(values) == 2


@pytest.mark.parametrize("text", ["", "W" * 1_000_000, encode_cursor([1]), encode_cursor([1, 2, 3]), "bnVsbA", "ก"])
def test_a_cursor_of_another_list_is_refused(text: str) -> None:
    with pytest.raises(BadCursor):
        decode_cursor(text, 2)


@pytest.mark.parametrize(("total", "pages"), [(0, 1), (1, 1), (20, 1), (21, 2), (400, 20)])
def test_pages_are_counted(total: int, pages: int) -> None:
    assert Page([], 1, 20, total).total_pages == pages


def test_identifiers_are_version_seven_unique_and_in_the_order_of_time() -> None:
    made = [new_id() for _ in range(5_000)]
    assert {(key.version, key.variant) for key in made} == {(7, "specified in RFC 4122")}
    assert len(set(made)) == len(made)
    times = [key.int >> 80 for key in made]
    assert times == sorted(times)

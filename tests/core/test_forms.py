"""Form fields and nested values are two spellings of the same thing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import FormData

from backend.core.errors import FieldError
from backend.web.forms import Form, dump_flashes, flatten, load_flashes, safe_next, unflatten

NAMES = st.text("abcdefghij", min_size=1, max_size=8)
PLAIN = st.text(max_size=10)
ROW = st.dictionaries(NAMES, PLAIN, min_size=1, max_size=3)
TREES = st.dictionaries(NAMES, st.one_of(PLAIN, ROW, st.lists(ROW, min_size=1, max_size=12)), max_size=4)


@given(TREES)
def test_there_and_back_is_the_same(tree: dict[str, Any]) -> None:
    assert unflatten(flatten(tree)) == tree


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=10)), max_size=20))
def test_no_name_of_a_field_breaks_the_reading(pairs: list[tuple[str, str]]) -> None:
    Form(FormData(pairs))


@given(st.lists(st.tuples(st.sampled_from(["a", "a-0", "a-0-b", "a-b", "a-0-b-1", "a-1", "a-²-b", "a--", "-"]), PLAIN)))
def test_names_that_contradict_each_other_do_not_break_it_either(pairs: list[tuple[str, str]]) -> None:
    form = Form(FormData(pairs))
    assert isinstance(form.rows("a"), list)


def test_rows_keep_their_order_and_close_their_gaps() -> None:
    posted = FormData([("r-10-x", "c"), ("r-2-x", "b"), ("r-0-x", "a"), ("csrf_token", "t"), ("_action", "save")])
    assert unflatten(posted) == {"r": [{"x": "a"}, {"x": "b"}, {"x": "c"}]}


def test_a_name_sent_twice_is_a_list() -> None:
    assert unflatten(FormData([("a", "1"), ("a", "2"), ("a", "3")])) == {"a": ["1", "2", "3"]}


def test_a_message_stands_beside_its_field() -> None:
    form = Form({"rights": [{"office": "XX"}]}, [FieldError("rights.0.office", "unknown", "No such office")])
    assert (form.value("rights-0-office"), form.error("rights-0-office")) == ("XX", ["No such office"])
    assert form.error("title") == []


@given(st.text())
def test_any_flash_cookie_is_read_calmly(cookie: str) -> None:
    assert isinstance(load_flashes(cookie), list)


@given(st.lists(st.fixed_dictionaries({"kind": st.just("info"), "message": st.text(max_size=30)}), max_size=3))
def test_flashes_come_back_as_they_went(rows: list[dict[str, str]]) -> None:
    assert load_flashes(dump_flashes(rows)) == rows


@given(st.text())
def test_the_way_on_is_always_a_path_of_this_site(target: str) -> None:
    way = safe_next(target)
    assert way.startswith("/")
    assert not way.startswith("//")
    assert "\\" not in way
    assert not any(ord(character) < 32 for character in way)


@pytest.mark.parametrize("target", ["/listings/new", "/profile?x=1#y"])
def test_a_path_of_this_site_is_kept(target: str) -> None:
    assert safe_next(target) == target

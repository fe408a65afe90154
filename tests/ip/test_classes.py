"""Classification symbols in every usual spelling, the tree above them, and how alike two sets are."""

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.ip.classes import (
    ClassError,
    ancestors,
    green_source,
    is_green,
    locarno_class,
    locarno_title,
    nice_class,
    nice_title,
    normalise,
    problem,
    similarity,
    title,
)
from backend.ip.facts import packaged

SUBCLASSES = sorted(
    class_ + letter for class_, letters in packaged("ipc")["subclass_letters"].items() for letter in letters
)
subgroups = st.integers(1, 9999).map(lambda n: "00" if n == 1 else str(n).rstrip("0").ljust(2, "0"))
symbols = st.builds(
    lambda subclass, main, sub: f"{subclass}{main}/{sub}", st.sampled_from(SUBCLASSES), st.integers(1, 9999), subgroups
)
symbol_sets = st.sets(symbols, min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("A01B 1/00", "A01B1/00"),
        ("A01B0001000000", "A01B1/00"),
        ("A01B0001220000", "A01B1/22"),
        ("a01b1/02", "A01B1/02"),
        ("C02F1/44", "C02F1/44"),
        ("C02F 1/44 (2006.01)", "C02F1/44"),
        ("C02F   1/44", "C02F1/44"),
        ("H01L 21/027", "H01L21/027"),
        ("B01J2219/00274", "B01J2219/00274"),
        ("IPC: C02F", "C02F"),
        ("C02", "C02"),
        ("C", "C"),
        ("C02F 1", "C02F1/00"),
        ("C02F 0001/44", "C02F1/44"),
        ("C02F１/44", "C02F1/44"),
        ("Y02E 10/50", "Y02E10/50"),
    ],
)
def test_a_symbol_is_read_in_any_usual_spelling(typed: str, kept: str) -> None:
    assert normalise(typed) == kept


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "malformed"),
        ("I01B", "malformed"),
        ("A01B1/0", "malformed"),
        ("A01B/00", "malformed"),
        ("A01B1/00; C02F1/44", "malformed"),
        ("A01B0000000000", "malformed"),
        ("A98B1/00", "unknown_class"),
        ("A01Z1/00", "unknown_subclass"),
    ],
)
def test_what_is_no_symbol_says_why(typed: str, code: str) -> None:
    assert problem(typed) == code


@given(symbols)
def test_spelling_and_length_do_not_matter(symbol: str) -> None:
    head, _, sub = symbol.partition("/")
    long_form = f"{head[:4]}{int(head[4:]):04d}{sub.ljust(6, '0')}"
    assert normalise(symbol) == symbol
    assert normalise(long_form) == symbol
    assert normalise(f" {head[:4].lower()} {head[4:]}/{sub} ") == symbol


@given(st.text(max_size=60))
def test_any_text_is_a_symbol_or_a_coded_problem(text: str) -> None:
    with contextlib.suppress(ClassError):  # any other exception fails the test
        assert normalise(normalise(text)) == normalise(text)


@given(symbol_sets, symbol_sets)
def test_similarity_is_symmetric_and_between_zero_and_one(ones: set[str], others: set[str]) -> None:
    assert 0.0 <= similarity(ones, others) <= 1.0
    assert similarity(ones, others) == pytest.approx(similarity(others, ones))


@given(symbol_sets)
def test_a_set_is_wholly_like_itself(ones: set[str]) -> None:
    assert similarity(ones, ones) == pytest.approx(1.0)


def test_a_nearer_relative_is_more_alike() -> None:
    near = [similarity(["C02F1/44"], [other]) for other in ["C02F1/44", "C02F1/28", "C02F3/00", "C03B1/00", "A01B1/00"]]
    assert near == sorted(near, reverse=True)
    assert len(set(near)) == len(near)


def test_unreadable_symbols_are_like_nothing() -> None:
    assert similarity(["rubbish"], ["C02F1/44"]) == 0.0
    assert similarity([], ["C02F1/44"]) == 0.0


def test_ancestors_run_from_section_to_subgroup() -> None:
    assert ancestors("A01B1/02") == ("A", "A01", "A01B", "A01B1/00", "A01B1/02")
    assert ancestors("A01B1/00") == ("A", "A01", "A01B", "A01B1/00")


@pytest.mark.parametrize(
    ("symbol", "source"),
    [
        ("Y02E10/50", "cpc_tag"),
        ("Y04S10/00", "cpc_tag"),
        ("C02F1/44", "ipc_green_inventory"),
        ("H01M8/04", "ipc_green_inventory"),
        ("H01M80/04", None),
        ("B60L50/60", "ipc_green_inventory"),
        ("G06Q10/00", None),
        ("A01B1/00", None),
        ("rubbish", None),
    ],
)
def test_green_comes_from_a_tag_or_the_inventory(symbol: str, source: str | None) -> None:
    assert green_source(symbol) == source
    assert is_green([symbol]) is (source is not None)


def test_nice_classes_run_from_1_to_45() -> None:
    assert [nice_class(n) for n in ("1", "09", "Class 45", 7)] == [1, 9, 45, 7]
    assert all(nice_title(number) for number in range(1, 46))


def test_locarno_classes_know_their_subclasses() -> None:
    assert [locarno_class(c) for c in ("7", "07-02", "LOC (15) Cl. 26-05", "1/99")] == ["07", "07-02", "26-05", "01-99"]
    assert all(locarno_title(f"{number:02d}") for number in range(1, 33))


@pytest.mark.parametrize(
    ("read", "typed", "code"),
    [
        (nice_class, "46", "out_of_range"),
        (nice_class, "0", "out_of_range"),
        (nice_class, "nine", "malformed"),
        (locarno_class, "33", "out_of_range"),
        (locarno_class, "31-07", "unknown_subclass"),
        (locarno_class, "x", "malformed"),
    ],
)
def test_a_class_that_does_not_exist_is_refused(read: Callable[[str], object], typed: str, code: str) -> None:
    with pytest.raises(ClassError) as caught:
        read(typed)
    assert caught.value.code == code


def test_every_section_and_class_has_a_title() -> None:
    assert all(title(code) for code in [*"ABCDEFGHY", *packaged("ipc")["subclass_letters"]])


@pytest.mark.parametrize("name", ["ipc", "nice", "locarno", "green", "protection"])
def test_each_data_file_says_its_version_source_licence_and_date(name: str) -> None:
    assert all(packaged(name)[key] for key in ("version", "source", "licence", "date"))

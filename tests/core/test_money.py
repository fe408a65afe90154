"""Sums are exact, stay in one currency, and are read the way people type them."""

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.money import EXPONENTS, LARGEST_MINOR, Money, MoneyError, parse_money

currencies = st.sampled_from(sorted(EXPONENTS))
minors = st.integers(-(10**15), 10**15)


def error_code(call: object, *arguments: object) -> str:
    with pytest.raises(MoneyError) as caught:
        call(*arguments)  # type: ignore[operator]
    return caught.value.code


@given(minors, currencies)
def test_a_sum_survives_the_way_to_decimal_and_back(minor: int, currency: str) -> None:
    assert Money.from_decimal(Money(minor, currency).to_decimal(), currency) == Money(minor, currency)


@given(minors, st.lists(st.integers(0, 10**9), min_size=1, max_size=20).filter(any), currencies)
def test_the_parts_of_a_split_sum_to_the_whole_and_are_fair(minor: int, weights: list[int], currency: str) -> None:
    parts = Money(minor, currency).allocate(weights)
    assert sum(part.amount_minor for part in parts) == minor
    for part, weight in zip(parts, weights, strict=True):
        assert abs(abs(part.amount_minor) - Decimal(abs(minor)) * weight / sum(weights)) < 1 + Decimal("1e-9")


@given(st.text(max_size=30), currencies)
def test_any_typed_text_is_money_or_a_coded_error(text: str, currency: str) -> None:
    with contextlib.suppress(MoneyError):  # any other exception fails the test
        assert parse_money(text, currency).currency == currency


@given(st.integers(0, 10**12), currencies, st.sampled_from(["en", "vi", "id", "th"]))
def test_a_sum_written_by_the_rules_of_a_language_is_read_back(minor: int, currency: str, locale: str) -> None:
    written = f"{Money(minor, currency).to_decimal():,}"
    if locale in ("vi", "id"):
        written = written.translate(str.maketrans(",.", ".,"))
    assert parse_money(written, currency, locale) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency", "locale", "minor"),
    [
        ("1,000.50", "SGD", None, 100050),
        ("1.000,50", "SGD", None, 100050),
        ("1.000", "VND", "vi", 1000),
        ("1.000", "SGD", "en", 100),
        ("1.000", "SGD", None, 100000),
        ("1 000 000", "IDR", None, 100000000),
        ("SGD 25", "SGD", None, 2500),
        ("-25.5", "USD", None, -2550),
        ("๑,๐๐๐.๕๐", "THB", "th", 100050),
        ("1.50", "LAK", None, 150),
    ],
)
def test_an_amount_is_read_the_way_it_is_typed(text: str, currency: str, locale: str | None, minor: int) -> None:
    assert parse_money(text, currency, locale) == Money(minor, currency)


@pytest.mark.parametrize("text", ["", "NaN", "Infinity", "1e5", "12,34,5", "1..2", "--1", "abc", "1" * 41])
def test_what_is_no_amount_is_refused(text: str) -> None:
    assert error_code(parse_money, text, "USD") in {"not_a_number", "too_large"}


def test_a_dong_has_no_decimals() -> None:
    assert error_code(parse_money, "10,55", "VND") == "too_many_decimals"


def test_two_currencies_do_not_mix() -> None:
    assert error_code(Money(1, "USD").__add__, Money(1, "SGD")) == "mixed_currencies"
    assert error_code(Money(1, "USD").__lt__, Money(1, "SGD")) == "mixed_currencies"


def test_a_float_never_becomes_money() -> None:
    assert error_code(Money, 1.0, "USD") == "not_an_integer"
    assert error_code(Money(1, "USD").__mul__, 1.5) == "not_an_integer"
    assert error_code(Money.from_decimal, 1.5, "USD") == "not_a_number"


def test_not_a_number_is_refused() -> None:
    assert error_code(Money.from_decimal, Decimal("NaN"), "USD") == "not_a_number"


def test_an_unknown_currency_is_refused() -> None:
    assert error_code(Money, 1, "XXX") == "unknown_currency"


def test_a_sum_too_large_for_the_database_is_refused() -> None:
    assert error_code(Money, LARGEST_MINOR + 1, "USD") == "too_large"


def test_a_split_over_nothing_is_refused() -> None:
    assert error_code(Money(5, "USD").allocate, [0, 0]) == "no_weights"

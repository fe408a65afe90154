"""The pages speak four languages, completely."""

import pytest

from backend import i18n
from backend.i18n import catalogues


@pytest.mark.parametrize("locale", catalogues.TRANSLATED)
def test_no_text_is_missing_from_the_catalogue(locale: str) -> None:
    assert catalogues.missing(locale) == []


def test_a_marked_text_is_translated_when_it_is_shown() -> None:
    message = i18n._("Please sign in first.")

    with i18n.use_locale("vi"):
        vietnamese = str(message)

    assert vietnamese != str(message) == "Please sign in first."


def test_an_unknown_language_speaks_english() -> None:
    with i18n.use_locale("xx"):
        assert i18n.gettext("Not found") == "Not found"


@pytest.mark.parametrize(("currency", "shown"), [("VND", "VND\u00a01,500"), ("LAK", "LAK\u00a015.00")])
def test_money_is_shown_with_our_own_minor_digits(currency: str, shown: str) -> None:
    with i18n.use_locale("en"):
        assert i18n.format_money(1500, currency) == shown

"""What a need may say, and how a wrong answer is named."""

from typing import Any

import pytest
from pydantic import ValidationError

from backend.needs.schemas import DESCRIPTION_MAX, TITLE_MAX, NeedInput, figure

ENOUGH = {"title": "Solar dryer for paddy rice", "description": "We must dry paddy without burning husk."}


def need(locale: str | None = None, **fields: Any) -> NeedInput:
    return NeedInput.model_validate(ENOUGH | fields, context={"locale": locale})


def codes(**fields: Any) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        need(**fields)
    return {
        ".".join(map(str, row["loc"])): str((row.get("ctx") or {}).get("code") or row["type"])
        for row in caught.value.errors()
    }


def test_title_and_description_suffice() -> None:
    assert need().columns()["requirements"] == []


def test_an_unknown_field_is_refused() -> None:
    assert codes(price=3) == {"price": "extra_forbidden"}


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"title": " \n "}, {"title": "too_short"}),
        ({"title": "a" * (TITLE_MAX + 1)}, {"title": "string_too_long"}),
        ({"description": "ก" * (DESCRIPTION_MAX + 1)}, {"description": "string_too_long"}),
        ({"title": "a\x00b"}, {"title": "control_character"}),
        ({"used_in": ["TH", "XX"]}, {"used_in.1": "unknown_country"}),
        ({"ipc": ["Z99"]}, {"ipc.0": "unknown_class"}),
        ({"language": "xx"}, {"language": "unknown_language"}),
        ({"sdgs": [18]}, {"sdgs.0": "less_than_equal"}),
        ({"min_trl": 0}, {"min_trl": "greater_than_equal"}),
        ({"technology_keywords": list("abcdef")}, {"technology_keywords": "too_long"}),
        ({"deadline": "2026-02-30"}, {"deadline": "date_from_datetime_parsing"}),
        ({"deadline": "9999-01-01"}, {"deadline": "date_out_of_range"}),
        ({"deadline": "2027-03-01", "decision_on": "2027-02-01"}, {"decision_on": "decision_before_deadline"}),
        ({"budget_max": "1000"}, {"budget_max": "currency_missing"}),
        ({"budget_max": "-5", "currency": "THB"}, {"budget_max": "negative"}),
        ({"budget_max": float("nan"), "currency": "THB"}, {"budget_max": "not_a_number"}),
        ({"budget_max": "10.555", "currency": "XXX"}, {"currency": "unknown_currency"}),
        ({"budget_min": 10, "budget_max": 5, "currency": "THB"}, {"budget_max": "range_reversed"}),
        ({"requirements": [{"parameter": "Moisture", "value": "dry"}]}, {"requirements.0.value": "not_a_number"}),
        ({"requirements": [{"parameter": "Heat", "value": "1e999"}]}, {"requirements.0.value": "not_a_number"}),
        ({"requirements": [{"parameter": ""}]}, {"requirements.0.parameter": "too_short"}),
        (
            {"requirements": [{"parameter": "Heat", "operator": "between", "value": "9", "value_to": "3"}]},
            {"requirements.0.value_to": "range_reversed"},
        ),
    ],
)
def test_a_wrong_answer_is_named_by_field_and_code(fields: dict[str, Any], wrong: dict[str, str]) -> None:
    assert codes(**fields) == wrong


def test_the_length_of_a_title_is_counted_in_composed_characters() -> None:
    assert need(title="e\u0301" * TITLE_MAX).title == "é" * TITLE_MAX


def test_amounts_become_minor_units_of_their_currency() -> None:
    stated = need(currency="vnd", budget_min="1.000.000", budget_max=2_000_000, locale="vi")
    assert (stated.currency, stated.budget_min, stated.budget_max) == ("VND", 1_000_000, 2_000_000)


def test_kyat_have_two_decimals() -> None:
    assert need(currency="MMK", award="12.50").award == 1250


@pytest.mark.parametrize(
    ("typed", "locale", "plain"),
    [("14", None, "14"), ("1,250.5", None, "1250.5"), ("1.250,5", "vi", "1250.5"), ("1.250", "vi", "1250"),
     ("1.250", "en", "1.250"), ("1,5", "en", "1.5"), ("๑๔", "th", "14"), ("−3", None, "-3"), ("2e3", None, "2e3")],
)
def test_a_figure_is_read_as_its_writer_meant_it(typed: str, locale: str | None, plain: str) -> None:
    assert figure(typed, locale) == plain


def test_a_class_is_kept_in_its_one_spelling() -> None:
    assert need(ipc=["f26b0003280000", "F26B 3/28"]).ipc == ["F26B3/28"]

"""The page for programmers says what the description of the API says."""

from typing import Any

import pytest

from backend.i18n import UI_LOCALES


def test_every_operation_stands_on_the_page(application: Any, client: Any) -> None:
    page = client.get("/developers").text
    for path, methods in application.openapi()["paths"].items():
        for method, operation in methods.items():
            assert f'id="{operation["operationId"]}"' in page, (method, path)
            assert f"<code>{path}</code>" in page


def test_it_says_how_to_get_a_token_what_an_error_is_and_what_the_limits_are(client: Any) -> None:
    page = client.get("/developers").text
    for words in ("/login?next=%2Fprofile%2Ftokens", "Authorization: Bearer", "RFC 9457", "Retry-After", "2 MB"):
        assert words in page, words
    assert "&#34;next_cursor&#34;" in page


def test_examples_and_fields_need_no_script(client: Any) -> None:
    page = client.get("/developers").text
    main = page[page.index("<main") : page.index("</main>")]
    assert "<script" not in main
    assert main.count("<details") > 12
    assert "<dt><code translate=\"no\">territories</code>" in main


@pytest.mark.parametrize("locale", UI_LOCALES)
def test_it_is_shown_in_every_language_of_the_site(client: Any, locale: str) -> None:
    answer = client.get("/developers", params={"lang": locale})
    assert answer.status_code == 200
    assert f'<html lang="{locale}"' in answer.text


def test_it_is_linked_from_every_page(client: Any) -> None:
    assert 'href="/developers"' in client.get("/about").text
    assert "/api/docs" not in client.get("/about").text

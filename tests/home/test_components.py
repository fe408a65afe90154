"""The building blocks of the pages: what a reader without sight, script or colour is told."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from backend.core.errors import FieldError
from backend.templating import TEMPLATES, environment
from backend.web.forms import Form

PAGE = {"locale": "en", "user": None, "organisation": None, "unread_count": 0, "current_url": lambda **query: "/"}


def shown(source: str, **context: Any) -> str:
    names = ("forms", "cards", "search", "page")
    imports = "".join(f'{{% import "components/{name}.html" as {name} with context %}}' for name in names)
    return environment().from_string(imports + source).render(**PAGE, **context)


def ids_named(html: str) -> set[str]:
    return {one for found in re.findall(r'aria-describedby="([^"]+)"', html) for one in found.split()}


@pytest.mark.parametrize(
    "call",
    [
        'forms.field(form, "x", "Name", hint="As registered", required=True, maxlength=9, counter=True)',
        'forms.textarea(form, "x", "Name", hint="As registered", required=True, maxlength=9)',
        'forms.select(form, "x", "Name", [("a", "A")], hint="As registered", required=True)',
        'forms.checks(form, "x", "Name", [("a", "A"), ("b", "B", "About B")], hint="As registered", required=True)',
        'forms.radios(form, "x", "Name", [("a", "A"), ("b", "B", "About B")], hint="As registered", required=True)',
        'forms.switch(form, "x", "Name", hint="As registered", required=True)',
        'forms.date(form, "x", "Name", hint="As registered", required=True)',
        'forms.money(form, "x", "y", "Name", hint="As registered", required=True)',
        'forms.tags(form, "x", "Name", hint="As registered", required=True)',
    ],
)
def test_a_control_says_required_in_words_and_its_hint_and_error_are_joined_to_it(call: str) -> None:
    finding = SimpleNamespace(field="x", severity="blocker", message="Names the owner.", mend="Take it out.")
    form = Form({"x": "", "y": ""}, errors=[FieldError("x", "missing", "Please fill this in.")], findings=[finding])
    html = shown("{{ " + call + " }}", form=form)
    assert "required</span>" in html
    assert "As registered" in html
    assert "Please fill this in." in html
    assert "Must be mended" in html
    assert {"f-x-hint", "f-x-error", "f-x-findings"} <= ids_named(html)
    missing = {one for one in ids_named(html) if f'id="{one}"' not in html}
    assert not missing
    assert 'id="f-x"' in html  # the error summary links here


def test_the_error_summary_links_each_message_to_its_field() -> None:
    form = Form({}, errors=[FieldError("rights.0.office", "unknown", "No such office.")])
    html = shown("{{ forms.error_summary(form) }}", form=form)
    assert 'role="alert"' in html
    assert '<a href="#f-rights-0-office">No such office.</a>' in html


def test_what_was_typed_is_kept_and_cannot_become_markup() -> None:
    form = Form({"x": '"><script>alert(1)</script>', "y": "</textarea><b>"})
    html = shown('{{ forms.field(form, "x", "X") }}{{ forms.textarea(form, "y", "Y") }}', form=form)
    assert "<script" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;" in html
    assert "&lt;/textarea&gt;" in html


def test_a_typed_zero_is_shown_again() -> None:
    assert 'value="0"' in shown('{{ forms.field(form, "x", "X") }}', form=Form({"x": 0}))


def test_rows_are_added_and_taken_away_by_plain_buttons() -> None:
    html = shown('{% call(i, at) forms.repeat("rights", 2, "Right") %}<b>{{ at }}office</b>{% endcall %}')
    assert "<b>rights-0-office</b>" in html
    assert "<b>rights-1-office</b>" in html
    assert 'name="_add" value="rights"' in html
    assert 'name="_remove" value="rights-1"' in html


def test_a_verification_level_comes_in_words_with_its_source() -> None:
    html = shown('{{ cards.verification(2, none, "ASEAN IP Register") }}')
    assert "Matches the official register" in html
    assert "ASEAN IP Register" in html


def test_a_card_of_an_anonymous_owner_names_only_the_member_state() -> None:
    hit = {"id": "1", "title": "Pump", "language": "th", "owner_country": "TH", "owner_name": None}
    html = shown("{{ cards.listing_card(hit) }}", hit=hit)
    assert "Thailand" in html
    assert "name on request" in html
    assert 'lang="th"' in html


def test_each_verdict_of_a_reason_has_its_own_word() -> None:
    words = [
        shown("{{ cards.reason(r) }}", r={"code": "x", "verdict": verdict, "evidence": {}, "data": {}})
        for verdict in ("MATCH", "GAP", "UNKNOWN")
    ]
    known = ["Fits", "Missing", "Not known"]
    assert [next(word for word in known if word in html) for html in words] == known


def test_page_links_never_list_every_page() -> None:
    pages = SimpleNamespace(number=500, total_pages=1000, total=20_000, url_for=lambda n: f"?page={n}")
    html = shown("{{ search.pagination(p) }}", p=pages)
    assert html.count("<a ") == 7
    assert 'aria-current="page"' in html


def test_templates_hold_no_inline_style_or_handler() -> None:
    wrong = [
        file.relative_to(TEMPLATES)
        for file in Path(TEMPLATES).rglob("*.html")
        if "mails" not in file.parts and re.search(r'\s(style|on[a-z]+)="', file.read_text(encoding="utf-8"))
    ]
    assert not wrong


def test_the_palette_keeps_text_readable() -> None:
    css = (Path(TEMPLATES) / "static/padan.css").read_text(encoding="utf-8")
    colour = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6}|#fff);", css))

    def light(name: str) -> float:
        code = colour[name].lstrip("#")
        code = "".join(c * 2 for c in code) if len(code) == 3 else code
        parts = [int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(one: str, other: str) -> float:
        low, high = sorted((light(one), light(other)))
        return (high + 0.05) / (low + 0.05)

    grounds = ("paper", "paper-deep", "card", "teal-soft")
    pairs = [(text, ground) for text in ("ink", "ink-soft", "teal") for ground in grounds]
    pairs += [(f"{tone}-ink", on) for tone in ("ochre", "green", "red") for on in (f"{tone}-soft", "paper", "card")]
    assert not [(pair, round(contrast(*pair), 2)) for pair in pairs if contrast(*pair) < 4.5]

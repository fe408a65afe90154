"""Pages and mails from templates. What every template may use is listed here, and escaping is always on."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from backend import i18n
from backend.core.money import Money
from backend.core.settings import settings
from backend.ip.vocabularies import VOCABULARIES, label

TEMPLATES = Path(__file__).parent.parent / "frontend_templates"


def csrf_token(request: Request) -> str:
    """Bound to this browser's cookie (set by the middleware), so a token taken from elsewhere does not fit."""
    seed = cast(str, request.state.csrf_seed)
    return hmac.new(settings().secret_key.get_secret_value().encode(), seed.encode(), hashlib.sha256).hexdigest()


def vocab(name: str, code: Any) -> str:
    """The label of a code in the reader's language; a code nobody knows is shown as it is."""
    return i18n.gettext(label(code, name)) if code not in (None, "") else ""


def vocab_options(name: str) -> list[tuple[str, str]]:
    return [(str(member.value), i18n.gettext(label(member))) for member in VOCABULARIES[name]]


@lru_cache
def _version(path: str) -> str:
    file = TEMPLATES / "static" / path
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else "0"


def static(path: str) -> str:
    """The address of a file, with a version in it, so that browsers may keep it for a year."""
    return f"/static/{path}" if path.startswith("vendor/") else f"/static/{path}?v={_version(path)}"


def _pairs(query: dict[str, Any]) -> Iterable[tuple[str, str]]:
    for key, value in query.items():
        for item in value if isinstance(value, (list, tuple, set)) else [value]:
            if item not in (None, "", False):
                yield key, str(item)


def url(path: str, **query: Any) -> str:
    encoded = urlencode(list(_pairs(query)))
    return f"{path}?{encoded}" if encoded else path


@lru_cache
def environment() -> jinja2.Environment:
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=jinja2.select_autoescape(["html"], default_for_string=True),
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=not settings().is_production,
    )
    env.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.globals.update(
        LOCALES=i18n.LOCALES, UI_LOCALES=i18n.UI_LOCALES, country_name=i18n.country_name,
        language_name=i18n.language_name, static=static, url=url, vocab=vocab, vocab_options=vocab_options,
        words=i18n.words, base_url=settings().base_url, environment=settings().environment,
    )
    env.filters.update(
        date=lambda value, style="medium": i18n.format_date(value, style) if value else "",
        datetime=lambda value, style="short": i18n.format_datetime(value, style) if value else "",
        number=i18n.format_number, percent=i18n.format_share, money=_money, words=i18n.words, as_date=_as_date,
        country=i18n.country_name,
    )
    return env


def _money(value: Any, currency: str | None = None) -> str:
    if value is None:
        return ""
    if isinstance(value, Money):
        return i18n.format_money(value.amount_minor, value.currency)
    return i18n.format_money(int(value), str(currency))


def _as_date(value: str | date | datetime | None) -> date | None:
    """Dates inside JSON columns are ISO texts."""
    if isinstance(value, str):
        return date.fromisoformat(value[:10]) if value else None
    return value


def reader_locale(request: Request) -> str:
    """What the reader chose (address, cookie), else their account's, else what the browser asks for."""
    chosen = getattr(request.state, "locale_chosen", None)
    actor = getattr(request.state, "actor", None)
    account = actor.locale if actor is not None and actor.locale in i18n.UI_LOCALES else None
    return str(chosen or account or getattr(request.state, "locale_asked", "en"))


def render(request: Request, template: str, **context: Any) -> str:
    actor = getattr(request.state, "actor", None)

    def current_url(**changed: Any) -> str:
        query: dict[str, Any] = {}
        for key, value in request.query_params.multi_items():
            query.setdefault(key, []).append(value)
        return url(request.url.path, **{**query, **changed})

    def csrf_field() -> Markup:
        return Markup('<input type="hidden" name="csrf_token" value="{}">').format(csrf_token(request))

    locale = reader_locale(request)
    with i18n.use_locale(locale):
        return environment().get_template(template).render(
            request=request,
            actor=actor,
            user=actor.user if actor else None,
            organisation=actor.organisation if actor else None,
            locale=locale,
            csrf_field=csrf_field,
            csrf_token=csrf_token(request),
            csp_nonce=getattr(request.state, "csp_nonce", ""),
            current_url=current_url,
            unread_count=getattr(request.state, "unread_count", 0),
            flashes=getattr(request.state, "flashes", []),
            **context,
        )


def page(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """A whole page (or, for `_partial.html`, a part of one) in the reader's language."""
    return HTMLResponse(render(request, template, status=status, **context), status_code=status)


def mail(name: str, locale: str, /, **context: Any) -> tuple[str, str, str]:
    """Subject, text and HTML of `mails/<name>` in `locale` (English where there is no catalogue).

    The text template's first line is the subject.
    """
    with i18n.use_locale(locale if locale in i18n.UI_LOCALES else "en"):
        text = environment().get_template(f"mails/{name}.txt").render(locale=locale, **context)
        html = environment().get_template(f"mails/{name}.html").render(locale=locale, **context)
    subject, _newline, body = text.partition("\n")
    return subject.strip(), body.lstrip("\n"), html

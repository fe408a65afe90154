"""Forms: read what was posted, show it again with what is wrong beside each field, and move on with a redirect.

A field name is a path with dashes: `rights-0-office`. Messages of the domain use dots: `rights.0.office`.
"""

import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any
from urllib.parse import quote, unquote

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData, UploadFile

from backend.core.errors import DomainError, FieldError, Forbidden, TooLarge
from backend.core.settings import settings
from backend.i18n import _, use_locale
from backend.templating import csrf_token, reader_locale

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
MAX_FIELDS = 2_000


class CsrfFailed(Forbidden):
    code = "csrf_failed"


async def verify_csrf(request: Request) -> None:
    """Unsafe methods must come from our own pages: same origin, and with the token of this browser."""
    if request.method in SAFE_METHODS:
        return
    origin = request.headers.get("origin")
    own = {settings().base_url.rstrip("/"), f"{request.url.scheme}://{request.headers.get('host', '')}"}
    if origin and origin != "null" and origin not in own:
        raise CsrfFailed(_("This form was sent from another site."))
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise CsrfFailed(_("This form was sent from another site."))
    form = await form_data(request)
    sent = request.headers.get("x-csrf-token") or str(form.get("csrf_token", ""))
    if not hmac.compare_digest(sent.encode(), csrf_token(request).encode()):
        raise CsrfFailed(_("This page was open too long. Please go back, reload it and send it again."))


async def form_data(request: Request) -> FormData:
    """The posted form; a broken one is empty rather than an error of ours."""
    if request.method in SAFE_METHODS:
        return FormData()
    try:
        return await request.form(max_files=20, max_fields=MAX_FIELDS)
    except UnicodeDecodeError:
        raise DomainError(_("The form was not readable.")) from None
    except Exception as error:
        if "Too many" in str(error):
            raise TooLarge(_("That is more than one form can hold.")) from None
        raise


Posted = Annotated[FormData, Depends(form_data)]


def unflatten(form: FormData | Mapping[str, Any]) -> dict[str, Any]:
    """`{"rights-0-office": "VN"}` -> `{"rights": [{"office": "VN"}]}`; repeated names become lists.

    Names that begin with `_`, the CSRF token and files are left out. Row numbers may have gaps; the order counts.
    """
    items = form.multi_items() if isinstance(form, FormData) else list(form.items())
    flat: dict[str, Any] = {}
    for name, value in items:
        if name.startswith("_") or name == "csrf_token" or isinstance(value, UploadFile):
            continue
        if name in flat:
            flat[name] = [*flat[name], value] if isinstance(flat[name], list) else [flat[name], value]
        else:
            flat[name] = value
    tree: dict[str, Any] = {}
    for name, value in flat.items():
        node = tree
        *parents, last = name.split("-")[:6]
        for parent in parents:
            below = node.setdefault(parent, {})
            if not isinstance(below, dict):
                break
            node = below
        else:
            node[last] = value
    return {name: _rows(value) for name, value in tree.items()}


def _rows(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isascii() and key.isdecimal() for key in value):
        return [_rows(value[key]) for key in sorted(value, key=lambda key: int(key[:6]))]
    return {key: _rows(item) for key, item in value.items()}


def flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """The way back: nested values to field names, for showing a stored record in a form."""
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{name}-")
        elif isinstance(value, list) and any(isinstance(row, Mapping) for row in value):
            for number, row in enumerate(value):  # a row that is none comes from a forged form
                flat |= flatten(row, f"{name}-{number}-") if isinstance(row, Mapping) else {f"{name}-{number}": row}
        else:
            flat[name] = value
    return flat


class Form:
    """What a template shows: values as typed, messages beside their fields, and the quality gate's findings."""

    def __init__(
        self,
        values: Mapping[str, Any] | FormData | None = None,
        errors: Iterable[FieldError] = (),
        findings: Iterable[Any] = (),
    ) -> None:
        tree = unflatten(values) if isinstance(values, FormData) else dict(values or {})
        self._tree = tree
        self._values = flatten(tree)
        self.errors: dict[str, list[Any]] = {}
        for error in errors:
            self.errors.setdefault(error.field.replace(".", "-"), []).append(error.message)
        self._findings: dict[str, list[Any]] = {}
        for finding in findings:
            self._findings.setdefault(str(finding.field).replace(".", "-"), []).append(finding)

    def value(self, name: str, default: Any = "") -> Any:
        value = self._values.get(name)
        return default if value is None else value

    def values(self, name: str) -> list[Any]:
        value = self._values.get(name)
        if value is None or value == "":
            return []
        return list(value) if isinstance(value, (list, tuple, set)) else [value]

    def rows(self, name: str) -> list[Any]:
        rows = self._tree.get(name) or []
        return rows if isinstance(rows, list) else []

    def error(self, name: str) -> list[Any]:
        return self.errors.get(name, [])

    def findings(self, name: str) -> list[Any]:
        return self._findings.get(name, [])


FLASH_COOKIE = "padan-flash"


def flash(request: Request, message: Any, kind: str = "success") -> None:
    """Show `message` on the next page. It travels in a short-lived cookie that the middleware sets and clears."""
    with use_locale(reader_locale(request)):
        row = {"kind": kind, "message": str(message)}
    request.state.new_flashes = [*getattr(request.state, "new_flashes", []), row]


def dump_flashes(flashes: list[dict[str, str]]) -> str:
    return quote(json.dumps(flashes[:3], ensure_ascii=True), safe="")[:3000]


def load_flashes(cookie: str) -> list[dict[str, str]]:
    try:
        items = json.loads(unquote(cookie))
        return [
            {"kind": item["kind"] if item["kind"] in ("success", "info", "warning", "danger") else "info",
             "message": str(item["message"])[:500]}
            for item in items[:3]
        ]
    except (ValueError, TypeError, KeyError):
        return []


def to(path: str, status: int = 303) -> RedirectResponse:
    return RedirectResponse(path, status_code=status)


def safe_next(target: str | None, default: str = "/dashboard") -> str:
    """Only a path of this site: no scheme, no host, no backslash, no control character."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return default
    if "\\" in target or any(ord(character) < 32 for character in target):
        return default
    return target

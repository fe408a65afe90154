"""Post forms the way a browser does: with the cookie and the token that the page gave."""

import re
from typing import Any

TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]+)"')


def token_of(client: Any) -> str:
    """The CSRF token of this client, read from a page that has a form."""
    found = TOKEN.search(client.get("/login").text) or TOKEN.search(client.get("/").text)
    assert found, "no page with a form"
    return found.group(1)


def post(client: Any, path: str, /, data: dict[str, Any] | None = None, **fields: Any) -> Any:
    return client.post(path, data={**(data or {}), **fields, "csrf_token": token_of(client)})

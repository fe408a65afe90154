"""The API explained to people, drawn from its own description, so that the page cannot say anything else."""

import json
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from backend.core.settings import settings
from backend.deps import MaybeUser, permit
from backend.templating import page

router = APIRouter()


@router.get("/developers", dependencies=[permit("page.view")])
def developers(request: Request, actor: MaybeUser) -> HTMLResponse:
    document = request.app.openapi()
    operations = list(_operations(document))
    answers = [answer for operation in operations for answer in operation["answers"].items()]
    refusals = {status: answer for status, answer in answers if status >= "400"}
    base = settings().base_url + str(request.app.openapi_url).rpartition("/")[0]
    curl = (
        f"curl '{base}/listings?q=pengering+surya&owner_country=VN'\n"
        f"curl -H 'Authorization: Bearer padan_…' '{base}/matches'"
    )
    return page(
        request, "developers/page.html",
        base=base, openapi_url=request.app.openapi_url, operations=operations, curl=curl,
        statuses=[(status, refusals[status]["description"]) for status in sorted(refusals)],
        problem=_pretty(next(iter(refusals["422"]["content"].values()))["example"]),
    )


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            answers = operation["responses"]
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            yield {
                "id": operation["operationId"],
                "method": method.upper(),
                "path": path,
                "words": operation.get("description") or operation["summary"],
                "needs_token": {} not in operation["security"],
                "answers": answers,
                "refusals": [status for status in sorted(answers) if status >= "400"],
                "parameters": [
                    {
                        "name": parameter["name"],
                        "place": parameter["in"],
                        "words": parameter.get("description", ""),
                        "example": parameter.get("example"),
                    }
                    for parameter in operation.get("parameters", [])
                ],
                "fields": list(_fields(document, body["schema"])) if body else [],
                "body": _pretty(body["example"]) if body else None,
                "answer": _pretty(next(iter(answers[min(answers)]["content"].values()))["example"]),
            }


def _fields(document: dict[str, Any], schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    whole = _resolved(document, schema)
    for name, field in whole.get("properties", {}).items():
        yield {
            "name": name,
            "required": name in whole.get("required", []),
            "kind": _kind(document, field),
            "words": field.get("description", ""),
        }


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = document["components"]["schemas"][name] if name else schema
    return found


def _kind(document: dict[str, Any], schema: dict[str, Any]) -> str:
    """A schema in a few words: "list of patent, software", "text, at most 256", "LicenceTerms"."""
    name = schema.get("$ref", "").rpartition("/")[2]
    whole = _resolved(document, schema)
    if "enum" in whole:
        return " | ".join(str(code) for code in whole["enum"])
    if name:
        return str(name)
    if "anyOf" in whole:
        return " | ".join(dict.fromkeys(_kind(document, one) for one in whole["anyOf"]))
    if whole.get("type") == "array":
        return f"[ {_kind(document, whole.get('items', {}))} ]"
    signs = {"minimum": "≥", "maximum": "≤", "maxLength": "≤"}
    limits = [f"{sign} {whole[name]}" for name, sign in signs.items() if name in whole]
    return " ".join([whole.get("format") or whole.get("type", "any"), *limits])


def _pretty(example: Any) -> str:
    return json.dumps(example, ensure_ascii=False, indent=2)

"""The description of the API (OpenAPI) beyond what the routes say of themselves: who may ask, and what can go wrong.

Both follow from what a route depends on, so that neither has to be repeated, or forgotten, at any of them.
"""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field

from backend import api
from backend.api.examples import ANSWERS, BODIES, PARAMETERS, PROBLEMS
from backend.core.marking import N_
from backend.policy import PERMISSIONS
from backend.search.facets import FACETS

PROBLEM_TYPE = "application/problem+json"
# What nobody has to sign in for, though signing in may show more.
OPEN = {"page.view", "listing.view", "need.view"}
FEW = 30


class FieldProblem(BaseModel):
    field: str = Field(description="Dotted path in the body, or the name of a parameter.")
    code: str = Field(description="Stable; for programs.")
    message: str = Field(description="For people, in their language.")


class Problem(BaseModel):
    """Every refusal has this shape (RFC 9457). `errors` names each field that has to be mended."""

    model_config = ConfigDict(extra="forbid")

    type: str
    title: str
    status: int
    code: str = Field(description="Stable; for programs.")
    detail: str
    request_id: str | None = Field(description="Tell us this one when you report an error.")
    errors: list[FieldProblem] | None = None


# Marked for the page that shows them to people; the document itself is in English.
REASONS = {
    400: N_("The body is not JSON, or says something twice."),
    401: N_("There is no token, or it is not valid."),
    403: N_("The token may not do this."),
    404: N_("There is no such record, or you may not know of it."),
    409: N_("The record has changed since you read it, or is not in a state that allows this."),
    410: N_("It was public once and no longer is."),
    413: N_("The body is larger than 2 MB."),
    422: N_("Something in the request is not right; `errors` says what."),
    429: N_("Too many requests: 300 in five minutes per token. `Retry-After` says when to come back."),
    503: N_("Padan cannot answer right now."),
}


def described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes,
            servers=[{"url": "/"}],
        )
        schemas = document["components"]["schemas"]
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(problem.pop("$defs"))
        schemas["Problem"] = problem
        document["components"]["securitySchemes"] = {
            "token": {"type": "http", "scheme": "bearer", "description": "An API token from your profile."}
        }
        for route in routes():
            for method in route.methods or ():
                path = api.PREFIX + route.path_format
                complete(document["paths"][path][method.lower()], route, f"{method} {route.path_format}")
        app.openapi_schema = document
    return app.openapi_schema


def routes() -> Iterator[APIRoute]:
    for room in api.routers():
        yield from (route for route in room.routes if isinstance(route, APIRoute))


def permissions(dependant: Dependant) -> Iterator[str]:
    permission = getattr(dependant.call, "permission", None)
    if permission:
        yield permission
    for below in dependant.dependencies:
        yield from permissions(below)


def complete(operation: dict[str, Any], route: APIRoute, key: str) -> None:
    asked = set(permissions(route.dependant))
    needs_token = not asked <= OPEN
    operation["security"] = [{"token": []}] if needs_token else [{}, {"token": []}]
    for status in refusals(route, asked):
        operation["responses"][str(status)] = {
            "description": REASONS[status],
            "content": {
                PROBLEM_TYPE: {
                    "schema": {"$ref": "#/components/schemas/Problem"}, "example": PROBLEMS[status],
                }
            },
        }
    answer = operation["responses"]["201" if route.status_code == 201 else "200"]["content"]["application/json"]
    answer["example"] = ANSWERS[key]
    if key in BODIES:
        operation["requestBody"]["content"]["application/json"]["example"] = BODIES[key]
    for parameter in operation.get("parameters", []):
        name = parameter["name"]
        if parameter["in"] == "path":
            parameter["description"] = "The identifier of the record."
        if name in FACETS and len(values := sorted(FACETS[name].values(), key=_numbers_first)) <= FEW:
            words = parameter.get("description") or parameter["schema"].get("description", "")
            parameter["description"] = f"{words} One or more of: {', '.join(values)}.".strip()
        parameter.setdefault("example", PARAMETERS.get(name, ""))
        if parameter["example"] == "":
            del parameter["example"]


def refusals(route: APIRoute, asked: set[str]) -> list[int]:
    found = {401, 422, 429, 503}
    if route.body_field is not None:
        found |= {400, 413}
    if "{" in route.path:
        found.add(404)
        if route.methods == {"GET"} and asked <= OPEN:
            found.add(410)
    if any(PERMISSIONS[name].write or name.endswith(".own") for name in asked):
        found.add(403)
    if "{" in route.path and any(PERMISSIONS[name].write for name in asked):
        found.add(409)
    return sorted(found)


def _numbers_first(value: str) -> tuple[int, str]:
    return (int(value), "") if value.isdecimal() else (99, value)

"""Every route says who may use it, and unsafe methods say so with a permission to write."""

from collections.abc import Iterator
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from backend import api, web
from backend.app import routes_of
from backend.policy import PERMISSIONS

SAFE = {"GET", "HEAD", "OPTIONS"}


def declared(dependant: Dependant) -> Iterator[str]:
    permission = getattr(dependant.call, "permission", None)
    if permission:
        yield permission
    for below in dependant.dependencies:
        yield from declared(below)


def routes(application: Any) -> list[APIRoute]:
    """The routes as their rooms declare them, rooms within rooms too; those of the API without their common prefix."""
    return list(routes_of([*web.routers(), *api.routers()]))


def test_no_route_escapes_the_walk(application: Any) -> None:
    """Asked of the running application, every address found by the walk answers, and none answers that was not."""
    walked = {route.path_format for route in routes(application)}
    effective = {
        context.path_format.removeprefix(api.PREFIX)
        for included in application.routes
        if hasattr(included, "effective_route_contexts")
        for context in included.effective_route_contexts()
    }

    assert walked == effective
    assert len(walked) > 80


def test_every_route_declares_a_known_permission(application: Any) -> None:
    undeclared = [r.path for r in routes(application) if not list(declared(r.dependant))]
    unknown = [(r.path, p) for r in routes(application) for p in declared(r.dependant) if p not in PERMISSIONS]

    assert (undeclared, unknown) == ([], [])
    assert len(routes(application)) > 110


def test_unsafe_methods_declare_a_permission_to_write(application: Any) -> None:
    lax = [
        (r.path, sorted(r.methods))
        for r in routes(application)
        if not r.methods <= SAFE and not any(PERMISSIONS[p].write for p in declared(r.dependant))
    ]

    assert lax == []


def test_safe_methods_declare_no_permission_to_write_unless_they_show_a_form(application: Any) -> None:
    """A form's page may ask for the right to send it; a read-only token has no pages to see."""
    strict = [
        route.path
        for room in api.routers()
        for route in room.routes
        if isinstance(route, APIRoute) and route.methods <= SAFE
        and any(PERMISSIONS[p].write for p in declared(route.dependant))
    ]

    assert strict == []


def test_every_route_with_a_row_in_its_path_loads_it_through_the_permission(application: Any) -> None:
    loose = [
        r.path for r in routes(application)
        if "{id}" in r.path_format and all(p.startswith("page.") for p in declared(r.dependant))
    ]

    assert loose == []

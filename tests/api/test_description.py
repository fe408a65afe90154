"""The description of the API says what the API does."""

from typing import Any

import jsonschema_rs
import pytest

from backend.api.description import PROBLEM_TYPE, routes
from backend.api.examples import ANSWERS, BODIES, PROBLEMS

OPERATIONS = sorted(f"{method} {route.path}" for route in routes() for method in route.methods)


@pytest.fixture(scope="module")
def document(application: Any) -> Any:
    return application.openapi()


def operation_of(document: Any, name: str) -> Any:
    method, path = name.split(" ")
    return document["paths"][f"/api/v1{path}"][method.lower()]


def violations(document: Any, schema: Any, value: Any) -> list[str]:
    validator = jsonschema_rs.Draft202012Validator({**schema, "components": document["components"]})
    return [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(value)]


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_has_an_example_that_is_one(document: Any, name: str) -> None:
    answers = operation_of(document, name)["responses"]
    body = answers.get("200", answers.get("201"))["content"]["application/json"]

    assert violations(document, body["schema"], body["example"]) == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_body_has_an_example_that_is_one(document: Any, name: str) -> None:
    body = operation_of(document, name).get("requestBody")
    assert (body is not None) == (name in BODIES)
    if body:
        content = body["content"]["application/json"]
        assert violations(document, content["schema"], content["example"]) == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_refusal_is_described_as_a_problem(document: Any, name: str) -> None:
    refused = {status: body for status, body in operation_of(document, name)["responses"].items() if status >= "400"}
    assert {"401", "422", "429", "503"} <= set(refused)
    for body in refused.values():
        assert list(body["content"]) == [PROBLEM_TYPE]
        schema = body["content"][PROBLEM_TYPE]
        assert violations(document, schema["schema"], schema["example"]) == []


def test_examples_stand_for_operations_that_exist() -> None:
    assert sorted(ANSWERS) == OPERATIONS
    assert {status: body["status"] for status, body in PROBLEMS.items()} == {status: status for status in PROBLEMS}


def test_what_needs_a_token_says_so_and_what_does_not_takes_one(document: Any) -> None:
    free = {name for name in OPERATIONS if {} in operation_of(document, name)["security"]}
    assert free == {"GET /listings", "GET /listings/{id}", "GET /needs", "GET /needs/{id}", "GET /statistics"}
    assert all({"token": []} in operation_of(document, name)["security"] for name in OPERATIONS)
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


def test_identifiers_in_paths_are_declared(document: Any) -> None:
    for name in OPERATIONS:
        declared = [p["name"] for p in operation_of(document, name).get("parameters", []) if p["in"] == "path"]
        assert declared == (["id"] if "{id}" in name else [])


def test_the_description_is_served_to_anybody(client: Any) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert (answer.status_code, answer.json()["info"]["title"]) == (200, "Padan API")

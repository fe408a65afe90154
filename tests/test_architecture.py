"""The rules of the house that no linter knows."""

import ast
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "backend").rglob("*.py"))
LONGEST = 350


def functions_called_commit(tree: ast.AST) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]


# Commits that are not the request's or job's transaction, each with its reason. A new one has to be argued here.
COMMITS = {
    "core/jobs.py": "the connection's own savepoint around one insert, which the outer transaction may still undo",
    "accounts/ratelimit.py": "a setting of a new connection of its own pool; no row is written by it",
}


def test_no_service_commits_because_the_request_or_job_does() -> None:
    found = {
        str(path.relative_to(ROOT / "backend")): len(lines)
        for path in SOURCES
        if (lines := functions_called_commit(ast.parse(path.read_text())))
    }

    assert found == dict.fromkeys(COMMITS, 1)


def test_every_module_says_what_it_decides() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]

    assert silent == []


def test_no_module_outgrows_one_room() -> None:
    long = {str(p.relative_to(ROOT)): n for p in SOURCES if (n := len(p.read_text().splitlines())) > LONGEST}

    assert long == {}


def test_the_session_is_committed_before_the_answer_is_sent() -> None:
    from typing import get_args

    from backend.deps import Db

    (_session, dependency) = get_args(Db)

    assert dependency.scope == "function"


def test_texts_to_translate_are_literals_because_a_variable_would_not_be_escaped() -> None:
    variable = re.compile(r"\{\{-?\s*_\(\s*[^\"'\s]")
    pages = (ROOT / "frontend_templates").rglob("*.html")
    found = [str(page.relative_to(ROOT)) for page in pages if variable.search(page.read_text())]

    assert found == []


def test_pages_have_no_inline_style_or_handler_because_the_content_policy_forbids_them() -> None:
    inline = re.compile(r"\sstyle=[\"']|\son[a-z]+=[\"']|<script(?![^>]*(?:src|nonce)=)", re.IGNORECASE)
    pages = [p for p in (ROOT / "frontend_templates").rglob("*.html") if "mails" not in p.parts]
    found = {str(p.relative_to(ROOT)): m.group(0) for p in pages if (m := inline.search(p.read_text()))}

    assert found == {}


def test_no_registry_or_machine_path_stands_in_the_project() -> None:
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout.split()
    if not files:
        pytest.skip("not a git checkout")
    words = ["pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "/wo" + "rk/", "/ro" + "ot/"]
    found = []
    for name in files:
        try:
            text = (ROOT / name).read_text()
        except (UnicodeDecodeError, OSError):
            continue
        found += [(name, word) for word in words if word in text]

    assert found == []


def test_every_operation_of_the_api_is_described(application: Any) -> None:
    silent = [
        f"{method} {path}"
        for path, operations in application.openapi()["paths"].items()
        for method, operation in operations.items()
        if not operation.get("description") and not operation.get("summary")
    ]

    assert silent == []

"""Fresh counts and an empty letter box for every test of accounts."""

import re
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import text

from backend.accounts import ratelimit
from backend.core.settings import settings


@pytest.fixture(autouse=True)
def fresh_limits(database: str) -> Iterator[None]:
    """Counts are committed on their own, so no rollback of the test removes them."""
    yield
    with ratelimit._engine(database).connect() as connection:
        connection.execute(text("DELETE FROM rate_count"))


@pytest.fixture(autouse=True)
def letter_box(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings(), "var_dir", tmp_path)
    return tmp_path / "mail"


@pytest.fixture
def letters(letter_box: Path, run_jobs: Callable[[], int]) -> Callable[[], list[EmailMessage]]:
    """Run the jobs and return every letter written so far, oldest first."""

    def read() -> list[EmailMessage]:
        run_jobs()
        files = sorted(letter_box.glob("*.eml"), key=lambda path: path.name.split("-", 1)[1])
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]  # type: ignore[misc]

    return read


@pytest.fixture
def path_in() -> Callable[[EmailMessage, str], str]:
    """The path of the link in a letter that begins with the given one."""

    def find(letter: EmailMessage, start: str) -> str:
        body = letter.get_body(("plain",))
        assert body is not None
        found = re.search(re.escape(settings().base_url + start) + r"[\w/-]+", body.get_content())
        assert found, body.get_content()
        return found.group(0).removeprefix(settings().base_url)

    return find

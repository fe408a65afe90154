"""What leaves the house by mail, and what cannot be smuggled into it."""

import smtplib
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from backend.core import mail
from backend.core.errors import DomainError
from backend.core.settings import settings


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("a@x.example\nBcc: b@y.example", "Hello"),
        ("a@x.example\r\nBcc: b@y.example", "Hello"),
        ("a@x.example", "Hello\nBcc: b@y.example"),
        ("a@x.example", "Hello\r\n\r\n<script>"),
        ("a@x.example", "Hello\u2028Bcc: b@y.example"),
        ("a@x.example", "Hello\x00"),
        ("a@x.example, b@y.example", "Hello"),
        ("A <a@x.example>", "Hello"),
        ("nobody", "Hello"),
    ],
)
def test_a_letter_goes_to_one_plain_address_and_no_line_break_gets_into_a_header(to: str, subject: str) -> None:
    with pytest.raises(DomainError):
        mail.compose(to, subject, "text", "<p>text</p>")


def test_a_letter_has_text_and_html_in_any_script(letter_box: Path) -> None:
    mail.send("a@x.example", "สวัสดี", "ข้อความ", "<p>ข้อความ</p>")
    (file,) = letter_box.glob("*.eml")
    from email import message_from_bytes, policy

    letter = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert letter["subject"] == "สวัสดี"
    assert [part.get_content_type() for part in letter.walk()] == ["multipart/alternative", "text/plain", "text/html"]


class Server:
    """Remembers what a mail server would have been told."""

    def __init__(self, host: str, port: int, timeout: float, **_more: Any) -> None:
        self.told: list[str] = []
        servers.append(self)

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def ehlo(self) -> None:
        self.told.append("ehlo")

    def has_extn(self, _name: str) -> bool:
        return False

    def starttls(self, context: Any) -> None:
        assert context.verify_mode.name == "CERT_REQUIRED"
        self.told.append("starttls")

    def login(self, user: str, password: str) -> None:
        self.told.append(f"login {user}")

    def send_message(self, message: Any) -> None:
        self.told.append(f"to {message['to']}")


servers: list[Server] = []


def test_smtp_never_speaks_to_another_machine_without_tls(monkeypatch: pytest.MonkeyPatch, letter_box: Path) -> None:
    servers.clear()
    monkeypatch.setattr(settings(), "smtp_host", "mail.example")
    monkeypatch.setattr(settings(), "smtp_user", "padan")
    monkeypatch.setattr(settings(), "smtp_password", SecretStr("x"))
    monkeypatch.setattr(smtplib, "SMTP", Server)
    mail.send("a@x.example", "Hello", "text", "<p>text</p>")
    assert servers[0].told == ["ehlo", "starttls", "login padan", "to a@x.example"]
    assert not letter_box.exists()


def test_every_letter_of_accounts_can_be_written_in_every_language(letter_box: Path) -> None:
    from backend.accounts.mail import link
    from backend.core.clock import now
    from backend.i18n import UI_LOCALES
    from backend.templating import mail as words

    context = {
        "link": link, "person": "A <b>", "href": "https://x.example/y", "organisation": "O & Co", "invited_by": "I",
        "role": "admin", "expires_at": now(),
    }  # fmt: skip
    for name in ("verify", "reset", "already_registered", "password_changed", "email_changed", "invitation"):
        for locale in UI_LOCALES:
            subject, text, html = words(name, locale, **context)
            assert subject
            assert "\n" not in subject
            assert text
            assert "<b>" not in html

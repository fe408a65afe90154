"""Mail leaves by SMTP where a server is set, else it is written to `var/mail`, one file each, and to the log.

EmailMessage does the encoding and refuses line breaks in headers; what it refuses, nobody is sent.
"""

import re
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from pathlib import Path

import structlog

from backend.core.clock import now
from backend.core.errors import FieldError, Invalid
from backend.core.ids import new_id
from backend.core.settings import settings

log = structlog.get_logger()
TIMEOUT_SECONDS = 10
_ADDRESS = re.compile(r"[^\s\x00-\x1f\x7f,;:<>()\"@]+@[^\s\x00-\x1f\x7f,;:<>()\"@]+")
_LINE_BREAK = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_LINK = re.compile(r"https?://\S+")


def compose(to: str, subject: str, text: str, html: str) -> EmailMessage:
    """Raises Invalid unless `to` is one plain address and the subject is one line."""
    if not _ADDRESS.fullmatch(to) or _LINE_BREAK.search(subject):
        raise Invalid(FieldError("to", "header_injection", "Not one plain address, or a subject with a line break."))
    local, _at, domain = to.rpartition("@")
    name, sender = parseaddr(settings().mail_from)
    message = EmailMessage()
    message["From"] = Address(name, addr_spec=sender)
    message["To"] = Address(username=local, domain=domain)
    message["Subject"] = subject
    message["Date"] = format_datetime(now())
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    return message


def send(to: str, subject: str, text: str, html: str) -> None:
    """Hand one mail over; raises OSError or SMTPException when that fails, so that a job tries again."""
    message = compose(to, subject, text, html)
    if settings().smtp_host:
        _send_by_smtp(message)
        log.info("mail.sent", to=to, subject=subject)
    else:
        path = _write(message)
        links = _LINK.findall(text) if settings().environment == "demo" else []
        log.info("mail.written", to=to, subject=subject, file=str(path), links=links)


def _send_by_smtp(message: EmailMessage) -> None:
    """TLS from the first byte on port 465, else STARTTLS; without TLS only to this very machine."""
    host, port = settings().smtp_host, settings().smtp_port
    context = ssl.create_default_context()
    if port == 465:
        with smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=context) as server:
            _hand_over(server, message)
        return
    with smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS) as server:
        server.ehlo()
        if server.has_extn("starttls") or host not in ("localhost", "127.0.0.1", "::1"):
            server.starttls(context=context)
        _hand_over(server, message)


def _hand_over(server: smtplib.SMTP, message: EmailMessage) -> None:
    if settings().smtp_user:
        server.login(settings().smtp_user, settings().smtp_password.get_secret_value())
    server.send_message(message)


def _write(message: EmailMessage) -> Path:
    folder = settings().var_dir / "mail"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{now():%Y%m%dT%H%M%S}-{new_id()}.eml"
    path.write_bytes(bytes(message))
    return path

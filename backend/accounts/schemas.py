"""What a person may tell about themselves and their organisation, checked field by field.

Each reader takes the posted values and answers a frozen record, or raises Invalid with every complaint at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

from backend.accounts import passwords
from backend.core.errors import FieldError, Invalid
from backend.core.settings import settings
from backend.core.text import BadText, clean_line
from backend.i18n import LOCALES, UI_LOCALES, _
from backend.ip.territories import COUNTRIES, MEMBER_STATES
from backend.ip.vocabularies import OrganisationKind

NOTIFY = ("at_once", "daily", "never")


@dataclass(frozen=True)
class OrganisationInput:
    name: str
    kind: str
    country: str
    local_name: str | None = None
    city: str | None = None
    registration_number: str | None = None
    website: str | None = None
    languages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Registration:
    name: str
    email: str
    password: str
    organisation: OrganisationInput | None


@dataclass(frozen=True)
class ProfileInput:
    name: str
    locale: str
    notify: str


class _Answers:
    """Reads answers and collects what is wrong with them; a field that is wrong reads as empty."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self.findings: list[FieldError] = []

    def refuse(self, field: str, code: str, message: object) -> None:
        self.findings.append(FieldError(field, code, message))

    def raw(self, field: str) -> str:
        value = self._values.get(field)
        return value if isinstance(value, str) else ""

    def line(self, field: str, *, most: int, required: bool = False) -> str:
        try:
            text = clean_line(self.raw(field))
        except BadText:
            self.refuse(field, "control_character", _("Remove the invisible control characters."))
            return ""
        if len(text) > most:
            self.refuse(field, "too_long", _("Use at most %(most)s characters.", most=most))
        elif required and not text:
            self.refuse(field, "required", _("Please fill this in."))
        return text

    def name(self, field: str, *, most: int, required: bool = False) -> str:
        """Names stand in mails to people who do not know the writer, so they must not carry a link."""
        text = self.line(field, most=most, required=required)
        if "://" in text or "www." in text.lower():
            self.refuse(field, "link", _("Write the name without a web address."))
        return text

    def choice(self, field: str, allowed: Iterable[str]) -> str:
        value = self.raw(field)
        if not value:
            self.refuse(field, "required", _("Please choose one."))
        elif value not in allowed:
            self.refuse(field, "unknown", _("Please choose one from the list."))
        return value

    def email(self, field: str = "email") -> str:
        """Trimmed and lower-cased, which is how an account is found again."""
        typed = self.raw(field).strip()
        try:
            return validate_email(
                typed[:500], check_deliverability=False, test_environment=not settings().is_production
            ).normalized.lower()
        except EmailNotValidError:
            message = _("Write an e-mail address like name@example.com.") if typed else _("Please fill this in.")
            self.refuse(field, "email" if typed else "required", message)
            return ""

    def new_password(self, field: str, *context: str) -> str:
        password = self.raw(field)
        try:
            passwords.check(password, *context, field=field)
        except Invalid as error:
            self.findings.extend(error.findings)
        return password

    def organisation(self, prefix: str = "") -> OrganisationInput:
        country = self.choice(f"{prefix}country", COUNTRIES)
        chosen = self._values.get(f"{prefix}languages") or []
        languages = [chosen] if isinstance(chosen, str) else list(chosen)
        if any(code not in LOCALES for code in languages):
            self.refuse(f"{prefix}languages", "unknown", _("Please choose from the list."))
        if not languages and country in MEMBER_STATES:
            languages = list(MEMBER_STATES[country].languages)
        return OrganisationInput(
            name=self.name(f"{prefix}name", most=200, required=True),
            kind=self.choice(f"{prefix}kind", [str(kind.value) for kind in OrganisationKind]),
            country=country,
            local_name=self.name(f"{prefix}local_name", most=200) or None,
            city=self.line(f"{prefix}city", most=100) or None,
            registration_number=registration_number(self.line(f"{prefix}registration_number", most=60)),
            website=self._website(f"{prefix}website"),
            languages=tuple(dict.fromkeys(languages)),
        )

    def _website(self, field: str) -> str | None:
        text = self.line(field, most=300)
        if not text:
            return None
        address = text if "://" in text else f"https://{text}"
        try:
            parts = urlsplit(address)
            fits = parts.scheme in ("http", "https") and "." in (parts.hostname or "") and " " not in address
        except ValueError:
            fits = False
        if not fits or parts.username or parts.password:
            self.refuse(field, "url", _("Write a web address like https://example.com."))
        return address

    def done(self) -> None:
        if self.findings:
            raise Invalid(self.findings)


def registration_number(text: str) -> str | None:
    """One spelling per number, so that two organisations cannot hold it with different spacing or case."""
    return " ".join(text.upper().split()) or None


def read_registration(values: Mapping[str, Any], *, invited: str | None = None) -> Registration:
    """A person and, unless they were invited into one, their organisation (fields `organisation_…`)."""
    answers = _Answers(values)
    name = answers.name("name", most=120, required=True)
    email = invited or answers.email()
    organisation = None if invited else answers.organisation("organisation_")
    about = (name, email, organisation.name if organisation else "")
    password = answers.new_password("password", *about)
    answers.done()
    return Registration(name=name, email=email, password=password, organisation=organisation)


def read_organisation(values: Mapping[str, Any]) -> OrganisationInput:
    answers = _Answers(values)
    organisation = answers.organisation()
    answers.done()
    return organisation


def read_profile(values: Mapping[str, Any]) -> ProfileInput:
    answers = _Answers(values)
    profile = ProfileInput(
        name=answers.name("name", most=120, required=True),
        locale=answers.choice("locale", UI_LOCALES),
        notify=answers.choice("notify", NOTIFY),
    )
    answers.done()
    return profile


def read_email(values: Mapping[str, Any], field: str = "email") -> str:
    answers = _Answers(values)
    email = answers.email(field)
    answers.done()
    return email


def read_new_password(values: Mapping[str, Any], field: str, *context: str) -> str:
    answers = _Answers(values)
    password = answers.new_password(field, *context)
    answers.done()
    return password


def read_line(values: Mapping[str, Any], field: str, *, most: int) -> str:
    answers = _Answers(values)
    text = answers.line(field, most=most)
    answers.done()
    return text


def read_name(values: Mapping[str, Any], field: str = "name", *, most: int = 80) -> str:
    answers = _Answers(values)
    name = answers.line(field, most=most, required=True)
    answers.done()
    return name


def read_choice(values: Mapping[str, Any], field: str, allowed: Iterable[str]) -> str:
    answers = _Answers(values)
    choice = answers.choice(field, list(allowed))
    answers.done()
    return choice

"""What can go wrong, and the HTTP status each becomes.

DomainError
    NotFound 404 / Forbidden 403 / Unauthenticated 401 / Conflict 409 / TooMany 429 / Unavailable 503
    Invalid 422 (with the field each message belongs to)
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FieldError:
    """One complaint about one field; `field` is its name in the form or API body, dotted for nested ones."""

    field: str
    code: str
    message: Any  # str or a lazily translated one


class DomainError(Exception):
    status = 400
    code = "bad_request"

    def __init__(self, message: Any = "", *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.field = field


class Unauthenticated(DomainError):
    status, code = 401, "unauthenticated"


class Forbidden(DomainError):
    status, code = 403, "forbidden"


class NotFound(DomainError):
    status, code = 404, "not_found"


class Conflict(DomainError):
    status, code = 409, "conflict"


class TooLarge(DomainError):
    status, code = 413, "too_large"


class Invalid(DomainError):
    status, code = 422, "invalid"

    def __init__(self, findings: Iterable[FieldError] | FieldError, message: Any = "") -> None:
        self.findings: Sequence[FieldError] = [findings] if isinstance(findings, FieldError) else list(findings)
        super().__init__(message or (self.findings[0].message if self.findings else ""))


class TooMany(DomainError):
    status, code = 429, "too_many_requests"

    def __init__(self, message: Any = "", *, retry_after: int = 60) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(DomainError):
    status, code = 503, "unavailable"

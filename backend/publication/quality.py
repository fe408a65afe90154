"""What a quality gate answers: findings beside their field, each with how to mend it, and a score.

The rules that look at words alone stand in `wording.py`; those of one noun stand in its own `gate.py`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from backend.core.errors import FieldError


class Severity(StrEnum):
    BLOCKER = "blocker"
    MAJOR = "major"
    MINOR = "minor"
    WARNING = "warning"


_COST = {Severity.BLOCKER: 25, Severity.MAJOR: 10, Severity.MINOR: 4, Severity.WARNING: 2}
_ORDER = list(Severity)


@dataclass(frozen=True)
class Finding:
    """`rule` is the number of the rule (Q1 ...), `code` what exactly was found. `person_decides`: a machine only
    suspects it, so a reviewer may accept it with a reason."""

    rule: str
    severity: Severity
    field: str
    code: str
    message: Any
    mend: Any = ""
    person_decides: bool = False

    @property
    def key(self) -> str:
        """Names this finding on one record, so that a reviewer can accept exactly it."""
        return f"{self.rule}:{self.code}:{self.field}"

    def as_data(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "severity": self.severity.value,
            "field": self.field,
            "code": self.code,
            "message": str(self.message),
            "mend": str(self.mend),
        }


def blockers(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity is Severity.BLOCKER]


def score(findings: Iterable[Finding]) -> int:
    """From 100 (nothing found) down to 0. A finding costs by severity; one rule costs once on one field."""
    worst: dict[tuple[str, str], int] = {}
    for finding in findings:
        key = (finding.rule, finding.field)
        worst[key] = max(worst.get(key, 0), _COST[finding.severity])
    return max(0, 100 - sum(worst.values()))


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """The gravest first, otherwise as found."""
    return sorted(findings, key=lambda finding: _ORDER.index(finding.severity))


def as_errors(findings: Sequence[Finding]) -> list[FieldError]:
    return [FieldError(finding.field, finding.code, finding.message) for finding in findings]

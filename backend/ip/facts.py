"""A statement about law with its source, date and how sure we are. Law changes, so a bare value is never shown."""

import json
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Confidence(StrEnum):
    VERIFIED = "verified"  # read in the cited source
    RECALLED = "recalled"  # common professional knowledge, not checked against the law text
    CONFLICTING = "conflicting"  # sources disagree; the value is the cautious one
    UNKNOWN = "unknown"  # nobody looked, or nothing was found


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """`value` is None when not known. `code` names what is said, for a page to word it."""

    value: T | None
    source: str
    confidence: Confidence
    as_of: date
    code: str = ""


@cache
def packaged(name: str) -> dict[str, Any]:
    """One of our data files (backend/ip/data/NAME.json); each has version, source, licence and date on top."""
    content: dict[str, Any] = json.loads(files("backend.ip").joinpath("data", f"{name}.json").read_text("utf-8"))
    return content

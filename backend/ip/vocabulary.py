"""What a closed list is: codes that are strings and carry their labels. The lists themselves stand beside it."""

from enum import StrEnum


class Vocabulary(StrEnum):
    """A code that is a string and carries its label."""

    label: str

    def __new__(cls, code: str, label: str = "") -> "Vocabulary":
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member

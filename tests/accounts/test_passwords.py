"""Which passwords are taken, and what a look at the clock can tell."""

from typing import Any

import pytest

from backend.accounts import passwords
from backend.core.errors import Invalid


def code_of(password: str, *context: str) -> str:
    with pytest.raises(Invalid) as refused:
        passwords.check(password, *context)
    return refused.value.findings[0].code


def test_eleven_characters_are_too_few() -> None:
    assert code_of("rivercobalt") == "too_short"


def test_a_hundred_and_twenty_nine_characters_are_too_many() -> None:
    assert code_of("river cobalt" * 11) == "too_long"


@pytest.mark.parametrize(
    "password",
    ["password1234", "Padan-2026!!", "qwertyuiopas", "123456789012", "aaaaaaaaaaab", "P@ssw0rd2026", "iloveyou2026!"],
)
def test_a_password_from_everybodys_list_is_refused(password: str) -> None:
    assert code_of(password) == "too_common"


def test_a_password_made_of_the_persons_own_name_is_refused() -> None:
    assert code_of("nguyenvananh1", "Nguyen Van Anh", "anh@company.example") == "too_common"


@pytest.mark.parametrize("password", ["river lamp cobalt seven", "ข้าวเหนียวมะม่วงหน้าฝน", "x7!kQ0pz-Lm2"])
def test_a_long_password_needs_no_digits_symbols_or_capitals(password: str) -> None:
    passwords.check(password, "Alice", "alice@company.example")


def test_a_hash_is_argon2id() -> None:
    assert passwords.make_hash("river lamp cobalt seven").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_spaces_and_capitals_of_a_password_count() -> None:
    known = passwords.make_hash("River lamp cobalt seven")
    assert passwords.verify("River lamp cobalt seven", known)[0]
    assert not passwords.verify("river lamp cobalt seven", known)[0]
    assert not passwords.verify("River lamp cobalt seven ", known)[0]


def test_an_unknown_person_costs_a_whole_verification(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    real = passwords._hasher.verify_and_update

    def watched(password: Any, known: Any) -> Any:
        seen.append(known)
        return real(password, known)

    monkeypatch.setattr(passwords._hasher, "verify_and_update", watched)
    assert passwords.verify("river lamp cobalt seven", None) == (False, None)
    assert len(seen) == 1
    assert seen[0].startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_hash_with_weaker_parameters_is_renewed() -> None:
    from pwdlib.hashers.argon2 import Argon2Hasher

    weak = Argon2Hasher(time_cost=1, memory_cost=1024, parallelism=1).hash("river lamp cobalt seven")
    fits, better = passwords.verify("river lamp cobalt seven", weak)
    assert fits
    assert better is not None
    assert "m=65536,t=3,p=4" in better

"""Passwords: argon2id, few at a time, and only ones that are not on everybody's list.

Length is the one rule of composition (OWASP ASVS 5.0, 6.2): forced digits and symbols make passwords worse.
"""

import secrets
from functools import lru_cache
from threading import BoundedSemaphore

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from backend.core.errors import FieldError, Invalid, Unavailable
from backend.i18n import _

MIN_LENGTH, MAX_LENGTH = 12, 128
# One hash takes 64 MiB and a tenth of a second of several cores: a crowd at the door must not starve everyone else.
_AT_ONCE = BoundedSemaphore(2)
_PATIENCE_SECONDS = 10
_hasher = PasswordHash((Argon2Hasher(time_cost=3, memory_cost=65536, parallelism=4),))

# What people choose when made to choose twelve characters or more, without digits, symbols and case.
_LIST = """
    password passwordpassword passwort motdepasse contrasena katasandi katasandisaya matkhau matkhaucuatoi
    qwerty qwertyuiop qwertyuiopas qwertyqwerty qwertyasdfgh asdfghjkl asdfghjklqwe zxcvbnm asdfghjklzxcvbnm
    letmein letmeinplease letmeinnow iloveyou iloveyouforever iloveyousomuch iloveyoubaby mahalkita mahalkitaforever
    akucintakamu sayacintakamu anhyeuem emyeuanh chanrakther saranghae sunshine sunshinesunshine princess dragon
    football basketball baseball superman spiderman batman pokemon liverpool manchesterunited chelsea arsenal
    welcome welcomehome welcometopadan administrator adminadminadmin rootrootroot administratorpassword
    changeme changemeplease changemenow pleasechangeme trustno trustnoone secret secretpassword topsecret
    mypassword mypasswordis thisismypassword newpassword mysecretpassword nopassword
    monkey shadow master whatever michael jennifer bangkok jakarta manila singapore hanoi saigon vietnam
    thailand indonesia philippines malaysia cambodia correcthorsebatterystaple horsebatterystaple
    abcdefghijkl abcdefghijklm abcdefghijklmnop abcdefghijklmnopqrstuvwxyz abcabcabcabc aaaaaaaaaaaa
    testtesttest testpassword defaultpassword guestguestguest userpassword loginpassword
"""
_COMMON = frozenset(_LIST.split())
_CONTEXT = ("padan", "padanip", "patent", "trademark", "licence", "license", "marketplace", "asean")
_ROWS = ("0123456789", "9876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_LOOKALIKES = str.maketrans("0134579@$!", "oleastgasi")


def check(password: str, *context: str, field: str = "password") -> None:
    """Raises Invalid beside `field`. `context` is what others know of the person: name, address, organisation."""

    def refuse(code: str, message: object) -> Invalid:
        return Invalid(FieldError(field, code, message))

    if len(password) < MIN_LENGTH:
        raise refuse("too_short", _("Use at least 12 characters. Four or five unrelated words do well."))
    if len(password) > MAX_LENGTH:
        raise refuse("too_long", _("Use at most 128 characters."))
    if _is_guessable(password, context):
        raise refuse("too_common", _("This password is easy to guess. Choose one that nobody else would think of."))


def _is_guessable(password: str, context: tuple[str, ...]) -> bool:
    lower = password.casefold()
    if len(set(lower)) < 5:
        return True
    rows = "".join(row * 2 for row in _ROWS)
    if lower in rows:
        return True
    body = lower.rstrip("0123456789.,!?-_ ")  # the year put at the end is no letter in disguise
    for letters in (_letters(lower), _letters(body.translate(_LOOKALIKES))):
        if letters in _COMMON and len(lower) <= 24:
            return True
        # A known word with little around it: "padan-2026-!!", "nguyenvananh1".
        for word in (*_CONTEXT, *_words(context)):
            if word in letters and len(letters) - len(word) < 4 and len(set(lower)) < 14:
                return True
    return False


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalpha())


def _words(context: tuple[str, ...]) -> set[str]:
    known = set()
    for text in context:
        whole = _letters(text.casefold().partition("@")[0])
        known |= {whole, *(_letters(word) for word in text.casefold().partition("@")[0].split())}
    return {word for word in known if len(word) >= 5}


def _bounded() -> None:
    if not _AT_ONCE.acquire(timeout=_PATIENCE_SECONDS):
        raise Unavailable(_("Padan cannot answer right now. Please try again in a minute."))


def make_hash(password: str) -> str:
    _bounded()
    try:
        return _hasher.hash(password)
    finally:
        _AT_ONCE.release()


def verify(password: str, known: str | None) -> tuple[bool, str | None]:
    """Whether it fits, and a new hash to keep if the parameters have been raised since.

    Without a known hash (no such person) the same work is done, so the clock tells nobody who has an account.
    """
    password = password[:MAX_LENGTH + 1]
    stand_in = known is None
    _bounded()
    try:
        fits, better = _hasher.verify_and_update(password, known or _nobody())
    finally:
        _AT_ONCE.release()
    return (False, None) if stand_in else (fits, better)


@lru_cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_urlsafe(32))

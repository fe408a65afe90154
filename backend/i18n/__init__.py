"""One catalogue per language; English stands in the code. Which language holds is a context variable.

`_("…")` is lazy: it becomes words when it is shown, in the language of whoever reads it then.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date as babel_date
from babel.dates import format_datetime as babel_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent
from babel.support import Translations

from backend.core.marking import N_
from backend.core.money import EXPONENTS

__all__ = ["LOCALES", "N_", "UI_LOCALES", "_", "gettext", "ngettext", "use_locale"]

CATALOGUES = Path(__file__).parent / "locales"

# The languages a text may be written in, each by its own name (BCP 47).
LOCALES = {
    "en": "English", "id": "Bahasa Indonesia", "ms": "Bahasa Melayu", "th": "ไทย", "vi": "Tiếng Việt",
    "fil": "Filipino", "km": "ខ្មែរ", "lo": "ລາວ", "my": "မြန်မာ", "ta": "தமிழ்", "zh": "中文",
    "pt": "Português", "tet": "Tetun",
}
# The languages the pages speak, each with a complete catalogue.
UI_LOCALES = {code: LOCALES[code] for code in ("en", "id", "th", "vi")}

# Babel has no data for Tetum; Portuguese formats are what Timor-Leste prints.
_FORMATS_OF = {"tet": "pt", "zh": "zh_Hans"}

_current: ContextVar[str] = ContextVar("locale", default="en")


def current_locale() -> str:
    return _current.get()


@contextmanager
def use_locale(locale: str | None) -> Iterator[None]:
    """Speak `locale` inside the block; an unknown one speaks English."""
    token = _current.set(locale if locale in LOCALES else "en")
    try:
        yield
    finally:
        _current.reset(token)


@lru_cache
def _translations(locale: str) -> Translations | None:
    path = CATALOGUES / f"{locale}.po"
    if not path.exists():
        return None
    with path.open("rb") as file:
        catalogue = read_po(file, locale=locale)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def gettext(message: str) -> str:
    """`message` in the current language, or as it is where the catalogue does not have it."""
    catalogue = _translations(_current.get())
    return str(catalogue.gettext(message)) if catalogue and message else message


def ngettext(singular: str, plural: str, n: int) -> str:
    catalogue = _translations(_current.get())
    if catalogue:
        return str(catalogue.ngettext(singular, plural, n))
    return singular if n == 1 else plural


class Lazy:
    """A text that is translated when it is shown; `%(name)s` places take the parameters."""

    __slots__ = ("message", "parameters")

    def __init__(self, message: str, parameters: dict[str, Any]) -> None:
        self.message, self.parameters = message, parameters

    def __str__(self) -> str:
        text = gettext(self.message)
        return text % {k: str(v) for k, v in self.parameters.items()} if self.parameters else text

    def __repr__(self) -> str:
        return f"_({self.message!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lazy) and (self.message, self.parameters) == (other.message, other.parameters)

    def __hash__(self) -> int:
        return hash(self.message)


def _(message: str, **parameters: Any) -> Lazy:
    return Lazy(message, parameters)


def words(message: Any) -> str:
    """Any message of the code, marked or lazy, in the current language."""
    return str(message) if isinstance(message, Lazy) else gettext(str(message))


@lru_cache
def _formats(locale: str) -> Locale:
    return Locale.parse(_FORMATS_OF.get(locale, locale), sep="_")


def formats() -> Locale:
    return _formats(_current.get())


def format_date(value: date | datetime, style: str = "medium") -> str:
    return str(babel_date(value, format=style, locale=formats()))


def format_datetime(value: datetime, style: str = "short") -> str:
    return str(babel_datetime(value, format=style, locale=formats()))


def format_number(value: int | Decimal | float) -> str:
    return str(format_decimal(value, locale=formats()))


def format_share(value: Decimal | float) -> str:
    return str(format_percent(value, locale=formats()))


def format_money(amount_minor: int, currency: str) -> str:
    """Babel only writes the figure; how many minor digits it has is our own table's to say."""
    exponent = EXPONENTS[currency]
    amount = Decimal(amount_minor).scaleb(-exponent)
    pattern = "¤¤\u00a0#,##0" + ("." + "0" * exponent if exponent else "")
    return str(format_currency(amount, currency, format=pattern, locale=formats(), currency_digits=False))


def country_name(code: str) -> str:
    """The state or office in the reader's language; offices that are no state keep their code's own name."""
    if _current.get() == "en" and code in _ENGLISH:
        return _ENGLISH[code]
    return _OFFICES.get(code) or formats().territories.get(code) or code


# As the member states write themselves in ASEAN documents, where CLDR's English differs.
_ENGLISH = {
    "BN": "Brunei Darussalam", "LA": "Lao PDR", "MM": "Myanmar", "TL": "Timor-Leste", "VN": "Viet Nam",
}
_OFFICES = {"WO": "WIPO (PCT)", "EP": "EPO", "EA": "EAPO", "AP": "ARIPO", "OA": "OAPI", "EM": "EUIPO", "QZ": "CPVO"}


def language_name(code: str) -> str:
    """The language's own name, which its readers find in any list."""
    return LOCALES.get(code, code)

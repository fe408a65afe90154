"""Money is a whole number of minor units and an ISO 4217 code; it never mixes currencies and never meets a float.

The exponents are our own table because libraries disagree: Babel gives LAK and MMK no decimals, card networks two.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

EXPONENTS: dict[str, int] = {
    "BND": 2,
    "CNY": 2,
    "EUR": 2,
    "IDR": 2,
    "JPY": 0,
    "KHR": 2,
    "KRW": 0,
    "LAK": 2,
    "MMK": 2,
    "MYR": 2,
    "PHP": 2,
    "SGD": 2,
    "THB": 2,
    "USD": 2,
    "VND": 0,
}

# Amounts are stored as signed 64-bit integers.
LARGEST_MINOR = 2**63 - 1

# Languages that write 1.000,50; all others we know write 1,000.50.
COMMA_DECIMAL_LANGUAGES = frozenset({"id", "vi", "pt", "tet", "km", "lo", "de", "fr", "es", "it", "nl"})

_DIGITS_AND_MARKS = re.compile(r"[0-9]+(?:[.,' \u00a0\u202f\u2009][0-9]+)*(?:[.,][0-9]*)?")


class MoneyError(ValueError):
    """A sum that cannot be. `code` is stable: unknown_currency, mixed_currencies, not_an_integer, too_large,
    not_a_number, too_many_decimals, negative, no_weights."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def exponent(currency: str) -> int:
    """How many decimals a currency has."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise MoneyError("unknown_currency", f"unknown currency {currency!r}") from None


@dataclass(frozen=True, slots=True)
class Money:
    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        exponent(self.currency)
        if type(self.amount_minor) is not int:
            raise MoneyError("not_an_integer", "an amount is a whole number of minor units")
        if abs(self.amount_minor) > LARGEST_MINOR:
            raise MoneyError("too_large", "the amount is too large")

    @classmethod
    def from_decimal(cls, amount: Decimal, currency: str) -> "Money":
        """Exact: more decimals than the currency has are an error, never rounded away."""
        if type(amount) is not Decimal or not amount.is_finite():
            raise MoneyError("not_a_number", "the amount is not a number")
        if amount.adjusted() > 20:
            raise MoneyError("too_large", "the amount is too large")
        sign, digits, power = amount.as_tuple()
        power = int(power) + exponent(currency)
        whole = int("".join(map(str, digits)))
        if power >= 0:
            minor = whole * 10**power
        elif whole == 0:
            minor = 0
        else:
            scale = 10 ** min(-power, len(digits) + 1)
            minor, rest = divmod(whole, scale)
            if rest:
                raise MoneyError("too_many_decimals", f"{currency} has {exponent(currency)} decimals")
        return cls(-minor if sign else minor, currency)

    def to_decimal(self) -> Decimal:
        digits = tuple(int(digit) for digit in str(abs(self.amount_minor)))
        return Decimal((int(self.amount_minor < 0), digits, -exponent(self.currency)))

    def _other(self, other: object) -> int:
        if not isinstance(other, Money):
            raise MoneyError("not_an_integer", "money is only added to and compared with money")
        if other.currency != self.currency:
            raise MoneyError("mixed_currencies", f"{self.currency} and {other.currency} do not mix")
        return other.amount_minor

    def __add__(self, other: object) -> "Money":
        return Money(self.amount_minor + self._other(other), self.currency)

    def __sub__(self, other: object) -> "Money":
        return Money(self.amount_minor - self._other(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount_minor, self.currency)

    def __mul__(self, times: object) -> "Money":
        if type(times) is not int:
            raise MoneyError("not_an_integer", "money is multiplied by whole numbers only; use allocate to split")
        return Money(self.amount_minor * times, self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: object) -> bool:
        return self.amount_minor < self._other(other)

    def __le__(self, other: object) -> bool:
        return self.amount_minor <= self._other(other)

    def __gt__(self, other: object) -> bool:
        return self.amount_minor > self._other(other)

    def __ge__(self, other: object) -> bool:
        return self.amount_minor >= self._other(other)

    def __bool__(self) -> bool:
        return self.amount_minor != 0

    def __str__(self) -> str:
        return f"{self.to_decimal()} {self.currency}"

    def allocate(self, weights: Sequence[int | Decimal]) -> list["Money"]:
        """Split by weights so that the parts sum to the whole. Each part is the floor of its share or one minor unit
        more; the units left over go to the largest remainders, earlier parts first, so the split is repeatable."""
        if any(type(weight) not in (int, Decimal) for weight in weights):
            raise MoneyError("not_an_integer", "weights are whole numbers or decimals")
        if any(not Decimal(weight).is_finite() or weight < 0 for weight in weights):
            raise MoneyError("negative", "a weight is not below zero")
        ratios = [Decimal(weight).as_integer_ratio() for weight in weights]
        scale = 1
        for _, denominator in ratios:
            scale *= denominator
        whole_weights = [numerator * scale // denominator for numerator, denominator in ratios]
        total = sum(whole_weights)
        if total == 0:
            raise MoneyError("no_weights", "at least one weight is above zero")
        sign = -1 if self.amount_minor < 0 else 1
        shares = [divmod(abs(self.amount_minor) * weight, total) for weight in whole_weights]
        parts = [share for share, _ in shares]
        left = abs(self.amount_minor) - sum(parts)
        for index in sorted(range(len(parts)), key=lambda i: -shares[i][1])[:left]:
            parts[index] += 1
        return [Money(sign * part, self.currency) for part in parts]


def parse_money(text: str, currency: str, locale: str | None = None) -> Money:
    """A typed amount such as "1,000.50", "1.000,50", "1 000 000" or "SGD 25".

    With a locale its decimal mark decides where the text alone does not ("1.000" is a thousand in Vietnamese).
    Without one, a single mark followed by exactly three digits separates thousands.
    """
    places = exponent(currency)
    digits = "".join(str(int(sign)) if sign.isdecimal() else sign for sign in text.strip())
    stripped = re.sub(rf"^(?:{currency})\s*|\s*(?:{currency})$", "", digits, flags=re.IGNORECASE).strip()
    negative = stripped.startswith(("-", "\u2212"))
    plain = stripped[1:].strip() if negative else stripped
    if len(plain) > 40 or not _DIGITS_AND_MARKS.fullmatch(plain):
        raise MoneyError("not_a_number", "the amount is not a number")
    mark = _decimal_mark(plain, places, locale)
    whole, _, fraction = plain.rpartition(mark) if mark else (plain, "", "")
    groups = re.split(r"[.,' \u00a0\u202f\u2009]", whole)
    if len(groups) > 1 and not (1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])):
        raise MoneyError("not_a_number", "the amount is not a number")
    if mark and fraction.strip("0") and len(fraction.rstrip("0")) > places:
        raise MoneyError("too_many_decimals", f"{currency} has {places} decimals")
    try:
        amount = Decimal(("-" if negative else "") + "".join(groups) + "." + (fraction or "0"))
    except InvalidOperation:
        raise MoneyError("not_a_number", "the amount is not a number") from None
    return Money.from_decimal(amount, currency)


def _decimal_mark(plain: str, places: int, locale: str | None) -> str:
    """Which mark, if any, stands before the decimals."""
    last = max(plain.rfind("."), plain.rfind(","))
    if last < 0:
        return ""
    mark, after = plain[last], len(plain) - last - 1
    other = "," if mark == "." else "."
    if plain.count(mark) > 1:
        return ""  # a mark that repeats separates thousands
    if other in plain:
        return mark  # both occur: the last one stands before the decimals
    if after != 3:
        return mark
    if locale is None:
        return ""
    own = "," if locale.split("-")[0].split("_")[0].lower() in COMMA_DECIMAL_LANGUAGES else "."
    return mark if mark == own and places else ""

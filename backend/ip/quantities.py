"""Figures with units in requirements and in sentences, so that "at least 2.5 m³/h" can be held against "3 000 L/h".

What cannot be compared (no unit, another dimension, overlapping ranges) is not known, never met and never missed.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from backend.core.money import COMMA_DECIMAL_LANGUAGES
from backend.ip.units import NAMES, normalise_unit, unit
from backend.ip.vocabularies import Operator


@dataclass(frozen=True, slots=True)
class Figure:
    """A value, or a range up to `upper`. `unit` is normalised ("" for none); `bound` says "at_most" or "at_least"
    where the text does; `span` is where it stands in the text."""

    value: Decimal
    unit: str
    span: tuple[int, int]
    upper: Decimal | None = None
    bound: Operator | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A requirement read as numbers."""

    operator: Operator
    value: Decimal
    unit: str = ""
    upper: Decimal | None = None


_AT_MOST = (
    "≤ <= =< < ⩽|at most|up to|maximum|max.|max|no more than|not more than|less than|below|under|not exceeding"
    "|ไม่เกิน|น้อยกว่า|ต่ำกว่า|สูงสุด|tối đa|không quá|dưới|nhỏ hơn|maksimal|maksimum|paling banyak|kurang dari|di bawah"
    "|hindi hihigit sa|ບໍ່ເກີນ|មិនលើស|មិនលើសពី|အများဆုံး|不超过|至多|低于|tidak melebihi"
)
_AT_LEAST = (
    "≥ >= => > ⩾|at least|minimum|min.|no less than|not less than|more than|above|over|exceeding"
    "|อย่างน้อย|ไม่น้อยกว่า|ไม่ต่ำกว่า|มากกว่า|ต่ำสุด|tối thiểu|ít nhất|trên|lớn hơn|minimal|setidaknya|sekurang-kurangnya"
    "|lebih dari|paling sedikit|di atas|hindi bababa sa|ຢ່າງໜ້ອຍ|យ៉ាងហោចណាស់|យ៉ាងតិច|အနည်းဆုံး|不低于|至少|高于"
)


def _words(listed: str) -> str:
    signs, *words = listed.split("|")
    every = sorted([*signs.split(), *words], key=len, reverse=True)
    return "|".join(rf"(?<![^\W\d_]){re.escape(w)}" if w.isascii() and w[0].isalpha() else re.escape(w) for w in every)


# Numbers are found first and looked around from there: the long lists of words are only tried beside a number.
_LATIN = r"0-9A-Za-z_\u00c0-\u024f\u1e00-\u1eff"
_NUMBER = re.compile(
    rf"(?<![{_LATIN}.,])(?:\d{{1,3}}(?:[ \u00a0\u202f\u2009]\d{{3}})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)*)", re.ASCII
)
_NUMBER_HERE = re.compile(_NUMBER.pattern.partition(")")[2], re.ASCII)
_BOUND = re.compile(rf"(?:(?P<most>{_words(_AT_MOST)})|(?P<least>{_words(_AT_LEAST)}))\s{{0,3}}$", re.IGNORECASE)
_UNIT_NAME = "|".join(re.escape(name) for name in NAMES)
_SCRIPT = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # written without spaces: a unit may touch the next word
_POWERED = rf"(?:{_UNIT_NAME})(?:\^?[23²³])?"
_UNIT = re.compile(
    rf"\s?(?P<unit>{_POWERED}(?:\s?(?:/|\bper\b)\s?{_POWERED}){{0,2}})(?:(?<=[{_SCRIPT}])|(?![^\W_{_SCRIPT}]|/\w))",
    re.IGNORECASE,
)
_RANGE = re.compile(
    r"\s?(?:-|\u2013|\u2014|~|to|until|đến|tới|sampai|hingga|ถึง|ຫາ|至)\s?(?P<sign>[-\u2212]?)", re.IGNORECASE
)
_LONGEST_BOUND = 30


def figures(text: str, language: str = "en") -> list[Figure]:
    """Every number with its unit, in the order of the text (the first 20,000 characters). Digits of any script.

    `language` (BCP 47) settles "1.000": a thousand in Vietnamese or Indonesian, one in English or Thai.
    """
    plain = "".join(str(int(sign)) if sign.isdecimal() else sign for sign in text[:20_000])
    found: list[Figure] = []
    place = 0
    while match := _NUMBER.search(plain, place):
        start, place = _signed_start(plain, match.start()), match.end()
        value = _number(plain[start:place], language)
        if value is None:
            continue
        code, end = _unit_at(plain, place, value)
        upper, upper_code, upper_end = _upper_end(plain, end, language)
        if upper is not None and upper > value and (not code or not upper_code or code == upper_code):
            place = upper_end
            found.append(Figure(value, upper_code or code, (start, upper_end), upper))
            continue
        place = end
        before = _BOUND.search(plain, max(0, start - _LONGEST_BOUND), start)
        bound = None
        if before:
            bound, start = (Operator.AT_MOST if before["most"] else Operator.AT_LEAST), before.start()
        found.append(Figure(value, code, (start, end), None, bound))
    return found


def _signed_start(plain: str, start: int) -> int:
    """A dash right before a number is its sign unless something stands before the dash ("5-10", "X-20")."""
    if (
        start
        and plain[start - 1] in "-\u2212"
        and (start == 1 or not (plain[start - 2].isalnum() or plain[start - 2] == ")"))
    ):
        return start - 1
    return start


def _unit_at(plain: str, place: int, value: Decimal) -> tuple[str, int]:
    """The unit written there and where it ends; ("", place) when there is none we know."""
    match = _UNIT.match(plain, place)
    if match is None or match["unit"] == "d":  # "3d printing" is not three days
        return "", place
    if match["unit"] == "s" and match.start("unit") == place and value >= 1000:  # nor "the 1990s" seconds
        return "", place
    code = normalise_unit(match["unit"])
    return (code, match.end("unit")) if code else ("", place)


def _upper_end(plain: str, place: int, language: str) -> tuple[Decimal | None, str, int]:
    """The second number of a range, its unit and where it ends."""
    joint = _RANGE.match(plain, place)
    match = _NUMBER_HERE.match(plain, joint.end()) if joint else None
    if joint is None or match is None:
        return None, "", place
    value = _number(joint["sign"] + match[0], language)
    code, end = _unit_at(plain, match.end(), Decimal(0))
    return value, code, end


def _number(written: str, language: str) -> Decimal | None:
    """A number by the marks of its language; None when it has more than 15 digits or is dotted like a date."""
    digits = re.sub(r"[ \u00a0\u202f\u2009+]", "", written.replace("\u2212", "-"))
    if sum(sign.isdigit() for sign in digits) > 15:
        return None
    marks = [sign for sign in digits if sign in ".,"]
    decimal = ""
    if len(set(marks)) == 2:
        decimal = marks[-1]
        if marks.count(decimal) > 1:
            return None
    elif len(marks) == 1:
        head, _, tail = digits.lstrip("-").partition(marks[0])
        own = "," if language.split("-")[0].lower() in COMMA_DECIMAL_LANGUAGES else "."
        grouped = len(tail) == 3 and 1 <= len(head) <= 3 and head.strip("0") and marks[0] != own
        decimal = "" if grouped else marks[0]
    whole, _, fraction = digits.partition(decimal) if decimal else (digits, "", "")
    groups = re.split(r"[.,]", whole.lstrip("-"))
    if len(groups) > 1 and not (1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])):
        return None
    sign = "-" if digits.startswith("-") else ""
    return Decimal(sign + "".join(groups) + ("." + fraction if fraction else ""))


def wanted(operator: Operator, value: str, upper: str = "", unit_name: str = "", language: str = "en") -> Wanted | None:
    """A requirement's typed value as numbers, or None when it is words. The unit may stand with the value."""
    read = figures(value, language)
    if len(read) != 1 or operator in (Operator.INCLUDES, Operator.FREE_TEXT):
        return None
    one = read[0]
    top = one.upper
    if upper.strip():
        second = figures(upper, language)
        if len(second) != 1:
            return None
        top = second[0].value
    if operator is Operator.BETWEEN and (top is None or top < one.value):
        return None
    code = normalise_unit(unit_name) or "" if unit_name.strip() else one.unit
    if unit_name.strip() and not code:
        code = unit_name.strip()  # an unknown unit still equals itself
    return Wanted(operator, one.value, code, top)


def meets(requirement: Wanted, figure: Figure) -> bool | None:
    """Whether a figure shows that a requirement is met (True) or missed (False); None when it shows neither.

    A range of operation meets "between" when it covers what is wanted or lies inside it.
    """
    low, high = _in_base(figure.value, figure.unit), _in_base(figure.upper, figure.unit)
    least, most = _in_base(requirement.value, requirement.unit), _in_base(requirement.upper, requirement.unit)
    if low is None or least is None or low[0] != least[0]:
        return None
    shown: tuple[Fraction | None, Fraction | None] = (low[1], high[1] if high else low[1])
    if figure.bound is Operator.AT_MOST:
        shown = (None, low[1])
    elif figure.bound is Operator.AT_LEAST:
        shown = (low[1], None)
    match requirement.operator:
        case Operator.AT_LEAST:
            return _inside(shown, (least[1], None))
        case Operator.AT_MOST:
            return _inside(shown, (None, least[1]))
        case Operator.EQUALS:
            return _inside(shown, (least[1], least[1]))
        case Operator.BETWEEN if most is not None:
            band = (least[1], most[1])
            return True if _inside(band, shown) else _inside(shown, band)
    return None


Interval = tuple[Fraction | None, Fraction | None]


def _inside(inner: Interval, outer: Interval) -> bool | None:
    """True when wholly inside, False when wholly outside, None when partly. None as an end is without end."""
    (low, high), (least, most) = inner, outer
    if (high is not None and least is not None and high < least) or (
        low is not None and most is not None and low > most
    ):
        return False
    above = least is None or (low is not None and low >= least)
    below = most is None or (high is not None and high <= most)
    return True if above and below else None


def _in_base(value: Decimal | None, code: str) -> tuple[object, Fraction] | None:
    """(dimension, value in base units); figures of an unknown unit compare with the same spelling only."""
    if value is None:
        return None
    known = unit(code) if code else None
    if known is None:
        return code, Fraction(value)
    return known.dimension, Fraction(value) * known.factor + known.offset

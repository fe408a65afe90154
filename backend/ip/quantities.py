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


_NUMBER = r"\d{1,3}(?:[ \u00a0\u202f\u2009]\d{3})+(?:[.,]\d+)?(?![\d])|\d+(?:[.,]\d+)*"
_UNIT_NAME = "|".join(re.escape(name) for name in NAMES)
_SCRIPT = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # written without spaces: a unit may touch the next word
_POWERED = rf"(?:{_UNIT_NAME})(?:\^?[23²³])?"
_UNIT = rf"{_POWERED}(?:\s?(?:/|\bper\b)\s?{_POWERED}){{0,2}}(?:(?<=[{_SCRIPT}])|(?![^\W_{_SCRIPT}]|/\w))"
_FIGURE = re.compile(
    rf"(?:(?P<most>{_words(_AT_MOST)})|(?P<least>{_words(_AT_LEAST)}))?\s*"
    rf"(?P<one>(?:(?<![\w)])[-\u2212+])?(?<![\w.,])(?:{_NUMBER}))"
    rf"(?:\s?(?P<unit>{_UNIT}))?"
    rf"(?:\s?(?:-|\u2013|\u2014|~|to|until|and|đến|tới|sampai|hingga|dan|và|ถึง|ຫາ|至)\s?"
    rf"(?P<two>[-\u2212+]?(?:{_NUMBER}))(?:\s?(?P<unit_two>{_UNIT}))?)?",
    re.IGNORECASE,
)
_JOINING_WORDS = re.compile(r"\s(?:and|dan|và)\s", re.IGNORECASE)


def figures(text: str, language: str = "en") -> list[Figure]:
    """Every number with its unit, in the order of the text (the first 20,000 characters). Digits of any script.

    `language` (BCP 47) settles "1.000": a thousand in Vietnamese or Indonesian, one in English or Thai.
    """
    plain = "".join(str(int(sign)) if sign.isdecimal() else sign for sign in text[:20_000])
    found: list[Figure] = []
    place = 0
    while match := _FIGURE.search(plain, place):
        place = match.end()
        one, two, end = _number(match["one"], language), None, match.end()
        named = match["unit"]
        if match["two"] is not None:
            two = _number(match["two"], language)
            joined_by_word = _JOINING_WORDS.search(plain, match.end("unit" if named else "one"), match.start("two"))
            same = not named or not match["unit_two"] or normalise_unit(named) == normalise_unit(match["unit_two"])
            if one is None or two is None or two <= one or not same or joined_by_word:
                two, end = None, match.end("unit" if named else "one")
                place = end  # no range: the second number is read by itself
            else:
                named = match["unit_two"] or named
        if one is None:
            continue
        bound = Operator.AT_MOST if match["most"] else Operator.AT_LEAST if match["least"] else None
        code = (normalise_unit(named) or "") if named and named != "d" else ""  # "3d printing" is not three days
        if not code and two is None:
            end = match.end("one")
        start = min(match.start(group) for group in ("most", "least", "one") if match[group] is not None)
        found.append(Figure(one, code, (start, end), two, bound if two is None else None))
    return found


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

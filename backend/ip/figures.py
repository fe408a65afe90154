"""Figures with their units in a sentence of any language of the region: digits of any script, marks as its language
sets them, ranges, bounds, changes ("from 24 % down to 14 %"), multiples ("1.5 juta") and powers of ten.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from backend.core.money import COMMA_DECIMAL_LANGUAGES, EXPONENTS
from backend.ip.units import NAMES, PER, normalise_unit
from backend.ip.vocabularies import Operator


@dataclass(frozen=True, slots=True)
class Figure:
    """A value, or a range up to `upper`. `unit` is normalised ("" for none); `bound` says "at_most" or "at_least"
    where the text does; `before` is what it was at first ("from 24 % down to 14 %"); `span` is where it stands."""

    value: Decimal
    unit: str
    span: tuple[int, int]
    upper: Decimal | None = None
    bound: Operator | None = None
    before: Decimal | None = None


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
# No unit ends before a vowel sign or a closing consonant: Burmese လ is a month, and လုံး is a piece.
_SIGN = r"[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd\u102b-\u103e\u17b6-\u17d3\u0bbe-\u0bcd]"
_POWERED = rf"(?:{_UNIT_NAME})(?:\^?[23²³])?(?!{_SIGN}|[\u1000-\u1021]\u103a)"
_UNIT = re.compile(
    rf"\s?(?P<unit>{_POWERED}(?:\s?(?:{PER})\s?{_POWERED}){{0,2}})(?:(?<=[{_SCRIPT}])|(?![^\W_{_SCRIPT}]|/\w))",
    re.IGNORECASE,
)
_RANGE = re.compile(
    r"\s?(?:-|\u2013|\u2014|~|to|until|đến|tới|sampai|hingga|ถึง|ຫາ|至)\s?(?P<sign>[-\u2212]?)", re.IGNORECASE
)
_LONGEST_BOUND = 30
# What a number is multiplied by: "1.5 juta", "3 ล้าน", "2万".
_TIMES = {
    3: "thousand ribu nghìn ngàn libo พัน ພັນ ពាន់ ထောင် 千",
    4: "หมื่น ໝື່ນ ម៉ឺន သောင်း 万 萬",
    5: "แสน ແສນ សែន သိန်း",
    6: "million millions juta triệu milyon milhões ล้าน ລ້ານ លាន သန်း 百万",
    8: "亿 億",
    9: "billion miliar bilion bilyon tỷ tỉ",
}
_TIMES_BY_NAME = {name: power for power, names in _TIMES.items() for name in names.split()}
_MULTIPLE = re.compile(
    r"\s?(?:(?P<word>"
    + "|".join(
        re.escape(name) + (r"(?![^\W\d_])" if name[0].isascii() or name[-1].isascii() or name[0] in "tđ" else "")
        for name in sorted(_TIMES_BY_NAME, key=len, reverse=True)
    )
    + r")|[x×·*]\s?10(?:\^(?P<plain>[-\u2212]?\d{1,2})|(?P<raised>[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3})))",
    re.IGNORECASE,
)
_RAISED = re.compile(r"\^(?P<plain>[-\u2212]?\d{1,2})|(?P<raised>[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3})")  # right after a 10
_SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹\u2212", "-0123456789-")
_AROUND = re.compile(r"\s?(?:±|\+/-|\+/\u2212)\s?")
# Some languages put the per cent, and all may put the currency, before the number.
_UNIT_BEFORE = re.compile(rf"(?:(?P<share>ร้อยละ|ຮ້ອຍລະ|百分之)|(?<![A-Za-z])(?P<money>{'|'.join(EXPONENTS)}))\s?$")
_LONGEST_BEFORE = 9
_DOWN_TO = re.compile(
    r"\s?(?:(?:down )?to|until|xuống(?: còn)?|còn|đến|tới|menjadi|kepada|ke|hingga|sampai"
    r"|เหลือ|ลงเหลือ|เป็น|ถึง|ຫາ|ເປັນ|ມາເປັນ|មក|ដល់|အထိ|sa|hanggang|降至|至|到)\s?(?:ร้อยละ|ຮ້ອຍລະ|百分之)?\s?",
    re.IGNORECASE,
)


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
        value, place, scaled = _multiplied(plain, value, place)
        code, end = _unit_at(plain, place, value)
        code, start = (code, start) if code else _unit_before(plain, start)
        second = _second(plain, end, language, _RANGE)
        if second and not scaled and second.scaled and second.value > value:
            value *= second.value / second.read  # "2 to 3 million"
        if second and second.value > value and second.suits(code):
            place = second.end
            found.append(Figure(value, second.unit or code, (start, place), second.value))
            continue
        around = _second(plain, end, language, _AROUND)
        if around and around.value > 0 and around.suits(code):
            place = around.end
            low, high = value - around.value, value + around.value
            found.append(Figure(low, around.unit or code, (start, place), high))
            continue
        last = _second(plain, end, language, _DOWN_TO)
        if last and last.value < value and last.suits(code):
            place = last.end
            found.append(Figure(last.value, last.unit or code, (start, place), before=value))
            continue
        place = end
        words = _BOUND.search(plain, max(0, start - _LONGEST_BOUND), start)
        bound = None
        if words:
            bound, start = (Operator.AT_MOST if words["most"] else Operator.AT_LEAST), words.start()
        found.append(Figure(value, code, (start, end), None, bound))
    return found


@dataclass(frozen=True, slots=True)
class _Second:
    """The second number of a range or a change: its value, as read before it was multiplied, its unit, its end."""

    value: Decimal
    read: Decimal
    scaled: bool
    unit: str
    end: int

    def suits(self, code: str) -> bool:
        return not code or not self.unit or code == self.unit


def _second(plain: str, place: int, language: str, joint: re.Pattern[str]) -> _Second | None:
    joined = joint.match(plain, place)
    match = _NUMBER_HERE.match(plain, joined.end()) if joined else None
    if joined is None or match is None:
        return None
    sign = joined.groupdict().get("sign") or ""
    read = _number(sign + match[0], language)
    if read is None:
        return None
    value, end, scaled = _multiplied(plain, read, match.end())
    code, end = _unit_at(plain, end, Decimal(0))
    return _Second(value, read, scaled, code, end)


def _multiplied(plain: str, value: Decimal, place: int) -> tuple[Decimal, int, bool]:
    """The value with the word or power of ten that follows it, where it ends then, and whether there was one."""
    raised = _RAISED.match(plain, place) if value == 10 else None
    match = raised or _MULTIPLE.match(plain, place)
    if match is None:
        return value, place, False
    word = match.groupdict().get("word")
    if word:
        power = _TIMES_BY_NAME[word.lower()]
    else:
        written = (match["plain"] or match["raised"]).translate(_SUPERSCRIPTS)
        if not re.fullmatch(r"-?\d+", written):
            return value, place, False
        power = int(written)
    base = Decimal(1) if raised else value
    return base * Decimal(10) ** power, match.end(), True


def _unit_before(plain: str, start: int) -> tuple[str, int]:
    match = _UNIT_BEFORE.search(plain, max(0, start - _LONGEST_BEFORE), start)
    if match is None:
        return "", start
    return ("%" if match["share"] else match["money"]), match.start()


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

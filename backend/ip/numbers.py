"""How offices write their numbers. A form we know and that does not fit is a problem; one we do not know never is.

Patterns are matched on the compact spelling (capitals and digits) without the office's own prefix. They follow the
numbers the offices print; being strict about length and letters only, they catch slips of typing, not forgeries.
"""

import re
from enum import StrEnum

from backend.core.marking import N_
from backend.ip.rights import compact
from backend.ip.vocabularies import RightKind

_P, _U, _D, _T = RightKind.PATENT, RightKind.UTILITY_MODEL, RightKind.INDUSTRIAL_DESIGN, RightKind.TRADE_MARK
_YEAR = r"(?:19|20)\d\d"
_KIND = r"(?:[A-Z]\d?)?"  # a kind code may follow a publication or registration number


class NumberForm(StrEnum):
    FITS = "fits"
    MALFORMED = "malformed"
    NOT_KNOWN = "not_known"  # we hold no pattern for this office, kind and sort of number


# (application, publication, registration) by office and kind; "" where no pattern is held.
_FORMS: dict[str, dict[RightKind, tuple[str, str, str]]] = {
    "VN": {
        _P: (rf"1{_YEAR}\d{{4,6}}", rf"(?:1{_YEAR}\d{{4,6}}|\d{{4,8}}){_KIND}", rf"1?\d{{4,7}}(?:000)?{_KIND}"),
        _U: (rf"2{_YEAR}\d{{4,6}}", rf"(?:2{_YEAR}\d{{4,6}}|\d{{3,8}}){_KIND}", rf"2?\d{{3,7}}(?:000)?{_KIND}"),
        _D: (rf"3{_YEAR}\d{{4,6}}", "", rf"3?\d{{4,7}}(?:000)?{_KIND}"),
        _T: (rf"4{_YEAR}\d{{4,6}}", "", r"4?\d{4,7}(?:000)?"),
    },
    "TH": {
        _P: (r"\d{10}|\d{6}", rf"\d{{5,10}}{_KIND}", rf"\d{{1,6}}{_KIND}"),
        _U: (r"\d{10}", rf"\d{{4,10}}{_KIND}", rf"\d{{1,6}}{_KIND}"),
        _D: (r"\d{10}|\d{6}", "", rf"\d{{1,6}}{_KIND}"),
        _T: (r"\d{6,9}", "", r"[^\W\d]{0,4}\d{5,9}"),
    },
    "ID": {
        _P: (
            rf"(?:P|W)?00{_YEAR}\d{{5,6}}|P{_YEAR}\d{{5,6}}",
            rf"{_YEAR}\d{{4,6}}{_KIND}|\d{{6,9}}{_KIND}",
            r"P?0\d{8}",
        ),
        _U: (rf"S?00{_YEAR}\d{{5,6}}|S{_YEAR}\d{{5,6}}", rf"{_YEAR}\d{{4,6}}{_KIND}|S\d{{4,9}}", r"S?0\d{8}"),
        _D: (rf"A?00{_YEAR}\d{{5,6}}|A{_YEAR}\d{{5,6}}", "", r"D?0\d{8,9}"),
        _T: (rf"(?:D|J|M|R|DID|JID|RID|IPT)?(?:00)?{_YEAR}\d{{5,6}}", "", r"M?0\d{8}"),
    },
    "PH": {
        _P: (rf"1{_YEAR}\d{{5,8}}|\d{{3,5}}", rf"1{_YEAR}\d{{5,8}}{_KIND}", rf"(?:1{_YEAR}\d{{5,8}}|\d{{3,5}}){_KIND}"),
        _U: (rf"2{_YEAR}\d{{5,8}}", rf"2{_YEAR}\d{{5,8}}{_KIND}", rf"(?:2{_YEAR}\d{{5,8}}|\d{{3,5}}){_KIND}"),
        _D: (rf"3{_YEAR}\d{{5,8}}", "", rf"(?:3{_YEAR}\d{{5,8}}|\d{{3,5}}){_KIND}"),
        _T: (rf"4{_YEAR}\d{{5,8}}", "", rf"4{_YEAR}\d{{5,8}}|\d{{4,6}}"),
    },
    "MY": {
        _P: (rf"(?:PI)?{_YEAR}\d{{4,6}}|PI\d{{6,8}}", rf"\d{{5,6}}{_KIND}", rf"\d{{5,6}}{_KIND}"),
        _U: (rf"(?:UI)?{_YEAR}\d{{4,6}}|UI\d{{6,8}}", rf"\d{{5,6}}{_KIND}", rf"\d{{5,6}}{_KIND}"),
        _D: (r"\d{2}[A-Z]?\d{4,5}(?:\d{4})?", "", r"\d{2}[A-Z]?\d{4,5}(?:\d{4})?"),
        _T: (rf"(?:TM)?{_YEAR}\d{{5,6}}|\d{{7,8}}", "", rf"(?:TM)?{_YEAR}\d{{5,6}}|\d{{7,8}}"),
    },
    "SG": {
        _P: (rf"1[01]{_YEAR}\d{{5}}[A-Z]|{_YEAR}\d{{5,6}}", rf"1[01]{_YEAR}\d{{5}}[A-Z]{_KIND}|\d{{5,6}}{_KIND}", ""),
        _D: (rf"30{_YEAR}\d{{5}}[A-Z]|D{_YEAR}\d{{1,5}}[A-Z]", "", rf"30{_YEAR}\d{{5}}[A-Z]|D{_YEAR}\d{{1,5}}[A-Z]"),
        _T: (rf"40{_YEAR}\d{{5}}[A-Z](?:\d\d)?|T\d{{7}}[A-Z]", "", rf"40{_YEAR}\d{{5}}[A-Z](?:\d\d)?|T\d{{7}}[A-Z]"),
    },
    "WO": {
        _P: (rf"PCT[A-Z]{{2}}(?:{_YEAR}|\d\d)\d{{5,6}}", rf"(?:{_YEAR}\d{{6}}|\d{{7,8}}){_KIND}", ""),
        _D: ("", "", r"(?:DM)?\d{5,6}"),
        _T: ("", "", r"\d{6,7}[A-Z]?"),
    },
    "EP": {_P: (r"\d{8,9}", rf"\d{{6,7}}{_KIND}", rf"\d{{6,7}}{_KIND}")},
    "US": {
        _P: (r"\d{8}", rf"20\d{{8,9}}{_KIND}|\d{{6,8}}{_KIND}", rf"(?:RE|PP)?\d{{4,8}}{_KIND}"),
        _D: (r"\d{8}", "", rf"D\d{{5,7}}{_KIND}"),
        _T: (r"\d{8}", "", r"\d{6,7}"),
    },
    "CN": {
        _P: (rf"{_YEAR}1\d{{7}}[\dX]?|\d{{8}}[\dX]?", rf"\d{{7,9}}{_KIND}", rf"\d{{7,9}}{_KIND}|(?:ZL)?\d{{12}}[\dX]"),
        _U: (rf"{_YEAR}2\d{{7}}[\dX]?|\d{{8}}[\dX]?", rf"\d{{7,9}}{_KIND}", rf"\d{{7,9}}{_KIND}|(?:ZL)?\d{{12}}[\dX]"),
        _D: (rf"{_YEAR}3\d{{7}}[\dX]?|\d{{8}}[\dX]?", "", rf"\d{{7,9}}{_KIND}|(?:ZL)?\d{{12}}[\dX]"),
        _T: (r"\d{6,8}", "", r"\d{6,8}[A-Z]?"),
    },
    "JP": {
        _P: (rf"{_YEAR}\d{{1,6}}", rf"{_YEAR}\d{{6}}{_KIND}|\d{{7}}{_KIND}|[HS]\d{{7,8}}{_KIND}", rf"\d{{6,7}}{_KIND}"),
        _U: (rf"{_YEAR}\d{{1,6}}", "", rf"\d{{7}}{_KIND}"),
        _D: (rf"{_YEAR}\d{{1,6}}", "", rf"\d{{6,7}}{_KIND}"),
        _T: (rf"{_YEAR}\d{{1,6}}", "", r"\d{6,7}"),
    },
    "KR": {
        _P: (
            rf"10{_YEAR}\d{{5,7}}",
            rf"(?:10)?{_YEAR}\d{{7}}{_KIND}|10\d{{7}}{_KIND}",
            rf"(?:10)?\d{{6,7}}(?:0000)?{_KIND}",
        ),
        _U: (
            rf"20{_YEAR}\d{{5,7}}",
            rf"(?:20)?{_YEAR}\d{{7}}{_KIND}|20\d{{7}}{_KIND}",
            rf"(?:20)?\d{{6,7}}(?:0000)?{_KIND}",
        ),
        _D: (rf"30{_YEAR}\d{{5,7}}", "", rf"(?:30)?\d{{6,7}}(?:0000)?{_KIND}"),
        _T: (rf"4[0-9]{_YEAR}\d{{5,7}}", "", r"(?:4[0-9])?\d{6,7}(?:0000)?"),
    },
}
_WHICH = ("application", "publication", "registration")

EXAMPLES: dict[tuple[str, RightKind], str] = {
    ("VN", _P): "1-2021-01234",
    ("TH", _P): "2101001234",
    ("ID", _P): "P00202101234",
    ("PH", _P): "1-2021-050123",
    ("MY", _P): "PI 2021001234",
    ("SG", _P): "10202101234X",
    ("WO", _P): "PCT/SG2021/050123",
    ("EP", _P): "EP 21 123 456.7",
    ("US", _P): "17/123,456",
    ("CN", _P): "202110123456.7",
    ("JP", _P): "2021-123456",
    ("KR", _P): "10-2021-0123456",
}

PROBLEMS: dict[str, str] = {
    "number_empty": N_("Enter the number."),
    "number_too_long": N_("The number is too long."),
    "number_without_digits": N_("A number has digits."),
    "number_malformed": N_("This is not how the office writes such numbers."),
}


def number_form(office: str, kind: RightKind, number: str, which: str = "registration") -> NumberForm:
    """Whether a number has the form its office prints. `which` is application, publication or registration."""
    pattern = _FORMS.get(office, {}).get(kind, ("", "", ""))[_WHICH.index(which)]
    if not pattern:
        return NumberForm.NOT_KNOWN
    plain = compact(number)
    spellings = {plain, plain.removeprefix(office), plain.removeprefix(office).removeprefix("NO")}
    fits = any(re.fullmatch(pattern, spelling) for spelling in spellings)
    return NumberForm.FITS if fits else NumberForm.MALFORMED


def check_number(office: str, kind: RightKind, number: str, which: str = "registration") -> str | None:
    """The code of what is wrong with a number (see PROBLEMS), or None. An unknown form is no problem."""
    plain = compact(number)
    if not plain:
        return "number_empty"
    if len(plain) > 40:
        return "number_too_long"
    if not any(sign.isdecimal() for sign in plain):
        return "number_without_digits"
    if number_form(office, kind, number, which) is NumberForm.MALFORMED:
        return "number_malformed"
    return None

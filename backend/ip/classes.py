"""Classification symbols: IPC and CPC for inventions, Nice for marks, Locarno for designs.

Symbols arrive in many spellings ("A01B 1/00", "A01B0001000000", "a01b1/00"); one is kept: "A01B1/00".
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from backend.ip.facts import packaged

_SYMBOL = re.compile(
    r"([A-HY])(?:(\d{2})(?:([A-Z])(?:\s*(?:(\d{4})(\d{6})|0*([1-9]\d{0,3})(?:\s*/\s*(\d{2,6}))?))?)?)?"
    r"(?:\s*[(\[]\s*\d{4}\.\d{2}\s*[)\]])?",
    re.ASCII,
)
_LOCARNO = re.compile(r"(?:LOC[^)]*\)?\s*CL\.?\s*)?(\d{1,2})(?:\s*[-./]\s*(\d{1,2}))?", re.ASCII)
_SCHEME_NAME = re.compile(r"^(?:IPC|CPC)\s*:?\s*", re.IGNORECASE)

# How alike two symbols are by the deepest level they share; a shared section says little, a shared group nearly all.
_ALIKE = (0.0, 0.05, 0.2, 0.5, 0.8, 0.9)


class ClassError(ValueError):
    """A symbol that is none. `code` is stable: malformed, unknown_class, unknown_subclass, out_of_range."""

    def __init__(self, code: str, symbol: str) -> None:
        super().__init__(f"{code}: {symbol[:40]!r}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Symbol:
    """An IPC or CPC symbol down to any level: `levels` is ("A", "A01", "A01B", "A01B1/00", "A01B1/02")."""

    levels: tuple[str, ...]

    def __str__(self) -> str:
        return self.levels[-1]

    @property
    def section(self) -> str:
        return self.levels[0]

    @property
    def class_(self) -> str | None:
        return self.levels[1] if len(self.levels) > 1 else None

    @property
    def subclass(self) -> str | None:
        return self.levels[2] if len(self.levels) > 2 else None

    @property
    def main_group(self) -> str | None:
        return self.levels[3] if len(self.levels) > 3 else None


@cache
def _subclasses() -> frozenset[str]:
    letters: dict[str, str] = packaged("ipc")["subclass_letters"]
    return frozenset(class_ + letter for class_, row in letters.items() for letter in row)


@lru_cache(maxsize=100_000)
def parse(text: str) -> Symbol:
    """Read a symbol in any usual spelling. ClassError when malformed or not in the scheme.

    Groups are checked by form only: the full schemes are not shipped, and offices add groups every January.
    """
    plain = _SCHEME_NAME.sub("", unicodedata.normalize("NFKC", text[:80]).strip()).upper()
    match = _SYMBOL.fullmatch(plain)
    if match is None:
        raise ClassError("malformed", text)
    section, number, letter, long_main, long_sub, main, sub = match.groups()
    levels = [section]
    if number:
        levels.append(section + number)
        if levels[1] not in packaged("ipc")["classes"]:
            raise ClassError("unknown_class", text)
    if letter:
        levels.append(levels[1] + letter)
        if levels[2] not in _subclasses():
            raise ClassError("unknown_subclass", text)
    if long_main:
        main, sub = str(int(long_main)), long_sub.rstrip("0").ljust(2, "0")
        if main == "0":
            raise ClassError("malformed", text)
    if main:
        levels.append(f"{levels[2]}{main}/00")
        if sub and sub.strip("0"):
            levels.append(f"{levels[2]}{main}/{sub}")
    return Symbol(tuple(levels))


def normalise(text: str) -> str:
    """The one spelling we keep. ClassError as in parse."""
    return str(parse(text))


def problem(text: str) -> str | None:
    """The code of what is wrong with an IPC or CPC symbol, or None."""
    try:
        parse(text)
    except ClassError as error:
        return error.code
    return None


def section(text: str) -> str:
    return parse(text).section


def subclass(text: str) -> str | None:
    return parse(text).subclass


def ancestors(text: str) -> tuple[str, ...]:
    """Everything above a symbol and the symbol itself, widest first: A, A01, A01B, A01B1/00, A01B1/02."""
    return parse(text).levels


def expand(symbols: Iterable[str]) -> frozenset[str]:
    """All levels of all symbols that can be read; others are left out. For filters and facets."""
    levels: set[str] = set()
    for text in symbols:
        if problem(text) is None:
            levels.update(parse(text).levels)
    return frozenset(levels)


def similarity(ones: Iterable[str], others: Iterable[str]) -> float:
    """How alike two sets of symbols are, 0 to 1: the mean over both sides of each symbol's closest counterpart.

    Symbols that cannot be read are left out; an empty side is like nothing (0).
    """
    left, right = _readable(ones), _readable(others)
    if not left or not right:
        return 0.0
    return (_closeness(left, right) + _closeness(right, left)) / 2


def _readable(symbols: Iterable[str]) -> dict[str, Symbol]:
    found: dict[str, Symbol] = {}
    for text in symbols:
        try:
            symbol = parse(text)
        except ClassError:
            continue
        found[symbol.levels[-1]] = symbol
    return found


def _closeness(left: dict[str, Symbol], right: dict[str, Symbol]) -> float:
    """Mean over the left symbols of how much of each also stands in the tree of the right ones."""
    tree = {level for symbol in right.values() for level in symbol.levels}
    total = 0.0
    for code, symbol in left.items():
        total += 1.0 if code in right else _ALIKE[sum(level in tree for level in symbol.levels)]
    return total / len(left)


def title(code: str) -> str | None:
    """A short plain title of a section, class or (for some) subclass, in English."""
    data = packaged("ipc")
    for level in ("sections", "classes", "subclasses"):
        found: str | None = data[level].get(code)
        if found is not None:
            return found
    return None


@lru_cache(maxsize=100_000)
def green_source(text: str) -> str | None:
    """Why a symbol counts as green: "cpc_tag" (Y02, Y04S), "ipc_green_inventory", or None when it does not.

    A classification shows the field, not the benefit: it never replaces a measured claim.
    """
    if problem(text) is not None:
        return None
    levels, data = parse(text).levels, packaged("green")
    if any(level in data["tags"] for level in levels):
        return "cpc_tag"
    main_groups = {level[: -len("/00")] for level in levels if level.endswith("/00")}
    if any(level in data["whole"] for level in levels) or main_groups & set(data["main_groups"]):
        return "ipc_green_inventory"
    return "ipc_green_inventory" if levels[-1] in data["subgroups"] else None


def is_green(symbols: Iterable[str]) -> bool:
    return any(green_source(text) for text in symbols)


def nice_class(text: str | int) -> int:
    """A Nice class number 1-45 from "9", "09" or "Class 9"."""
    match = re.fullmatch(r"(?:class(?:es)?\s*)?0*(\d{1,2})", str(text).strip(), re.IGNORECASE | re.ASCII)
    if match is None:
        raise ClassError("malformed", str(text))
    if not 1 <= int(match[1]) <= 45:
        raise ClassError("out_of_range", str(text))
    return int(match[1])


def locarno_class(text: str) -> str:
    """A Locarno class as "07" or "07-02". "99" is the subclass for what fits no other."""
    match = re.fullmatch(
        r"(?:LOC[^)]*\)?\s*CL\.?\s*)?(\d{1,2})(?:\s*[-./]\s*(\d{1,2}))?", text.strip().upper(), re.ASCII
    )
    if match is None:
        raise ClassError("malformed", text)
    number, sub = int(match[1]), match[2]
    if not 1 <= number <= 32:
        raise ClassError("out_of_range", text)
    if sub is None:
        return f"{number:02d}"
    if sub.zfill(2) not in packaged("locarno")["subclasses"][str(number)].split():
        raise ClassError("unknown_subclass", text)
    return f"{number:02d}-{sub.zfill(2)}"


def nice_title(number: int) -> str:
    titles: dict[str, str] = packaged("nice")["classes"]
    return titles[str(number)]


def locarno_title(code: str) -> str:
    """Title of the class a Locarno code ("07" or "07-02") belongs to."""
    titles: dict[str, str] = packaged("locarno")["classes"]
    return titles[str(int(code.split("-")[0]))]

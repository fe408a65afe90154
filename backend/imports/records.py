"""One row of a file becomes the columns of one listing or need. Pure: what cannot be read is said, never guessed.

A row is a JSON object. Known names: id, title, text (or abstract, description), summary, lang (or language), owner,
owners, country, office, kind (a WIPO ST.16 kind code), number, date, ipc, cpc, green, trl, stage.
Where a row has a kind code it describes a patent document: `country` is its office and `id` its publication number.
Otherwise it is a technology on offer and `country` is its owner's. Other names are counted and left out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from backend.core.marking import N_
from backend.core.text import BadText, clean, clean_line
from backend.ip import classes
from backend.ip.territories import is_office
from backend.ip.vocabularies import RightKind, Stage
from backend.language.detect import LANGUAGES, detect

TITLE_MAX, SUMMARY_MAX, TEXT_MAX, ID_MAX = 256, 500, 20_000, 200
KNOWN = frozenset({
    "id", "title", "text", "abstract", "description", "summary", "lang", "language", "owner", "owners", "country",
    "office", "kind", "number", "date", "ipc", "cpc", "green", "trl", "stage",
})
_SENTENCE = re.compile(r"(?<=[.!?。။។])\s+")
_UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_DATES = (
    (re.compile(r"(\d{4})-(\d{2})-(\d{2})"), (1, 2, 3)),
    (re.compile(r"(\d{4})(\d{2})(\d{2})"), (1, 2, 3)),
    (re.compile(r"(\d{2})/(\d{2})/(\d{4})"), (3, 2, 1)),
    (re.compile(r"(\d{2})/(\d{2})/(\d{2})"), (3, 2, 1)),
)


@dataclass(frozen=True)
class Problem:
    """What is wrong with one row; `warning` rows are stored all the same, with what was mended said here."""

    row: int
    field: str
    code: str
    message: str
    warning: bool = False


@dataclass
class Record:
    """The columns of one listing or need, its rights, and whose it is."""

    external_id: str
    values: dict[str, Any]
    rights: list[dict[str, Any]] = field(default_factory=list)
    owner: str | None = None
    owner_country: str | None = None


class RowError(Exception):
    def __init__(self, field_: str, code: str, message: str) -> None:
        self.field, self.code, self.message = field_, code, message


class Reader:
    """Reads the rows of one file; remembers what it had to mend and which names nobody reads."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.unread: dict[str, int] = {}
        self._row = 0

    def listing(self, number: int, row: Any) -> Record | None:
        return self._read(number, row, self._listing)

    def need(self, number: int, row: Any) -> Record | None:
        return self._read(number, row, self._need)

    def _read(self, number: int, row: Any, build: Any) -> Record | None:
        self._row = number
        try:
            if not isinstance(row, dict):
                raise RowError("row", "not_an_object", N_("A row must be a JSON object."))
            for name in row:
                if name not in KNOWN:
                    self.unread[name] = self.unread.get(name, 0) + 1
            return build(row)  # type: ignore[no-any-return]
        except RowError as error:
            self.problems.append(Problem(number, error.field, error.code, error.message))
            return None

    def _mended(self, field_: str, code: str, message: str) -> None:
        self.problems.append(Problem(self._row, field_, code, message, warning=True))

    # What listings and needs share ---------------------------------------------------------------------------------

    def _common(self, row: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        external_id = self._line(row, "id", required=True)[:ID_MAX]
        title = self._line(row, "title", required=True)
        text = self._text(row, "text") or self._text(row, "abstract") or self._text(row, "description")
        if len(title) > TITLE_MAX:
            self._mended("title", "too_long", N_("The title was longer than 256 characters; all of it is in the text."))
            text = f"{title}\n\n{text}".strip()
            title = title[: TITLE_MAX - 1].rsplit(" ", 1)[0] + "…"
        if len(text) > TEXT_MAX:
            self._mended("text", "too_long", N_("The text was longer than 20,000 characters and was cut."))
            text = text[:TEXT_MAX]
        language = self._line(row, "lang") or self._line(row, "language")
        if language and language not in LANGUAGES:
            raise RowError("lang", "unknown_language", N_("This language is not one that Padan knows."))
        return external_id, {
            "title": title,
            "summary": (self._text(row, "summary") or first_sentences(text))[:SUMMARY_MAX],
            "description": text,
            "language": language or detect(f"{title}\n{text[:240]}")[0],
        }

    def _listing(self, row: Mapping[str, Any]) -> Record:
        external_id, values = self._common(row)
        symbols = {scheme: self._classes(row, scheme) for scheme in ("ipc", "cpc")}
        owners = self._names(row)
        is_document = bool(row.get("kind"))
        values |= {
            "kind": (RightKind.PATENT if is_document else RightKind.KNOW_HOW).value,
            "green": self._flag(row, "green") or classes.is_green(symbols["ipc"] + symbols["cpc"]),
            "trl": self._trl(row),
            "stage": row.get("stage") if row.get("stage") in {stage.value for stage in Stage} else None,
            "ipr_status": None,
        }
        country = self._line(row, "country").upper()
        if country and not is_office(country):
            raise RowError("country", "unknown_country", N_("There is no state or office with this code."))
        if not is_document:
            return Record(external_id, values, owner=next(iter(owners), None), owner_country=country or None)
        right = {
            "kind": RightKind.PATENT.value,
            "office": self._line(row, "office").upper() or country,
            "title": values["title"],
            "publication_number": (self._line(row, "number") or external_id)[:60],
            "publication_date": self._date(row, "date"),
            "status": "not_checked",
            "owners": owners,
            "ipc": symbols["ipc"],
            "cpc": symbols["cpc"],
        }
        if not is_office(right["office"]):
            raise RowError("office", "unknown_office", N_("There is no state or office with this code."))
        return Record(external_id, values, [right])

    def _need(self, row: Mapping[str, Any]) -> Record:
        external_id, values = self._common(row)
        values |= {"kind": "technology_request", "ipc": self._classes(row, "ipc"), "min_trl": self._trl(row)}
        if self._flag(row, "green"):
            values["sectors"] = ["green"]
        owners = self._names(row)
        country = self._line(row, "country").upper()
        return Record(external_id, values, owner=next(iter(owners), None), owner_country=country or None)

    # Single fields -------------------------------------------------------------------------------------------------

    def _text(self, row: Mapping[str, Any], name: str, *, one_line: bool = False) -> str:
        value = row.get(name)
        if value is None:
            return ""
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            raise RowError(name, "not_text", N_("This must be a text."))
        tidy = clean_line if one_line else clean
        try:
            return tidy(value)
        except BadText:
            try:
                mended = tidy(_UNREADABLE.sub(" ", value))
            except BadText:
                raise RowError(name, "broken_text", N_("This text is broken (lone surrogates).")) from None
            self._mended(name, "control_character", N_("Characters that nobody can read were taken out."))
            return mended

    def _line(self, row: Mapping[str, Any], name: str, *, required: bool = False) -> str:
        value = self._text(row, name, one_line=True)
        if required and not value:
            raise RowError(name, "missing", N_("This must not be empty."))
        return value

    def _names(self, row: Mapping[str, Any]) -> list[str]:
        value = row.get("owners", row.get("owner"))
        names = value if isinstance(value, list) else [value]
        return [self._line({"owner": name}, "owner")[:300] for name in names if name]

    def _flag(self, row: Mapping[str, Any], name: str) -> bool:
        value = row.get(name)
        if value not in (None, True, False):
            raise RowError(name, "not_a_flag", N_("This must be true or false."))
        return bool(value)

    def _trl(self, row: Mapping[str, Any]) -> int | None:
        value = row.get("trl")
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 9:
            raise RowError("trl", "out_of_range", N_("A technology readiness level is a whole number from 1 to 9."))
        return value

    def _classes(self, row: Mapping[str, Any], name: str) -> list[str]:
        symbols = row.get(name) or []
        if not isinstance(symbols, list) or len(symbols) > 500:
            raise RowError(name, "not_a_list", N_("This must be a list of at most 500 classes."))
        known: dict[str, None] = {}
        for symbol in symbols:
            try:
                known[classes.normalise(str(symbol))] = None
            except classes.ClassError:
                self._mended(name, "unknown_class", N_("A class that the scheme does not have was left out."))
        return list(known)

    def _date(self, row: Mapping[str, Any], name: str) -> date | None:
        """ISO, or day first as offices and their exports write it; two-digit years are of this or the last century."""
        value = self._line(row, name)
        if not value:
            return None
        for pattern, (year, month, day) in _DATES:
            if found := pattern.fullmatch(value):
                number = int(found[year])
                if len(found[year]) == 2:
                    number += 2000 if number <= date.today().year % 100 else 1900  # noqa: DTZ011 - a century, not a day
                try:
                    return date(number, int(found[month]), int(found[day]))
                except ValueError:
                    break
        raise RowError(name, "bad_date", N_("This is not a date. Write it like 2026-04-12."))


def first_sentences(text: str) -> str:
    """The beginning of a text as its summary: whole sentences up to 500 characters, or cut at a word."""
    if len(text) <= SUMMARY_MAX:
        return text
    kept = ""
    for sentence in _SENTENCE.split(text[: SUMMARY_MAX * 2]):
        if len(kept) + len(sentence) + 1 > SUMMARY_MAX:
            break
        kept = f"{kept} {sentence}".strip()
    return kept or text[: SUMMARY_MAX - 1].rsplit(" ", 1)[0] + "…"

"""Collects every marked text of the code and the pages, and keeps one catalogue per language in step with them."""

import re
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from backend.i18n import CATALOGUES, UI_LOCALES

ROOT = Path(__file__).parent.parent.parent
METHODS = [
    ("backend/**.py", "python"),
    ("frontend_templates/**.html", "jinja2"),
    ("frontend_templates/**.txt", "jinja2"),
]
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
TRANSLATED = [code for code in UI_LOCALES if code != "en"]


def collect() -> Catalog:
    """Every text to translate, once, in the order of the alphabet of their files."""
    catalogue = Catalog(charset="utf-8")
    found = extract_from_dir(
        str(ROOT), METHODS, {"**.html": {"trimmed": "true", "silent": "false"}, "**.txt": {"trimmed": "true"}}, KEYWORDS
    )
    for _file, _line, message, _comments, _context in found:
        if message and message != "":
            catalogue.add(message)
    return catalogue


def path_of(locale: str) -> Path:
    return CATALOGUES / f"{locale}.po"


def read(locale: str) -> Catalog:
    if not path_of(locale).exists():
        return Catalog(locale=locale, charset="utf-8")
    with path_of(locale).open("rb") as file:
        return read_po(file, locale=locale)


def missing(locale: str) -> list[str]:
    """Texts of the code that the catalogue does not say yet, or says with other parameters."""
    known = read(locale)
    lacking = []
    for message in collect():
        if not message.id:
            continue
        translation = known.get(message.id if isinstance(message.id, str) else message.id[0])
        if translation is None or not _complete(translation) or not _same_places(message, translation):
            lacking.append(message.id if isinstance(message.id, str) else message.id[0])
    return lacking


def _complete(message: Message) -> bool:
    texts = message.string if isinstance(message.string, (list, tuple)) else [message.string]
    return all(texts) and not message.fuzzy


def _same_places(message: Message, translation: Message) -> bool:
    """A translation may use only the places the original has, or showing it would fail."""
    def places(texts: object) -> set[str]:
        parts = texts if isinstance(texts, (list, tuple)) else [texts]
        return {place for part in parts for place in re.findall(r"%\((\w+)\)s", str(part))}

    return places(translation.string) <= places(message.id)


def update() -> dict[str, int]:
    """Bring every catalogue up to the code; returns how many texts each still lacks."""
    wanted = collect()
    lacking = {}
    for locale in TRANSLATED:
        known = read(locale)
        fresh = Catalog(locale=locale, charset="utf-8", header_comment=f"# Padan in {UI_LOCALES[locale]}")
        for message in wanted:
            if not message.id:
                continue
            singular = message.id if isinstance(message.id, str) else message.id[0]
            old = known.get(singular)
            fresh.add(message.id, old.string if old is not None else None)
        with path_of(locale).open("wb") as file:
            write_po(file, fresh, width=120, no_location=True, omit_header=False, sort_output=True)
        _without_dates(path_of(locale))
        lacking[locale] = len(missing(locale))
    return lacking


def _without_dates(path: Path) -> None:
    """Dates in the header change with every run and say nothing."""
    names = ("POT-", "PO-", "Generated-By", "Report-Msgid", "Project-Id", "Last-Translator", "Language-Team")
    unwanted = tuple(f'"{name}' for name in names)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith(unwanted)))

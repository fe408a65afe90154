"""Documents for print: a Typst template and its data become a PDF. The only file that knows Typst.

The data is handed over as JSON and read by the template as data. Nothing a user wrote ever becomes part of a template's
source, because that source is a program. Fonts come from wheels, never from the machine, so that a document looks the
same everywhere.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst

# Latin and Vietnamese; Thai, Lao, Khmer and Burmese; Tamil; Chinese.
_FONTS = (
    ("fontpkg_noto_sans", "files"),
    ("justmytype_intl_sea", "fonts"),
    ("fontpkg_noto_sans_tamil", "files"),
    ("justmytype_intl_cjk", "fonts/ofl/notosanssc"),
)


def typeset(template: Path, data: Mapping[str, Any], *, at: datetime) -> bytes:
    """A tagged PDF that screen readers can read (PDF/UA-1). The same data and time give the same bytes."""
    made = at.replace(microsecond=0)
    compiled = _compiler(template, data).compile(format="pdf", pdf_standards="ua-1", timestamp=made)
    if not isinstance(compiled, bytes):
        raise TypeError("a PDF is one file")
    return compiled


def pictures(template: Path, data: Mapping[str, Any], *, ppi: float = 96) -> list[bytes]:
    """The same pages as PNG, to look at."""
    compiled = _compiler(template, data).compile(format="png", ppi=ppi)
    return [compiled] if isinstance(compiled, bytes) else list(compiled or ())


def _compiler(template: Path, data: Mapping[str, Any]) -> typst.Compiler:
    handed = {"data": json.dumps(data, ensure_ascii=False)}
    return typst.Compiler(input=template, root=template.parent, font_paths=_fonts(), sys_inputs=handed)


@lru_cache
def _fonts() -> typst.Fonts:
    folders = [Path(str(files(package).joinpath(folder))) for package, folder in _FONTS]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)

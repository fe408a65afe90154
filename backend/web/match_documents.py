"""A match on paper, for people who decide there: the same facts and words as its page, in the reader's language."""

import re
from html import unescape
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from backend.core.clock import now
from backend.core.typesetting import typeset
from backend.deps import CurrentUser, Db, load
from backend.i18n import country_name as country
from backend.i18n import format_date, format_share, gettext, language_name, use_locale
from backend.matching import reading
from backend.matching.models import Match
from backend.templating import TEMPLATES, environment, reader_locale
from backend.web.matches import ShownMatch, ShownReason, ShownSide, advice_shown, shown

router = APIRouter()
TEMPLATE = TEMPLATES / "documents" / "match.typ"
_LANGUAGE = re.compile("[a-z]{2,3}")


@router.get("/matches/{id}/document.pdf")
def document(
    request: Request, db: Db, actor: CurrentUser, match: Annotated[Match, load(Match, "match.view")]
) -> Response:
    """As many pages as its reasons need."""
    at = now()
    data = document_data(match, reading.side_of(match, actor.roles), reader_locale(request), at=at)
    name = f"padan-{match.need.reference}-{match.listing.reference}.pdf"
    return Response(
        typeset(TEMPLATE, data, at=at),
        media_type="application/pdf",
        headers={
            "content-disposition": f'inline; filename="{re.sub("[^A-Za-z0-9.-]", "-", name)}"',
            "cache-control": "private, no-store",
        },
    )


def document_data(match: Match, side: reading.Side, locale: str, *, at: Any) -> dict[str, Any]:
    """Everything the template sets, already worded."""
    with use_locale(locale):
        said = _Words(locale)
        one = shown(match, side)
        return {
            "lang": _language(locale),
            "title": gettext("A match and its reasons"),
            "reference": gettext("Reference") + f": {match.need.reference} · {match.listing.reference}",
            "printed": gettext("Printed on") + " " + format_date(at, "long"),
            "score": one.score,
            "fit": f"{said('_reason', 'fit_words', one.score)}: {format_share(min(max(one.score, 0.01), 0.99))}",
            "there": said("_stated", "right_words", one.right_there, one.need.country),
            "sides": [
                _side(gettext("The need"), one.need, gettext("Seeker's name on request")),
                _side(gettext("The listing"), one.listing, gettext("Owner's name on request")),
            ],
            "groups": [
                {"title": title, "reasons": [_reason(said, reason) for reason in reasons]}
                for title, reasons in (
                    (gettext("Why it fits"), one.fits),
                    (gettext("What is missing"), one.missing),
                    (gettext("What is not known"), one.not_known),
                )
                if reasons
            ],
            "better": {
                "title": gettext("What would make this fit better"),
                "sides": (found := _better(said, one, match, side)),
                "none": "" if found else said("_advice", "nothing_helps"),
            },
            "notes": [
                gettext("What is not known never counts in favour. What you read here is information, not advice."),
                gettext(
                    "Sentences are quoted in the language they were written in, and that text is what counts; the"
                    " marked words carry the reason."
                ),
            ],
        }


class _Words:
    """The words of the pages' own macros as plain text, so that paper and screen cannot differ."""

    def __init__(self, locale: str) -> None:
        self.locale, self._modules = locale, dict[str, Any]()

    def __call__(self, template: str, macro: str, *arguments: Any) -> str:
        if template not in self._modules:
            found = environment().get_template(f"matches/{template}.html")
            self._modules[template] = found.make_module({"locale": self.locale})
        text = str(getattr(self._modules[template], macro)(*arguments))
        return " ".join(unescape(text).split())


def _side(heading: str, side: ShownSide, unnamed: str) -> dict[str, Any]:
    return {
        "heading": heading,
        "title": side.title,
        "lang": _language(side.language),
        "written": f"{gettext('Original language')}: {language_name(side.language)}",
        "who": f"{side.name or unnamed}, {country(side.country)}",
        "summary": side.summary or "",
    }


def _reason(said: _Words, reason: ShownReason) -> dict[str, Any]:
    lines: list[dict[str, Any]] = []
    for side, says, states in (
        ("need", gettext("The need says"), gettext("The need states")),
        ("listing", gettext("The listing says"), gettext("The listing states")),
    ):
        quoted = bool(reason.evidence[side])
        if quoted:
            pieces = [list(piece) for piece in reason.evidence[f"{side}_pieces"]]
        else:
            pieces = [[said("_stated", "stated", reason, side) or gettext("Nothing about this"), False]]
        lang = _language(reason.evidence[f"{side}_language"] if quoted else said.locale)
        lines.append({"heading": says if quoted else states, "lang": lang, "pieces": pieces, "quoted": quoted})
    bare = not any(line["quoted"] for line in lines) and reason.code in ("text_similarity", "shared_words")
    return {
        "verdict": reason.verdict.value,
        "word": said("_stated", "verdict_word", reason.verdict.value),
        "text": said("_reason", "sentence", reason),
        "lines": [] if bare else lines,
    }


def _better(said: _Words, one: ShownMatch, match: Match, side: reading.Side) -> list[dict[str, Any]]:
    return [
        {
            "title": said("_advice", "side_title", whose, side),
            "changes": [
                {
                    "text": said("_advice", "change_words", change),
                    "gain": said("_advice", "gain_words", change, one.score),
                }
                for change in changes
            ],
        }
        for whose, changes in advice_shown(match, side)
        if changes
    ]


def _language(code: str | None) -> str:
    """Typst takes two or three letters; anything else is nobody's language."""
    found = _LANGUAGE.match(code or "")
    return found.group(0) if found else "und"


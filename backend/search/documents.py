"""What of a record anyone may see, as one flat document: the only thing search and matching ever read.

Private terms never come here, nor the name of an anonymous owner, nor the register numbers that would give it away.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from backend.ip import classes
from backend.ip.territories import expand as expand_territories
from backend.ip.territories import is_country
from backend.ip.vocabularies import EXCLUSIVITY_OF_DEAL, RightKind, RightStatus, TermsVisibility
from backend.language.embed import content_hash as vector_key
from backend.language.embed import passage_text, query_text
from backend.language.lexicon import english
from backend.language.prose import Parted, parted
from backend.language.segment import segmented, visible
from backend.listings.models import IpRight, Listing
from backend.needs.models import Need
from backend.publication.states import State
from backend.search.copies import SKETCHED, listing_tokens, sketch
from backend.search.lexemes import compact_number, tokens, vector_literal

Record = Listing | Need

TEXT_MAX = 20_000
PLAIN_MAX = 1_000
VERSION = 4  # raised when documents are built differently, so that reconciling rebuilds them all


_UNREGISTERED = {RightKind.KNOW_HOW, RightKind.SOFTWARE, RightKind.COPYRIGHT_WORK}
_LONG = ("text", "words", "plain")
_TEXTS = (
    "summary", "problem", "description", "advantages", "economic_comparison", "applications", "partner_role",
)  # fmt: skip
_UNHASHED = {"sketch", "content_hash", "codes", "head", "vector", *_LONG}


@dataclass(frozen=True)
class EmbeddingText:
    """The text a record's vector is made of, the role the model reads it in, and the key the vector is kept under."""

    text: str
    role: str

    def key(self, model: str) -> bytes:
        return vector_key(model, self.text, "query" if self.role == "query" else "passage")


def visible_in_search(record: Record) -> bool:
    return record.state == State.PUBLISHED and record.published_at is not None


def embedding_text(record: Record) -> EmbeddingText:
    """A listing is read as a passage, its sentences only; a need as the question it is."""
    if isinstance(record, Listing):
        return _passage(record, _parted(record))
    return EmbeddingText(query_text(record.title, record.summary, record.description), "query")


def _parted(listing: Listing) -> dict[str, Parted]:
    """The texts of a listing, each in its sentences and its bare lists: a list of keywords buys no better match."""
    texts = {name: getattr(listing, name) or "" for name in _TEXTS}
    for at, right in enumerate(listing.rights):
        texts[f"rights.{at}.title"], texts[f"rights.{at}.goods"] = right.title or "", right.goods_services or ""
    return dict(zip(texts, parted([*texts.values()], listing.language), strict=True))


def _passage(listing: Listing, texts: Mapping[str, Parted]) -> EmbeddingText:
    read = (texts[name].prose for name in ("summary", "description", "problem", "advantages"))
    return EmbeddingText(passage_text(listing.title, *read), "passage")


def project(record: Record, today: date, model: str) -> dict[str, Any]:
    """The columns of one SearchDocument except `head`, `codes` and `vector`. `model` is the embedder's name."""
    owner = record.organisation
    fields: dict[str, Any] = {
        "id": record.id,
        "organisation_id": record.organisation_id,
        "reference": record.reference,
        "language": record.language,
        "title": record.title,
        "summary": record.summary,
        "owner_name": None if record.anonymous else owner.name,
        "owner_country": owner.country,
        "owner_kind": owner.kind,
        "owner_languages": _each(owner.languages),
        "verification_level": owner.verification_level,
        "open_for_interest": record.open_for_interest,
        "record_kind": record.kind,
        "deal_types": _each(record.deal_types),
        "sectors": _each(record.sectors),
        "sdgs": sorted(set(record.sdgs or ())),
        "published_at": record.published_at,
        "expires_at": record.expires_at,
    }
    fields |= _of_listing(record, today) if isinstance(record, Listing) else _of_need(record)
    body, names, numbers = fields.pop("body"), fields.pop("names"), fields.pop("numbers")
    keywords = " ".join([*(record.technology_keywords or ()), *(record.market_keywords or ())])
    known_as = "" if record.anonymous else "\n".join([owner.name, owner.local_name or "", *names])
    fields["text"] = visible("\n".join(filter(None, [record.title, record.summary, *body])))[:TEXT_MAX]
    if isinstance(record, Listing):
        texts = _parted(record)
        prose = "\n".join(one.prose for one in texts.values())
        meant = _in_english(record, prose)
        held = {name: tokens(one.prose, record.language) for name, one in texts.items()}
        summary = held.pop("summary")
        rest = [word for words in held.values() for word in words]
        # A title says each thing once.
        title = list(dict.fromkeys(tokens(record.title, record.language)))
        fields["words"] = vector_literal(
            [("A", title), ("B", summary), ("C", rest), ("D", known_as), *meant],
            numbers,
            record.language,
            keywords=keywords,
            listed="\n".join(one.listed for one in texts.values()),
        )
        # Most texts hold no list, and their words are at hand; the order is that of `listing_tokens`.
        whole = not any(texts[name].listed for name in SKETCHED)
        known = {"summary": summary, **held}
        fields["sketch"] = sketch(
            [word for name in SKETCHED for word in known[name]] if whole else listing_tokens(record)
        )
        fields["embedding_hash"] = _passage(record, texts).key(model)
    else:
        meant = _in_english(record, fields["text"])
        said = [("A", record.title), ("A", keywords), ("B", record.summary), ("C", "\n".join(body)), ("D", known_as)]
        fields["words"] = vector_literal([*said, *meant], numbers, record.language)
        fields["sketch"] = []
        fields["embedding_hash"] = embedding_text(record).key(model)
    fields["plain"] = " ".join([segmented(record.title), segmented(keywords), *numbers])[:PLAIN_MAX]
    fields["content_hash"] = content_hash(fields)
    return fields


def _in_english(record: Record, body: str) -> list[tuple[str, list[str]]]:
    """What a text in another language says, in English words, so that it is met by words from any language."""
    return [("A", list(dict.fromkeys(english(record.title, record.language)))), ("D", english(body, record.language))]


def content_hash(fields: Mapping[str, Any]) -> bytes:
    """Equal when nothing that anyone could find or see has changed."""
    held = {name: value for name, value in fields.items() if name not in _UNHASHED}
    plain = json.dumps([VERSION, held], sort_keys=True, default=_plain, ensure_ascii=False)
    whole = "\0".join([plain, *(str(fields.get(name, "")) for name in _LONG)])  # spared the quoting
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


def _each(values: Iterable[Any] | None) -> list[Any]:
    return list(dict.fromkeys(values or ()))


def _exclusivity(deal_types: Iterable[str], stated: Any = None) -> list[str]:
    granted = {deal.value: right.value for deal, right in EXCLUSIVITY_OF_DEAL.items()}
    values = [granted[deal] for deal in deal_types if deal in granted]
    if isinstance(stated, str) and stated:
        values.append(stated)
    return _each(values)


def _of_listing(listing: Listing, today: date) -> dict[str, Any]:
    rights = listing.rights
    public = listing.terms_visibility == TermsVisibility.PUBLIC and bool(listing.terms)
    ipc = _each(symbol for right in rights for symbol in [*(right.ipc or ()), *(right.cpc or ())])
    numbers = [] if listing.anonymous else [number for right in rights for number in _numbers_of(right)]
    return {
        "kind": "listing",
        "right_kinds": _each([listing.kind, *(right.kind for right in rights)]),
        "exclusivity": _exclusivity(
            listing.deal_types or (), (listing.terms or {}).get("exclusivity") if public else None
        ),
        "territories": _each(listing.territories),
        **_standing(rights, today),
        **_ended(listing, today),
        "partner_kinds": _each(listing.partner_kinds),
        "excluded_countries": sorted(_countries(listing.excluded_countries or ())),
        "trl": listing.trl,
        "stage": listing.stage,
        **_class_levels(ipc),
        "nice": sorted({number for right in rights for number in (right.nice or ())}),
        "green": bool(listing.green),
        "posted_terms": public,
        "body": [
            listing.problem,
            listing.description,
            listing.advantages,
            listing.economic_comparison,
            listing.applications,
            listing.partner_role,
            *(right.title or "" for right in rights),
            *(right.goods_services or "" for right in rights),
        ],
        "names": [name for right in rights for name in (right.owners or ())],
        "numbers": _each(numbers),
    }


def _of_need(need: Need) -> dict[str, Any]:
    wanted = " ".join(
        " ".join(str(row.get(name) or "") for name in ("parameter", "value", "value_to", "unit"))
        for row in (need.requirements or ())
    )
    return {
        "kind": "need",
        "right_kinds": _each(need.right_kinds),
        "exclusivity": _exclusivity(need.deal_types or ()),
        "territories": _each(need.used_in),
        "in_force": [],
        "pending": [],
        "unchecked": [],
        "exclusively_taken": [],
        "ended": [],
        "lapsed": False,
        "rights_until": None,
        "partner_kinds": _each(need.partner_kinds),
        "excluded_countries": [],
        "trl": need.min_trl,
        "stage": None,
        **_class_levels(_each(need.ipc)),
        "nice": [],
        "green": "green" in (need.sectors or ()),
        "posted_terms": False,
        "body": [need.description, need.why_needed, need.present_solution, need.site_conditions, wanted],
        "names": [],
        "numbers": [],
    }


def _class_levels(symbols: list[str]) -> dict[str, list[str]]:
    sections, middle = [], []
    for symbol in symbols:
        try:
            parsed = classes.parse(symbol)
        except classes.ClassError:
            continue  # an old row's class that the scheme no longer has
        sections.append(parsed.section)
        if parsed.class_:
            middle.append(parsed.class_)
    return {"ipc": symbols, "ipc_sections": sorted(set(sections)), "ipc_classes": sorted(set(middle))}


def _numbers_of(right: IpRight) -> Iterable[str]:
    for number in (right.publication_number, right.application_number, right.registration_number):
        if not number:
            continue
        compact = compact_number(number[:60])
        if compact:
            yield compact
            office = right.office.lower()
            yield compact.removeprefix(office) if compact.startswith(office) else office + compact


def _standing(rights: Iterable[IpRight], today: date) -> dict[str, list[str]]:
    """Where a right is in force, applied for, of unknown standing, or taken by somebody's exclusive licence."""
    found: dict[str, set[str]] = {"in_force": set(), "pending": set(), "unchecked": set(), "exclusively_taken": set()}
    for right in rights:
        if is_country(right.office):
            if right.status == RightStatus.GRANTED and (right.expires_on is None or right.expires_on >= today):
                found["in_force"].add(right.office)
            elif right.status in (RightStatus.PENDING, RightStatus.OPPOSED):
                found["pending"].add(right.office)
            elif right.status == RightStatus.NOT_CHECKED:
                found["unchecked"].add(right.office)
        for burden in right.encumbrances or ():
            if burden.get("kind") == "exclusive_licence" and not _over(burden.get("until"), today):
                found["exclusively_taken"] |= _countries(burden.get("territories") or [right.office])
    found["pending"] -= found["in_force"]
    found["unchecked"] -= found["in_force"] | found["pending"]
    return {name: sorted(codes) for name, codes in found.items()}


def _ended(listing: Listing, today: date) -> dict[str, Any]:
    """Where nothing is left to license, because what was protected there no longer is.

    Know-how, software and works are licensed all the same, so beside them a lapsed patent refuses nothing.
    """
    rights = listing.rights
    if {listing.kind, *(right.kind for right in rights)} & _UNREGISTERED:
        return {"ended": [], "lapsed": False, "rights_until": None}
    over = [right for right in rights if _is_over(right, today)]
    alive = [right for right in rights if right not in over]
    ends = [right.expires_on for right in alive]
    return {
        "ended": sorted({r.office for r in over if is_country(r.office)} - {r.office for r in alive}),
        "lapsed": bool(over) and not alive,
        "rights_until": max(day for day in ends if day) if ends and all(ends) else None,
    }


def _is_over(right: IpRight, today: date) -> bool:
    live = (RightStatus.GRANTED, RightStatus.PENDING, RightStatus.OPPOSED, RightStatus.NOT_CHECKED)
    return right.status not in live or (right.expires_on is not None and right.expires_on < today)


def _over(until: Any, today: date) -> bool:
    try:
        return until is not None and date.fromisoformat(str(until)[:10]) < today
    except ValueError:
        return False


def _countries(codes: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for code in codes:
        try:
            found |= expand_territories([code])
        except ValueError:
            continue
    return found

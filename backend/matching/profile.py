"""What matching knows of one side, as plain data: the same shape for a need and for a listing, built from rows once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from backend.ip.territories import expand, is_territory
from backend.language.embed import Vectors, query_text
from backend.language.lexicon import Concept, concepts
from backend.language.segment import terms
from backend.search.documents import embedding_text

if TYPE_CHECKING:
    from backend.listings.models import Listing
    from backend.needs.models import Need
    from backend.search.models import SearchDocument

# Of a need's words, how many are looked up. The rarest are kept; more only cost time.
MAX_WORDS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One side of a match. `states` are where a need will be used or where a listing is offered (empty: anywhere)."""

    id: UUID
    side: Literal["need", "listing"]
    organisation_id: UUID | None = None
    country: str | None = None
    language: str = "en"
    title: str = ""
    text: str = ""
    words: Mapping[str, int] = field(default_factory=dict)
    concepts: Mapping[Concept, int] = field(default_factory=dict)
    vector: Vectors | None = None
    states: frozenset[str] = frozenset()
    right_kinds: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    nice: frozenset[int] = frozenset()
    deal_types: frozenset[str] = frozenset()
    exclusivity: frozenset[str] = frozenset()
    licence_terms: Mapping[str, Any] | None = None
    trl: int | None = None
    sectors: frozenset[str] = frozenset()
    sdgs: frozenset[int] = frozenset()
    green: bool = False
    requirements: tuple[Mapping[str, Any], ...] = ()
    in_force: frozenset[str] = frozenset()
    pending: frozenset[str] = frozenset()
    unchecked: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()
    ended: frozenset[str] = frozenset()
    # Who it is, and whom it would rather have: the same questions to both sides.
    kind: str | None = None
    languages: frozenset[str] = frozenset()
    partner_kinds: frozenset[str] = frozenset()
    partner_countries: frozenset[str] = frozenset()
    excluded_countries: frozenset[str] = frozenset()
    # A need's purse in minor units and last day for answers; a listing's last day and that of its rights.
    budget_min: int | None = None
    budget_max: int | None = None
    currency: str | None = None
    deadline: date | None = None
    open_until: date | None = None
    rights_until: date | None = None

    @property
    def places(self) -> frozenset[str]:
        """Where a deal with this side would take place: where a need will be used, else where the side is at home."""
        return self.states if self.side == "need" and self.states else frozenset({self.country} if self.country else ())


def need_text(need: Need) -> str:
    """What of a need is embedded (role "query")."""
    return query_text(need.title, need.summary, need.description)


def listing_text(listing: Listing) -> str:
    """What of a listing is embedded (role "passage")."""
    return embedding_text(listing).text


def profile_of_need(need: Need, vector: Vectors | None = None, *, read: bool = True) -> Profile:
    """Everything a need says. Where it names no state of use, its organisation's own state is meant. Taking the text
    apart costs more than all the rest: with `read` off it is left out, for a need whose words are known."""
    keywords = [*need.technology_keywords, *need.market_keywords]
    body = _joined(need.summary, need.description, need.why_needed, need.site_conditions)
    whole = "\n".join([need.title, *keywords, body])
    return Profile(
        id=need.id,
        side="need",
        organisation_id=need.organisation_id,
        country=need.organisation.country if need.organisation else None,
        language=need.language,
        title=need.title,
        text=body,
        concepts=Counter(concepts(whole, need.language)) if read else {},
        vector=vector,
        states=_countries(need.used_in or ([need.organisation.country] if need.organisation else [])),
        right_kinds=frozenset(need.right_kinds or ()),
        classes=frozenset(need.ipc or ()),
        deal_types=frozenset(need.deal_types or ()),
        exclusivity=_wanted(need.ip_expectation),
        licence_terms=need.terms,
        trl=need.min_trl,
        sectors=frozenset(need.sectors or ()),
        sdgs=frozenset(need.sdgs or ()),
        green="green" in (need.sectors or ()),
        requirements=tuple(need.requirements or ()),
        kind=need.organisation.kind if need.organisation else None,
        languages=_spoken(need.language, need.organisation.languages if need.organisation else ()),
        partner_kinds=frozenset(need.partner_kinds or ()),
        partner_countries=_countries(need.partner_countries or ()),
        budget_min=need.budget_min,
        budget_max=need.budget_max,
        currency=need.currency,
        deadline=need.deadline,
    )


def profile_of_document(
    row: SearchDocument | Any, *, vector: Vectors | None = None, licence_terms: Mapping[str, Any] | None = None
) -> Profile:
    """A listing as the search document shows it: only what anyone may see, plus terms the seeker may read."""
    return Profile(
        id=row.id,
        side="listing",
        organisation_id=row.organisation_id,
        country=row.owner_country,
        language=row.language,
        title=row.title,
        text=getattr(row, "text", "") or "",
        vector=vector,
        states=frozenset(row.territories or ()),
        right_kinds=frozenset(row.right_kinds or ()),
        classes=frozenset(row.ipc or ()),
        nice=frozenset(row.nice or ()),
        deal_types=frozenset(row.deal_types or ()),
        exclusivity=frozenset(row.exclusivity or ()),
        licence_terms=licence_terms,
        trl=row.trl,
        sectors=frozenset(row.sectors or ()),
        sdgs=frozenset(row.sdgs or ()),
        green=bool(row.green),
        in_force=frozenset(row.in_force or ()),
        pending=frozenset(row.pending or ()),
        unchecked=frozenset(row.unchecked or ()),
        taken=frozenset(row.exclusively_taken or ()),
        ended=frozenset(row.ended or ()),
        kind=row.owner_kind,
        languages=_spoken(row.language, row.owner_languages),
        partner_kinds=frozenset(row.partner_kinds or ()),
        partner_countries=_countries(row.territories or ()),
        excluded_countries=frozenset(row.excluded_countries or ()),
        open_until=row.expires_at.date() if row.expires_at else None,
        rights_until=row.rights_until,
    )


def counted(text: str, language: str | None = None) -> dict[str, int]:
    """Content words of a text with how often each stands in it."""
    counts: dict[str, int] = {}
    for word in terms(text, language):
        counts[word] = counts.get(word, 0) + 1
    return counts


def _countries(codes: Iterable[str]) -> frozenset[str]:
    return frozenset(country for code in codes if is_territory(code) for country in expand([code]))


def _spoken(written: str, others: Iterable[str] | None) -> frozenset[str]:
    """The languages a side can work in: those of its organisation and the one it wrote in; empty when not stated."""
    return frozenset({written, *others}) if others else frozenset()


def _wanted(expectation: str | None) -> frozenset[str]:
    return frozenset() if expectation in (None, "", "no_preference") else frozenset({expectation})


def _joined(*parts: str | None) -> str:
    kept: Sequence[str] = [part.strip() for part in parts if part and part.strip()]
    if len(kept) > 1 and kept[1].startswith(kept[0].rstrip(". …")):
        kept = kept[1:]
    return "\n".join(kept)

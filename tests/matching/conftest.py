"""Listings on offer and needs asked, as the services leave them behind, without the forms."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from backend.core.clock import now
from backend.core.ids import new_id
from backend.listings.models import IpRight, Listing
from backend.needs.models import Need
from backend.search.embedding import embed_batch
from backend.search.projection import converge

Make = Callable[..., Any]


@pytest.fixture
def offer(db: Session) -> Make:
    """`offer(alice, "title", "text", rights={"TH": "granted"}, ...)`: a published listing, indexed and embedded."""

    def make(who: Any, title: str, text: str = "", *, rights: dict[str, str] | None = None, **fields: Any) -> Listing:
        encumbrances = fields.pop("encumbrances", [])
        listing = Listing(
            id=new_id(), reference=new_id().hex, organisation=who.organisation, organisation_id=who.organisation.id,
            state="published", published_at=now(), expires_at=now() + timedelta(days=365), title=title,
            description=text, **fields,
        )
        listing.rights = [
            IpRight(position=at, kind="patent", office=office, status=status, encumbrances=encumbrances)
            for at, (office, status) in enumerate((rights or {}).items())
        ]
        db.add(listing)
        db.flush()
        converge(db, "listing", [listing.id])
        embed_batch(db)
        return listing

    return make


@pytest.fixture
def ask(db: Session) -> Make:
    """`ask(bob, "title", "text", ...)`: a need as its author just posted it; `state="published"` for all to see."""

    def make(who: Any, title: str, text: str = "", **fields: Any) -> Need:
        if fields.get("state") == "published":
            fields |= {"published_at": now(), "expires_at": now() + timedelta(days=180)}
        need = Need(
            id=new_id(), reference=new_id().hex, organisation=who.organisation, organisation_id=who.organisation.id,
            title=title, description=text, **fields,
        )
        db.add(need)
        db.flush()
        converge(db, "need", [need.id])
        embed_batch(db)
        return need

    return make

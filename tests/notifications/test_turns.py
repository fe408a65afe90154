"""What is told comes in the order of the page: of equals, the owner shown least of late comes first."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from backend.core.clock import now, today
from backend.core.ids import new_id
from backend.listings.models import Listing
from backend.matching.models import ExposureDay, Match
from backend.needs.models import Need
from backend.notifications import service as notifications


def test_of_equals_the_match_of_the_owner_shown_least_is_told_first(
    db: Session, match: Match, need: Need, alice: Any, tita: Any, bob: Any, keys_of: Any
) -> None:
    listing = Listing(
        id=new_id(), reference=new_id().hex, organisation=tita.organisation, organisation_id=tita.organisation.id,
        title="A filter from Manila", state="published", published_at=now(), expires_at=now() + timedelta(days=90),
    )
    other = Match(need=need, listing=listing, score=Decimal("0.799"), reasons=[])
    yesterday = today() - timedelta(days=1)
    db.add_all([listing, other, ExposureDay(organisation_id=alice.organisation.id, day=yesterday, exposure=20.0)])
    db.flush()
    notifications.tell_matches_of(db, need)
    assert keys_of(bob) == [f"match.found:{other.id}", f"match.found:{match.id}"]

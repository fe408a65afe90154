"""How often something may be tried, counted in PostgreSQL so that all web processes count together.

Each count is a transaction of its own: a request that fails and rolls back was still an attempt. When the count cannot
be kept, the attempt is refused.
"""

import hashlib
import ipaddress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, delete, event, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from backend.accounts.models import RateCount
from backend.core import clock
from backend.core.db import database_url, new_engine
from backend.core.errors import TooMany, Unavailable
from backend.core.settings import settings
from backend.i18n import _

KEPT = timedelta(days=2)  # longer than the longest window


@lru_cache
def _engine(url: str) -> Engine:
    """A pool of its own: a request that holds a connection must never wait for a second one from the same pool.

    A count lost in a power cut harms nobody, so nobody waits for the disk either.
    """
    engine = new_engine(url)

    @event.listens_for(engine, "connect")
    def do_not_wait_for_the_disk(connection: Any, _record: object) -> None:
        connection.execute("SET synchronous_commit TO off")
        connection.commit()

    return engine.execution_options(isolation_level="AUTOCOMMIT")


def account(email: str) -> str:
    """The key of an account or an address not known yet. Hashed: the table shall not be a list of people."""
    return hashlib.sha256(email.encode()).hexdigest()[:32]


def network(address: str | None) -> str:
    """The key of a network address. An IPv6 customer holds a whole /64, so that is what counts as one."""
    try:
        ip = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def _window(seconds: int, now: datetime) -> datetime:
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)


def check(key: str, *, limit: int, seconds: int, now: datetime | None = None) -> None:
    """Count one attempt in the current window; raises TooMany past the limit and Unavailable if counting fails."""
    now = now or clock.now()
    start = _window(seconds, now)
    counted = (
        insert(RateCount)
        .values(key=key, window_start=start, count=1)
        .on_conflict_do_update(index_elements=["key", "window_start"], set_={"count": RateCount.count + 1})
        .returning(RateCount.count)
    )
    try:
        with _engine(database_url()).connect() as connection:
            count = connection.execute(counted).scalar_one()
    except SQLAlchemyError as error:
        raise Unavailable(_("Padan cannot answer right now. Please try again in a minute.")) from error
    if count > limit:
        left = int((start + timedelta(seconds=seconds) - now).total_seconds()) + 1
        raise TooMany(_("Too many attempts. Please wait a while and try again."), retry_after=max(1, left))


def give_back(key: str, *, seconds: int, now: datetime | None = None) -> None:
    """Uncount an attempt that turned out to be the rightful person's, so that honest use never adds up to a refusal."""
    one_less = text(
        "UPDATE rate_count SET count = count - 1 WHERE key = :key AND window_start = :start AND count > 0"
    )
    with _engine(database_url()).connect() as connection:
        connection.execute(one_less, {"key": key, "start": _window(seconds, now or clock.now())})


def check_login(email: str, address: str | None, now: datetime | None = None) -> None:
    """10 in 5 minutes for one account, 20 for one network. Counted before the password is looked at."""
    check(f"login:{account(email)}", limit=10, seconds=300, now=now)
    check(f"login-from:{network(address)}", limit=20 * settings().address_limits_times, seconds=300, now=now)


def forgive_login(email: str, address: str | None, now: datetime | None = None) -> None:
    give_back(f"login:{account(email)}", seconds=300, now=now)
    give_back(f"login-from:{network(address)}", seconds=300, now=now)


def check_mail_request(email: str, address: str | None, now: datetime | None = None) -> None:
    """Mails asked for by somebody who is not signed in: 5 a day to one address, 10 an hour from one network."""
    check(f"mail-from:{network(address)}", limit=10 * settings().address_limits_times, seconds=3600, now=now)
    check(f"mail:{account(email)}", limit=5, seconds=86_400, now=now)


def check_registration(address: str | None, now: datetime | None = None) -> None:
    """5 in 30 minutes from one network."""
    check(f"register-from:{network(address)}", limit=5 * settings().address_limits_times, seconds=1800, now=now)


def check_invitations(organisation_id: UUID, now: datetime | None = None) -> None:
    """30 an hour from one organisation: Padan writes to people who did not ask, in the inviter's words."""
    check(f"invite:{organisation_id}", limit=30, seconds=3600, now=now)


def sweep(session: Session, now: datetime) -> None:
    """Forget windows that ended long ago."""
    session.execute(delete(RateCount).where(RateCount.window_start < now - KEPT))

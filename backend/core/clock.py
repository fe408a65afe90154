"""The one place that asks what time it is; everything else takes time as a parameter or asks here."""

from datetime import UTC, date, datetime


def now() -> datetime:
    return datetime.now(UTC)


def today() -> date:
    """Today in UTC. Deadlines of people are shown in their own zone, stored in this one."""
    return now().date()

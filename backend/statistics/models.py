"""The public figures of a day, as they were computed; the page and the API only read the newest row."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from backend.core.clock import now
from backend.core.db import Base


class PublicFigures(Base):
    __tablename__ = "public_figures"

    day: Mapped[date] = mapped_column(primary_key=True)
    figures: Mapped[dict[str, Any]]
    computed_at: Mapped[datetime] = mapped_column(default=now)

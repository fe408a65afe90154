"""The public figures over the API: the same row that the page shows."""

from datetime import date, datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from backend.api.strict import StrictRoute
from backend.deps import Db, permit
from backend.statistics import service

router = APIRouter(tags=["statistics"], route_class=StrictRoute)


class Part(BaseModel):
    code: str = Field(description='A country (ISO 3166-1 alpha-2), a language (BCP 47), or "other": those too few.')
    listings: int
    needs: int


class ExposureShare(BaseModel):
    group: str
    organisations: int = Field(ge=service.LEAST)
    exposure: float = Field(description="Share of all attention, a place in a list counting 1 / log2(place + 1).")
    by_score_alone: float = Field(description="What that share would be if equally good matches took no turns.")
    merit: float = Field(description="What it would be if each list gave its attention by score.")
    ratio: float | None = Field(description="Exposure over merit: 1 is shown as it merits.")


class Exposure(BaseModel):
    by_size: list[ExposureShare] = Field(description="micro, small, medium, large, research, other.")
    by_listings: list[ExposureShare] = Field(description="By how many listings an organisation has on offer.")


class GivenReason(BaseModel):
    code: str
    answers: int


class Answers(BaseModel):
    useful: float = Field(description="Share of the answers that called a match useful.")
    reasons: list[GivenReason] = Field(description="Why others were not, as far as five people said so.")


class Figures(BaseModel):
    listings: int
    needs: int
    matches: int
    matches_across_borders: int
    member_states: int
    languages: int
    by_state: list[Part]
    by_language: list[Part]
    exposure: Exposure
    answers: Answers | None
    hours_to_answer: float | None = Field(description="Median, from being told of a match to answering it.")
    hours_to_review: float | None = Field(description="Median, from handing in a listing to its publication.")


class Statistics(BaseModel):
    model_config = ConfigDict(extra="forbid")

    day: date | None = Field(description="Null until the figures have been computed for the first time.")
    computed_at: datetime | None
    figures: Figures | None


@router.get("/statistics", response_model=Statistics, dependencies=[permit("page.view")])
def show(db: Db) -> dict[str, Any]:
    """The newest public figures. Groups of fewer than five organisations or people are joined or left out."""
    found = service.latest(db)
    if found is None:
        return {"day": None, "computed_at": None, "figures": None}
    return {"day": found.day, "computed_at": found.computed_at, "figures": found.figures}

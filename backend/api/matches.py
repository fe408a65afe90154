"""Matches over the API, each with its reasons as codes, verdicts, weights and the evidence of both sides."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from backend.api.strict import StrictRoute
from backend.deps import CurrentUser, Db, permit
from backend.matching import reading
from backend.matching.advice import advice
from backend.matching.models import Match
from backend.matching.order import Placed

router = APIRouter(tags=["matches"], route_class=StrictRoute)


class ListingBrief(BaseModel):
    id: UUID
    title: str
    owner_country: str = Field(description="ISO 3166-1 alpha-2")


class NeedBrief(BaseModel):
    id: UUID
    title: str
    seeker_country: str


class ReasonShown(BaseModel):
    code: str
    verdict: Literal["MATCH", "GAP", "UNKNOWN"]
    weight: float = Field(description="In log-odds: what a MATCH adds and a GAP takes; an UNKNOWN does neither.")
    evidence: dict[str, Any] = Field(
        description="What each side says, quoted or as codes, and the facts compared. `marks` holds for each side the"
        " words of the quotation that carry the reason: [start, end) in characters."
    )


class ChangeShown(BaseModel):
    """One change that a side could make by itself."""

    code: str = Field(description="The point it is about: the code of a reason.")
    move: str = Field(description="What to do about it: state, offer, accept, reach, extend and the like.")
    effect: float = Field(description="What the score would gain by it.")
    sure: bool = Field(description="False where the score only rises if what is then stated fits.")
    facts: dict[str, Any] = Field(description="What is wanted and what is offered, as codes and figures.")


class AdviceShown(BaseModel):
    """What would make the match fit better, each side's changes apart, the largest effect first."""

    seeker: list[ChangeShown]
    owner: list[ChangeShown]


class Moved(BaseModel):
    """What an answer of yours changed in the match's place in your list; its score is everybody's."""

    code: str = Field(description='The reason you gave, or "useful".')
    direction: Literal["lower", "higher"]
    because_of: UUID = Field(description="The match that you answered.")


class MatchShown(BaseModel):
    id: UUID
    listing: ListingBrief
    need: NeedBrief | None = None
    score: float = Field(ge=0, le=1)
    reasons: list[ReasonShown]
    advice: AdviceShown | None = None
    moved: list[Moved] | None = None


class MatchesOfNeed(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "ready",
                    "items": [
                        {
                            "id": "0199d1d2-7a5b-7c11-8f0e-3b1f6c0d2a10",
                            "listing": {
                                "id": "0199d1d2-7a5b-7c11-8f0e-3b1f6c0d2a11",
                                "title": "Máy sấy lúa năng lượng mặt trời",
                                "owner_country": "VN",
                            },
                            "score": 0.83,
                            "reasons": [
                                {
                                    "code": "territory",
                                    "verdict": "UNKNOWN",
                                    "weight": 0.35,
                                    "evidence": {"state": "TH", "status": "pending"},
                                }
                            ],
                        }
                    ],
                }
            ]
        }
    )

    status: Literal["pending", "ready"]
    items: list[MatchShown]


class MatchPage(BaseModel):
    items: list[MatchShown]
    next_cursor: str | None = None


def placed_shown(one: Placed) -> dict[str, Any]:
    moved = [
        {"code": move.code, "direction": move.direction, "because_of": move.because.match_id}
        for move in one.adjustments
    ]
    return match_shown(one.match) | ({"moved": moved} if moved else {})


def advice_shown(match: Match) -> dict[str, Any]:
    found = advice(match.reasons)
    return {
        side: [
            {"code": one.code, "move": one.move, "effect": one.effect, "sure": one.sure, "facts": dict(one.data)}
            for one in changes
        ]
        for side, changes in (("seeker", found.seeker), ("owner", found.owner))
    }


def match_shown(match: Match, *, with_need: bool = False) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": match.id,
        "listing": {
            "id": match.listing_id,
            "title": match.listing.title,
            "owner_country": match.listing.organisation.country,
        },
        "score": float(match.score),
        "reasons": [
            {
                "code": row["code"],
                "verdict": row["verdict"],
                "weight": row["weight"],
                "evidence": {**(row.get("data") or {}), **(row.get("evidence") or {})},
            }
            for row in match.reasons
        ],
        "advice": advice_shown(match),
    }
    if with_need:
        shown["need"] = {
            "id": match.need_id,
            "title": match.need.title,
            "seeker_country": match.need.organisation.country,
        }
    return shown


@router.get(
    "/matches", response_model=MatchPage, response_model_exclude_unset=True, dependencies=[permit("account.view")]
)
def index(
    db: Db,
    actor: CurrentUser,
    side: Annotated[Literal["seeker", "owner"] | None, Query(description="Whose eyes; both when left out.")] = None,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 30,
) -> dict[str, Any]:
    """The matches of your needs and, once you have been told of them, of your listings; the newest first."""
    after = reading.read_cursor(cursor) if cursor else None
    found = reading.matches_of(db, actor.roles, side=side, after=after, limit=limit + 1)
    rows = found[:limit]
    return {
        "items": [match_shown(match, with_need=True) for match in rows],
        "next_cursor": reading.cursor_of(rows[-1]) if len(found) > limit else None,
    }

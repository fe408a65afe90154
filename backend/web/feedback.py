"""What one said of matches, all of it in one place, and taking it back."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from backend.deps import CurrentUser, Db, load, permit
from backend.i18n import _
from backend.matching import feedback
from backend.matching.models import MatchFeedback
from backend.matching.personal import ALIKE
from backend.policy import allows
from backend.templating import page
from backend.web.forms import Posted, flash, safe_next, to

router = APIRouter()


@router.get("/matches/answers", dependencies=[permit("account.view")])
def index(request: Request, db: Db, actor: CurrentUser) -> HTMLResponse:
    """A match that the person may not see any more keeps its answer, without its title."""
    rows = [(answer, allows(actor, "match.view", answer.match)) for answer in feedback.answers_of(db, actor)]
    return page(request, "matches/answers.html", answers=rows, speaking_codes=tuple(ALIKE))


@router.post("/matches/answers/{id}/withdrawal")
def withdraw(
    request: Request,
    db: Db,
    actor: CurrentUser,
    form: Posted,
    answer: Annotated[MatchFeedback, load(MatchFeedback, "match_feedback.withdraw")],
) -> Response:
    feedback.withdraw(db, answer, actor=actor)
    flash(request, _("Your answer is taken back, and with it what it changed in your lists."))
    return to(safe_next(str(form.get("_back") or ""), "/matches/answers"))

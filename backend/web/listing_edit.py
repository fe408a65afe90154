"""The two ways to fill in a listing: twelve plain questions, or one full form. Nothing typed in either is lost."""

from collections.abc import Iterable
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from backend.core.errors import FieldError, Forbidden, Invalid, NotFound
from backend.deps import CurrentUser, Db, load, permit
from backend.i18n import _
from backend.ip.territories import MEMBER_STATES
from backend.listings import service
from backend.listings.models import Listing
from backend.listings.schemas import ENCUMBRANCES, ListingInput
from backend.publication import service as publication
from backend.publication.quality import blockers
from backend.publication.states import State
from backend.templating import page, reader_locale, url
from backend.web import listing_form
from backend.web.forms import Form, Posted, flash, to
from backend.web.listing_guide import STEPS, first_open, step_of

router = APIRouter()


# Beginning --------------------------------------------------------------------------------------------------------


@router.get("/listings/new", dependencies=[permit("listing.create")])
def new(request: Request) -> HTMLResponse:
    return page(request, "listings/new.html", form=Form({"kind": "patent"}))


@router.post("/listings", dependencies=[permit("listing.create")])
def create(request: Request, db: Db, actor: CurrentUser, form: Posted) -> Response:
    """Begin a draft, either way."""
    if actor.organisation is None:
        raise Forbidden(_("Join or create an organisation first."))
    right, _wrong, errors = service.sorted_out({"kind": str(form.get("kind") or "patent")})
    if errors:
        return page(request, "listings/new.html", status=422, form=Form(form, errors))
    listing = service.create(db, actor, actor.organisation, ListingInput.model_validate(right))
    return to(f"/listings/{listing.id}/edit" if form.get("_way") == "full" else f"/listings/{listing.id}/guide/1")


# The guided way ---------------------------------------------------------------------------------------------------


@router.get("/listings/{id:uuid}/guide")
def resume_guide(db: Db, listing: Annotated[Listing, load(Listing, "listing.edit")]) -> RedirectResponse:
    """Go on where one left: at the first question that still needs an answer."""
    step = first_open(service.findings(db, listing))
    return to(f"/listings/{listing.id}/guide/{step or 'check'}")


@router.get("/listings/{id:uuid}/guide/check")
def check_guide(request: Request, db: Db, listing: Annotated[Listing, load(Listing, "listing.edit")]) -> HTMLResponse:
    return check_page(request, db, listing)


@router.get("/listings/{id:uuid}/guide/{step:int}")
def guide(
    request: Request, step: int, listing: Annotated[Listing, load(Listing, "listing.edit")], add: str = ""
) -> Response:
    if listing.state not in (State.DRAFT, State.RETURNED):
        return to(f"/listings/{listing.id}/edit")
    values = listing_form.with_row_added(listing_form.shown_values(listing), add)
    return _guide_page(request, listing, step, values, listing_form.waiting_errors(listing))


@router.post("/listings/{id:uuid}/guide/{step:int}")
def answer_guide(
    request: Request,
    db: Db,
    actor: CurrentUser,
    form: Posted,
    step: int,
    listing: Annotated[Listing, load(Listing, "listing.edit", lock=True)],
) -> Response:
    """Keep the answer whatever it is; go on unless it cannot be taken as it stands."""
    fields = _step(step).fields
    raw = listing_form.raw_of(form, listing, fields, reader_locale(request))
    errors = listing_form.beside_controls(service.save_draft(db, actor, listing, raw))
    if form.get("_add") or form.get("_remove"):
        return _rows_again(f"/listings/{listing.id}/guide/{step}", form)
    action = form.get("_action")
    if errors and action not in ("back", "leave"):
        values = listing_form.shown_values(listing, raw)
        return _guide_page(request, listing, step, values, errors, status=422)
    if action == "leave":
        flash(request, _("Your draft is saved. You can go on from your dashboard."))
        return to("/dashboard")
    following = step - 1 if action == "back" else step + 1
    if following < 1:
        return to(f"/listings/{listing.id}")
    return to(f"/listings/{listing.id}/guide/{following if following <= len(STEPS) else 'check'}")


# The full form ----------------------------------------------------------------------------------------------------


@router.get("/listings/{id:uuid}/edit")
def edit(
    request: Request, db: Db, listing: Annotated[Listing, load(Listing, "listing.edit")], add: str = ""
) -> HTMLResponse:
    values = listing_form.with_row_added(listing_form.shown_values(listing), add)
    return _edit_page(request, db, listing, values, listing_form.waiting_errors(listing))


@router.post("/listings/{id:uuid}/edit")
def update(
    request: Request,
    db: Db,
    actor: CurrentUser,
    form: Posted,
    listing: Annotated[Listing, load(Listing, "listing.edit", lock=True)],
) -> Response:
    """Save, save as a draft, or save and submit; "add" and "remove" only change the rows shown."""
    raw = listing_form.raw_of(form, listing, locale=reader_locale(request))
    values = listing_form.shown_values(listing, raw)
    version = _number(form.get("_version"))
    try:
        if form.get("_add") or form.get("_remove") or form.get("_action") == "draft":
            service.save_draft(db, actor, listing, raw, version)
            if form.get("_action") == "draft":
                flash(request, _("Your draft is saved."))
                return to(f"/listings/{listing.id}/edit")
            return _rows_again(f"/listings/{listing.id}/edit", form)
        _right, _wrong, errors = service.sorted_out(raw)
        if errors:
            service.save_draft(db, actor, listing, raw, version)
            return _edit_page(request, db, listing, values, errors, status=422)
        service.update(db, actor, listing, ListingInput.model_validate(raw), version)
        if form.get("_action") == "submit":
            publication.submit(db, listing, actor=actor)
            flash(request, _("Handed to the reviewers. That takes about three working days."))
        else:
            flash(request, _("Saved."))
    except service.ChangedMeanwhile as error:
        return _edit_page(request, db, listing, values, [FieldError("", error.code, error.message)], status=409)
    except Invalid as error:
        if listing.state in (State.PUBLISHED, State.ON_HOLD):
            service.save_draft(db, actor, listing, raw)
        return _edit_page(request, db, listing, values, error.findings, status=422)
    return to(f"/listings/{listing.id}")


@router.post("/listings/{id:uuid}/draft")
def save_draft(
    request: Request,
    db: Db,
    actor: CurrentUser,
    form: Posted,
    listing: Annotated[Listing, load(Listing, "listing.edit", lock=True)],
) -> Response:
    """What one types is kept as one types; nothing is refused here but what somebody else has changed meanwhile."""
    step = _number(form.get("_step"))
    fields = _step(step).fields if step else service.FIELDS
    raw = listing_form.raw_of(form, listing, fields, reader_locale(request))
    service.save_draft(db, actor, listing, raw, None if step else _number(form.get("_version")))
    return Response(status_code=204, headers={"X-Saved": listing.updated_at.isoformat()})


# ------------------------------------------------------------------------------------------------------------------


def _edit_page(
    request: Request, db: Db, listing: Listing, values: Any, errors: Iterable[FieldError] = (), status: int = 200
) -> HTMLResponse:
    """The form; the gate's advice stands beside each field."""
    form = Form(values, listing_form.beside_controls(list(errors)), service.findings(db, listing))
    return page(
        request, "listings/edit.html", status=status, listing=listing, form=form, states=list(MEMBER_STATES),
        encumbrance_words=ENCUMBRANCES,
    )


def _guide_page(
    request: Request, listing: Listing, step: int, values: Any, errors: list[FieldError], status: int = 200
) -> HTMLResponse:
    question = _step(step)
    here = [error for error in errors if error.field.split(".")[0] in question.fields]
    return page(
        request, "listings/guide.html", status=status, listing=listing, step=step, steps=len(STEPS), question=question,
        form=Form(values, here), states=list(MEMBER_STATES),
    )


def check_page(request: Request, db: Db, listing: Listing, status: int = 200) -> HTMLResponse:
    found = service.findings(db, listing)
    must = [finding for finding in blockers(found) if not finding.person_decides]
    return page(
        request, "listings/check.html", status=status, listing=listing, findings=found, must=must, step_of=step_of,
        steps=STEPS, waiting=listing_form.waiting_errors(listing),
    )


def _rows_again(path: str, form: Any) -> RedirectResponse:
    """Back to the form with one row more or less; a redirect, so that going back never asks to send it again."""
    name = str(form.get("_add") or "")
    removed = str(form.get("_remove") or "").rpartition("-")[0]
    return to(url(path, add=name if name in listing_form.ROWS else None) + f"#{quote(name or removed)}")


def _step(number: int) -> Any:
    if not 1 <= number <= len(STEPS):
        raise NotFound(_("There is nothing here."))
    return STEPS[number - 1]


def _number(value: Any) -> int | None:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10 else None

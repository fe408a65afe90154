"""A person's own room: name, language and mails, password and address, where they are signed in, and their tokens.

Whatever could take the account over asks for the password again.
"""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from backend.accounts import ratelimit, schemas, service, sessions, tokens
from backend.accounts.actor import Actor
from backend.accounts.models import ApiToken, LoginSession
from backend.core.clock import now
from backend.core.errors import Invalid
from backend.deps import CurrentUser, Db, load, permit
from backend.i18n import UI_LOCALES, _
from backend.templating import page
from backend.web.accounts import shown
from backend.web.forms import Form, Posted, flash, to, unflatten
from backend.web.middleware import YEAR, cookie
from backend.web.session import address_of, agent_of, clear_session_cookie, set_session_cookie

router = APIRouter()


def _confirm(request: Request, db: Session, actor: Actor, password: object) -> None:
    """Raises Invalid beside `current_password`; counted like a sign-in, because it is one."""
    ratelimit.check_login(actor.user.email, address_of(request))
    service.confirm_password(db, actor.user, str(password or ""))
    ratelimit.forgive_login(actor.user.email, address_of(request))


@router.get("/profile", dependencies=[permit("account.view")])
def profile(request: Request, actor: CurrentUser) -> HTMLResponse:
    return _profile(request, Form(_own(actor)))


def _own(actor: Actor) -> dict[str, str]:
    return {"name": actor.user.name, "locale": actor.user.locale, "notify": actor.user.notify}


def _profile(request: Request, form: Form, account: Form | None = None, status: int = 200) -> HTMLResponse:
    locales = list(UI_LOCALES.items())
    return page(
        request, "accounts/profile.html", status=status, form=form, account=account or Form(), locales=locales
    )


@router.post("/profile", dependencies=[permit("account.edit")])
def edit(request: Request, db: Db, actor: CurrentUser, posted: Posted) -> Response:
    values = unflatten(posted)
    try:
        given = schemas.read_profile(values)
    except Invalid as error:
        return _profile(request, shown(values, error), status=422)
    service.edit_profile(db, actor, given)
    flash(request, _("Saved."))
    response = to("/profile")
    response.headers.append("set-cookie", cookie("lang", given.locale, max_age=YEAR))
    return response


@router.post("/profile/password", dependencies=[permit("account.edit")])
def change_password(request: Request, db: Db, actor: CurrentUser, posted: Posted) -> Response:
    values = unflatten(posted)
    try:
        new = schemas.read_new_password(values, "new_password", actor.user.name, actor.user.email)
        _confirm(request, db, actor, values.get("current_password"))
    except Invalid as error:
        return _profile(request, Form(_own(actor)), Form({}, error.findings), status=422)
    _login, token = service.change_password(
        db, actor, new, address=address_of(request), user_agent=agent_of(request), now=now()
    )
    flash(request, _("Your new password is set. You are signed out everywhere else."))
    response = to("/profile")
    set_session_cookie(response, token)
    return response


@router.get("/profile/email", dependencies=[permit("account.view")])
def email_form(request: Request) -> HTMLResponse:
    return page(request, "accounts/email.html", form=Form())


@router.post("/profile/email", dependencies=[permit("account.edit")])
def change_email(request: Request, db: Db, actor: CurrentUser, posted: Posted) -> Response:
    values = unflatten(posted)
    try:
        email = schemas.read_email(values)
        _confirm(request, db, actor, values.get("current_password"))
    except Invalid as error:
        return page(request, "accounts/email.html", status=422, form=shown(values, error))
    ratelimit.check_mail_request(email, address_of(request))
    service.change_email(db, actor, email)
    flash(request, _("We have sent a link to the new address. Until you open it, the old one stays."), "info")
    return to("/profile")


# Where one is signed in --------------------------------------------------------------------------------------------


@router.get("/profile/sessions", dependencies=[permit("account.view")])
def session_list(request: Request, db: Db, actor: CurrentUser) -> HTMLResponse:
    return page(request, "accounts/sessions.html", logins=sessions.alive_of(db, actor.user, now()))


@router.post("/profile/sessions/end")
def end_everywhere(request: Request, db: Db, actor: Annotated[Actor, permit("account.edit")]) -> Response:
    service.sign_out_everywhere(db, actor)
    flash(request, _("You are signed out everywhere."))
    response = to("/login")
    clear_session_cookie(response)
    return response


@router.post("/profile/sessions/{id}/end")
def end_one(
    request: Request,
    db: Db,
    actor: CurrentUser,
    login: Annotated[LoginSession, load(LoginSession, "login_session.end")],
) -> Response:
    service.sign_out(db, actor, login)
    flash(request, _("That browser is signed out."))
    return to("/profile/sessions")


# Tokens ------------------------------------------------------------------------------------------------------------


@router.get("/profile/tokens", dependencies=[permit("account.view")])
def token_list(request: Request, db: Db, actor: CurrentUser) -> HTMLResponse:
    return _tokens(request, db, actor, Form({"scope": "read"}))


def _tokens(
    request: Request, db: Session, actor: Actor, form: Form, raw: str | None = None, status: int = 200
) -> HTMLResponse:
    names = {membership.organisation_id: membership.organisation.name for membership in actor.user.memberships}
    return page(
        request, "accounts/tokens.html", status=status, form=form, tokens=tokens.of(db, actor), raw=raw, names=names
    )


@router.post("/profile/tokens", dependencies=[permit("account.edit")])
def create_token(request: Request, db: Db, actor: CurrentUser, posted: Posted) -> Response:
    """The answer is the one page that ever shows the token; it is not kept by browsers (no-store)."""
    values = unflatten(posted)
    try:
        name = schemas.read_name(values)
        scope = schemas.read_choice(values, "scope", ("read", "write"))
        _confirm(request, db, actor, values.get("current_password"))
    except Invalid as error:
        return _tokens(request, db, actor, shown(values, error), status=422)
    _token, raw = tokens.create(db, actor, name, "write" if scope == "write" else "read", actor.organisation)
    return _tokens(request, db, actor, Form({"scope": "read"}), raw)


@router.post("/profile/tokens/{id}/revocation")
def revoke_token(
    request: Request, db: Db, actor: CurrentUser, token: Annotated[ApiToken, load(ApiToken, "api_token.revoke")]
) -> Response:
    tokens.revoke(db, actor, token)
    flash(request, _("The token is revoked. Programs that use it are refused from now on."))
    return to("/profile/tokens")

"""The door: join, confirm an address, sign in and out, a forgotten password, an invitation.

Following a link changes nothing; the page it opens has a button that does. Mail scanners follow links, too.
"""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from backend.accounts import invitations, ratelimit, schemas, service, sessions
from backend.core.clock import now
from backend.core.errors import Invalid
from backend.deps import CurrentUser, Db, MaybeUser, permit
from backend.i18n import _
from backend.templating import page, reader_locale
from backend.web.forms import Form, Posted, flash, safe_next, to, unflatten
from backend.web.organisations import country_options
from backend.web.session import address_of, agent_of, clear_session_cookie, current_login, set_session_cookie

router = APIRouter()
SECRETS = ("password", "current_password", "new_password")


def shown(values: dict[str, Any], error: Invalid | None = None) -> Form:
    """The form again, with what was typed; a password never travels back."""
    kept = {name: value for name, value in values.items() if name not in SECRETS}
    return Form(kept, error.findings if error else ())


# Sign in and out ---------------------------------------------------------------------------------------------------


@router.get("/login", dependencies=[permit("page.view")])
def login_form(request: Request, actor: MaybeUser) -> Response:
    target = safe_next(request.query_params.get("next"))
    if actor:
        return to(target)
    return page(request, "accounts/login.html", form=Form({"next": target}))


@router.post("/login", dependencies=[permit("account.enter")])
def login(request: Request, db: Db, posted: Posted) -> Response:
    values = unflatten(posted)
    email = str(values.get("email", ""))[:500].strip().lower()
    password = str(values.get("password", ""))
    address = address_of(request)
    ratelimit.check_login(email, address)
    try:
        _login, token = service.sign_in(
            db, email, password,
            address=address, user_agent=agent_of(request), now=now(), replaces=current_login(request, db),
        )  # fmt: skip
    except Invalid as error:
        return page(request, "accounts/login.html", status=422, form=shown(values, error))
    ratelimit.forgive_login(email, address)
    response = to(safe_next(str(values.get("next", ""))))
    set_session_cookie(response, token)
    return response


@router.post("/logout", dependencies=[permit("account.edit")])
def logout(request: Request, db: Db, actor: CurrentUser) -> Response:
    login = current_login(request, db)
    if login:
        service.sign_out(db, actor, login)
    flash(request, _("You are signed out."))
    response = to("/")
    clear_session_cookie(response)
    return response


# Join --------------------------------------------------------------------------------------------------------------


@router.get("/register", dependencies=[permit("page.view")])
def register_form(request: Request, actor: MaybeUser) -> Response:
    if actor:
        return to("/dashboard")
    return page(request, "accounts/register.html", form=Form(), countries=country_options(request))


@router.post("/register", dependencies=[permit("account.enter")])
def register(request: Request, db: Db, posted: Posted) -> Response:
    values = unflatten(posted)
    try:
        given = schemas.read_registration(values)
        ratelimit.check_registration(address_of(request))
        ratelimit.check_mail_request(given.email, address_of(request))
        service.register(db, given, locale=reader_locale(request))
    except Invalid as error:
        return page(
            request, "accounts/register.html", status=422,
            form=shown(values, error), countries=country_options(request),
        )  # fmt: skip
    return to("/register/sent")


@router.get("/register/sent", dependencies=[permit("page.view")])
def registered(request: Request) -> HTMLResponse:
    return page(request, "accounts/check_mail.html", about="register")


@router.get("/verify/{token}", dependencies=[permit("page.view")])
def verify_form(request: Request, db: Db, token: str) -> HTMLResponse:
    link = service.mail_token(db, token, "verify", now())
    return page(request, "accounts/verify.html", address=link.address)


@router.post("/verify/{token}", dependencies=[permit("account.enter")])
def verify(request: Request, db: Db, token: str, actor: MaybeUser) -> Response:
    service.verify_email(db, token, now())
    if actor:
        flash(request, _("Your e-mail address is confirmed."))
        return to("/profile")
    flash(request, _("Your e-mail address is confirmed. You can sign in now."))
    return to("/login")


# Forgotten password ------------------------------------------------------------------------------------------------


@router.get("/password/forgotten", dependencies=[permit("page.view")])
def forgotten_form(request: Request) -> HTMLResponse:
    return page(request, "accounts/forgotten.html", form=Form())


@router.post("/password/forgotten", dependencies=[permit("account.enter")])
def forgotten(request: Request, db: Db, posted: Posted) -> Response:
    values = unflatten(posted)
    try:
        email = schemas.read_email(values)
    except Invalid as error:
        return page(request, "accounts/forgotten.html", status=422, form=shown(values, error))
    ratelimit.check_mail_request(email, address_of(request))
    service.request_reset(db, email, reader_locale(request))
    return to("/password/forgotten/sent")


@router.get("/password/forgotten/sent", dependencies=[permit("page.view")])
def forgotten_sent(request: Request) -> HTMLResponse:
    return page(request, "accounts/check_mail.html", about="reset")


@router.get("/password/reset/{token}", dependencies=[permit("page.view")])
def reset_form(request: Request, db: Db, token: str) -> HTMLResponse:
    service.mail_token(db, token, "reset", now())
    return page(request, "accounts/reset.html", form=Form())


@router.post("/password/reset/{token}", dependencies=[permit("account.enter")])
def reset(request: Request, db: Db, token: str, posted: Posted) -> Response:
    values = unflatten(posted)
    user = service.mail_token(db, token, "reset", now()).user
    try:
        password = schemas.read_new_password(values, "new_password", user.name, user.email)
    except Invalid as error:
        return page(request, "accounts/reset.html", status=422, form=shown(values, error))
    service.reset_password(db, token, password, now())
    flash(request, _("Your new password is set, and you are signed out everywhere. Sign in with it now."))
    response = to("/login")
    clear_session_cookie(response)
    return response


# Invitations -------------------------------------------------------------------------------------------------------


@router.get("/invitations/{token}", dependencies=[permit("page.view")])
def invitation(request: Request, db: Db, token: str) -> HTMLResponse:
    found = invitations.find(db, token, now())
    return page(request, "accounts/invitation.html", invitation=found, form=Form(), token=token)


@router.post("/invitations/{token}/acceptance", dependencies=[permit("account.edit")])
def accept(request: Request, db: Db, token: str, actor: CurrentUser) -> Response:
    membership = invitations.accept(db, token, actor=actor, now=now())
    login = current_login(request, db)
    if login:
        sessions.choose(db, login, membership.organisation)
    flash(request, _("You belong to %(organisation)s now.", organisation=membership.organisation.name))
    return to("/dashboard")


@router.post("/invitations/{token}/registration", dependencies=[permit("account.enter")])
def register_invited(request: Request, db: Db, token: str, posted: Posted) -> Response:
    """Whoever has the link has the mailbox, so the new person is signed in at once."""
    ratelimit.check_registration(address_of(request))
    values = unflatten(posted)
    found = invitations.find(db, token, now())
    try:
        given = schemas.read_registration(values, invited=found.email)
        user = invitations.register_invited(db, token, given, locale=reader_locale(request), now=now())
    except Invalid as error:
        return page(
            request, "accounts/invitation.html", status=422, invitation=found, form=shown(values, error), token=token
        )
    _login, secret = sessions.start(
        db, user, organisation=found.organisation, address=address_of(request), user_agent=agent_of(request), now=now()
    )
    response = to("/dashboard")
    set_session_cookie(response, secret)
    return response

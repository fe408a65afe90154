"""What a route may ask for. Finding a row is asking for it: `load` locks, loads and authorises in one place.

The session dependency has the scope "function", so the commit happens before the answer is sent: a commit that fails
is an error, never a 200.
"""

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Request
from pydantic import BeforeValidator
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts import ratelimit, sessions, tokens
from backend.accounts.actor import Actor
from backend.core.clock import now
from backend.core.db import session_scope
from backend.core.errors import Forbidden, NotFound, Unauthenticated
from backend.i18n import _
from backend.notifications.service import unread_count
from backend.policy import PERMISSIONS, allows


def db_session() -> Iterator[Session]:
    with session_scope() as session:
        try:
            yield session
        except BaseException:
            # The error page still reads who is asking; a rollback would empty every object it knows.
            session.expunge_all()
            raise


Db = Annotated[Session, Depends(db_session, scope="function")]


def maybe_user(request: Request, db: Db) -> Actor | None:
    """The signed-in person on pages, the token's person under /api; None for everybody else."""
    actor: Actor | None = None
    if request.url.path.startswith("/api/"):
        scheme, _space, raw = request.headers.get("authorization", "").partition(" ")
        if scheme:
            token = tokens.find(db, raw.strip(), now()) if scheme.lower() == "bearer" else None
            if token is None:
                raise Unauthenticated(_("This token is not valid."), code="invalid_token")
            ratelimit.check(f"api:{token.id}", limit=300, seconds=300)
            actor = tokens.actor_of(db, token)
    else:
        raw = request.cookies.get(sessions.cookie_name(), "")
        login = sessions.find(db, raw, now()) if raw else None
        if login is not None:
            actor = sessions.actor_of(db, login)
            request.state.unread_count = unread_count(db, actor.id)
    request.state.actor = actor
    return actor


MaybeUser = Annotated[Actor | None, Depends(maybe_user)]


def current_user(actor: MaybeUser) -> Actor:
    if actor is None:
        raise Unauthenticated(_("Please sign in first."))
    return actor


CurrentUser = Annotated[Actor, Depends(current_user)]


def load(model: type[Any], permission: str, *, lock: bool = False, param: str = "id") -> Any:
    """Depends on the row of `model` whose id stands in the path.

    Raises NotFound when there is none or the asker may not even see it, Unauthenticated when signing in could help
    (whoever wants to write without having signed in hears that, whether the row exists or not), Forbidden when they see
    it but may not do this.
    """

    def dependency(
        db: Db,
        actor: MaybeUser,
        # Said for the description of the API; one that is no identifier is simply not found.
        # A page's route hands over an identifier that is read already, the API's the text itself.
        named: Annotated[str, BeforeValidator(str), Path(alias=param, json_schema_extra={"format": "uuid"})],
    ) -> Any:
        if actor is None and PERMISSIONS[permission].write:
            raise Unauthenticated(_("Please sign in first."))
        try:
            key = UUID(named)
        except ValueError:
            raise NotFound(_("There is nothing here.")) from None
        query = select(model).where(model.id == key)
        if lock:
            query = query.with_for_update(of=model)
        row = db.scalars(query).unique().one_or_none()
        if row is None or not allows(actor, f"{model.__tablename__}.view", row):
            raise NotFound(_("There is nothing here."))
        authorise(actor, permission, row)
        return row

    dependency.permission = permission  # type: ignore[attr-defined]
    return Depends(dependency)


def permit(permission: str) -> Any:
    """Depends on a permission that concerns no row; returns the actor, or None where anyone may."""

    def dependency(actor: MaybeUser) -> Actor | None:
        authorise(actor, permission, None)
        return actor

    dependency.permission = permission  # type: ignore[attr-defined]
    return Depends(dependency)


def authorise(actor: Actor | None, permission: str, row: Any) -> None:
    if allows(actor, permission, row):
        return
    if actor is None:
        raise Unauthenticated(_("Please sign in first."))
    if PERMISSIONS[permission].write and not actor.may_write:
        raise Forbidden(_("This token may only read."), code="read_only_token")
    raise Forbidden(_("You are not entitled to do this."))

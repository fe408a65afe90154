"""How the API reads a request: JSON without double meanings, and only the parameters that an operation knows.

A misspelt or repeated name is refused rather than ignored, so that nobody believes to have said what was not heard.
"""

import json
import math
from collections.abc import Callable, Coroutine
from functools import cached_property
from typing import Any, get_origin

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel

from backend.core.errors import FieldError, Invalid
from backend.i18n import _, use_locale
from backend.templating import reader_locale


class StrictRequest(Request):
    async def json(self) -> Any:
        return loads(await self.body())


class StrictRoute(APIRoute):
    """`APIRouter(route_class=StrictRoute)`: every room of the API reads this way."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            errors = self.wrong_parameters(request)
            if errors:
                raise Invalid(errors, _("Something in this request is not right."))
            with use_locale(reader_locale(request)):
                return await handle(StrictRequest(request.scope, request.receive))

        return strict

    @cached_property
    def parameters(self) -> dict[str, bool]:
        """Name of each parameter in the query -> whether it may be repeated. `lang` is read by every address."""
        return {"lang": False, **dict(_parameters(self.dependant))}

    def wrong_parameters(self, request: Request) -> list[FieldError]:
        names = [name for name, _value in request.query_params.multi_items()]
        errors = []
        for name in dict.fromkeys(names):
            if name not in self.parameters:
                errors.append(FieldError(name[:60], "unknown_parameter", _("This parameter is not known.")))
            elif names.count(name) > 1 and not self.parameters[name]:
                errors.append(FieldError(name, "repeated", _("This can be given only once.")))
        return errors[:20]


def _parameters(dependant: Dependant) -> list[tuple[str, bool]]:
    found = []
    for field in dependant.query_params:
        annotation = field.field_info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            found += [
                (info.alias or name, get_origin(info.annotation) is list)
                for name, info in annotation.model_fields.items()
            ]
        else:
            found.append((field.alias, get_origin(annotation) is list))
    for below in dependant.dependencies:
        found += _parameters(below)
    return found


def loads(raw: bytes) -> Any:
    """JSON as RFC 8259 has it and programs agree on; JSONDecodeError for everything else, however it is broken."""
    try:
        return json.loads(
            raw.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant, parse_float=_finite
        )
    except json.JSONDecodeError:
        raise
    except (ValueError, RecursionError) as error:
        raise json.JSONDecodeError(str(error)[:100], "", 0) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    tree = dict(pairs)
    if len(tree) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return tree


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number

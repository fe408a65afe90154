"""JSON delivery under /api/v1: one thin file per noun."""

from importlib import import_module

from fastapi import APIRouter

PREFIX = "/api/v1"
DESCRIPTION = (
    "Search listings and needs, publish your own, and read explained matches. Texts come in the language they were "
    "written in; messages in the language that Accept-Language, or the parameter `lang`, asks for."
)
ROOMS = ("search", "listings", "needs", "matches", "statistics")


def routers() -> list[APIRouter]:
    return [import_module(f"backend.api.{room}").router for room in ROOMS]

"""HTML delivery: one thin file per noun. A page may show several nouns at once, so it stands above them all."""

from importlib import import_module

from fastapi import APIRouter

# Order matters where one address could be taken for another: /listings/suggestions before /listings/{id}.
ROOMS = (
    "home", "status", "search", "accounts", "profile", "organisations", "listings", "needs", "comparison", "feedback",
    "matches", "match_documents", "review", "dashboard", "notifications", "developers", "statistics",
)


def routers() -> list[APIRouter]:
    return [import_module(f"backend.web.{room}").router for room in ROOMS]

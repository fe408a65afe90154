"""JSON delivery under /api/v1: one thin file per noun."""

from importlib import import_module

from fastapi import APIRouter

ROOMS = ("search", "listings", "needs", "matches")


def routers() -> list[APIRouter]:
    return [import_module(f"backend.api.{room}").router for room in ROOMS]

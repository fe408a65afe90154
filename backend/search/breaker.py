"""When to ask the outside engine and when to leave it alone. One failure is enough: the other engine answers as well.

After a rest that doubles up to a minute, one search is the probe; everybody else is still answered by PostgreSQL.
"""

import threading
from collections.abc import Callable
from time import monotonic

FIRST_REST, LONGEST_REST = 2.0, 60.0


class Breaker:
    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._until: float | None = None
        self._rest = FIRST_REST

    @property
    def is_open(self) -> bool:
        return self._until is not None

    def allows(self) -> bool:
        """Whether to ask now. While open, one caller after each rest is let through; the next waits another rest."""
        with self._lock:
            if self._until is None:
                return True
            if self._clock() < self._until:
                return False
            self._until = self._clock() + self._rest
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._until, self._rest = None, FIRST_REST

    def failed(self) -> None:
        with self._lock:
            if self._until is not None:
                self._rest = min(self._rest * 2, LONGEST_REST)
            self._until = self._clock() + self._rest

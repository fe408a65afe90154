from tests.needs.conftest import need, publish  # noqa: F401
from tests.notifications.conftest import listing, match  # noqa: F401

"""Every table of Padan, imported in one place, for the migrations and for commands that need the whole schema."""

import backend.accounts.models
import backend.core.events
import backend.listings.models
import backend.matching.models
import backend.needs.models
import backend.notifications.models
import backend.search.models
import backend.statistics.models  # noqa: F401

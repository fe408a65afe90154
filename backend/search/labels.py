"""What a facet and its values are called: message ids, to be shown in the reader's language by whoever shows them."""

from typing import Any

from backend.i18n import _, country_name, language_name, words
from backend.ip.classes import nice_title
from backend.ip.classes import title as class_title
from backend.ip.vocabularies import label
from backend.search.facets import FACETS

NAMES: dict[str, Any] = {
    "record_kind": _("Kind of need"),
    "right_kind": _("Kind of right"),
    "owner_country": _("Owner's country"),
    "territory": _("In force in"),
    "used_in": _("For use in"),
    "deal_type": _("Kind of deal"),
    "exclusivity": _("Exclusivity"),
    "sector": _("Sector"),
    "sdg": _("Development goal"),
    "trl": _("Readiness level"),
    "trl_min": _("Lowest readiness level"),
    "trl_max": _("Highest readiness level"),
    "ipc": _("Patent class"),
    "nice": _("Class of goods and services"),
    "green": _("Green technology"),
    "posted_terms": _("Asking terms"),
    "verification": _("How the owner was checked"),
    "language": _("Language"),
}


def facet_label(name: str, kind: str = "listing") -> str:
    if name == "owner_country" and kind == "need":
        return words(_("Seeker's country"))
    return words(NAMES.get(name, name))


def value_label(name: str, value: str) -> str:
    """The words for one value in the reader's language; a code nobody knows is shown as it is."""
    if name in ("owner_country", "territory", "used_in"):
        return country_name(value)
    if name == "language":
        return language_name(value)
    if name == "ipc":
        title = class_title(value)
        return f"{value} {words(title)}" if title else value
    if name == "nice":
        return f"{value} {words(nice_title(int(value)))}"
    if name == "green":
        return words(_("Only green technology"))
    if name == "posted_terms":
        return words(_("Terms are public"))
    if name in ("trl", "trl_min", "trl_max"):
        return words(_("Level %(level)s", level=value))
    if name == "sdg":
        return f"{value} {words(label(value, 'sdg'))}"
    if name == "verification":
        return words(_("%(level)s or better", level=words(label(int(value), "verification_level"))))
    return words(label(value, FACETS[name].vocabulary))

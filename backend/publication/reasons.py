"""Why something was given back, held or withdrawn: a code for statistics, words for the people concerned."""

from backend.core.marking import N_

RETURN_REASONS: dict[str, str] = {
    "incomplete": N_("Something needed is missing"),
    "unclear": N_("It cannot be understood well enough"),
    "wrong_kind": N_("It is filed under the wrong kind"),
    "identity_exposed": N_("It is anonymous but shows who is behind it"),
    "unsupported_claim": N_("A claim is not supported"),
    "direct_sale": N_("It looks for customers, not for a partner"),
    "ownership_unclear": N_("It is not clear who owns the right"),
    "duplicate": N_("The same offer or need exists already"),
    "prohibited": N_("The subject is not allowed here"),
    "language": N_("The language needs work"),
    "other": N_("Another reason"),
}

HOLD_REASONS: dict[str, str] = {
    "owner_pause": N_("The owner takes a break"),
    "in_negotiation": N_("Talks with a partner are going on"),
    "complaint": N_("Somebody objected and we are looking into it"),
    "right_changed": N_("The right has changed or may have ended"),
    "other": N_("Another reason"),
}

WITHDRAW_REASONS: dict[str, str] = {
    "agreed_here": N_("An agreement was reached through Padan"),
    "agreed_elsewhere": N_("An agreement was reached elsewhere"),
    "no_longer_offered": N_("It is no longer offered or needed"),
    "right_ended": N_("The right has ended"),
    "mistake": N_("It was put up by mistake"),
    "other": N_("Another reason"),
}

ALL_REASONS = {**WITHDRAW_REASONS, **HOLD_REASONS, **RETURN_REASONS}

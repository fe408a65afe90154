"""The guided way to list a right: twelve plain questions, one a page, for people who do this once in their life."""

from dataclasses import dataclass

from backend.i18n import Lazy, _
from backend.publication.quality import Finding, Severity


@dataclass(frozen=True)
class Step:
    """One page: its question, a word of help, and the fields it fills."""

    name: str
    question: Lazy
    help: Lazy
    fields: tuple[str, ...]


STEPS: tuple[Step, ...] = (
    Step("kind", _("What do you have?"), _("Choose what comes closest. You can change it later."),
         ("kind", "lister_role")),
    Step("title", _("What is it called?"),
         _("One line that says what it does, for what. Write in the language you know best; we compare it with "
           "needs in other languages."), ("title", "language")),
    Step("problem", _("Which problem does it solve?"), _("Who has this problem, and how do they manage today?"),
         ("problem",)),
    Step("description", _("How does it work?"),
         _("Tell it as you would tell a customer who is no specialist. Leave out anything secret."), ("description",)),
    Step("advantages", _("What is better about it?"),
         _("Give at least one figure and what you compare it with: 30 % less fuel than a diesel pump."),
         ("advantages",)),
    Step("stage", _("How far along is it?"), _("An honest answer finds the right partner."), ("stage",)),
    Step("protection", _("Is it protected?"),
         _("A patent, a registered design or mark, or a secret you keep. If nothing is filed yet, be careful what you "
           "write."), ("ipr_status", "novelty_acknowledged")),
    Step("rights", _("Which rights do you have, and where?"),
         _("One row for each country. The numbers stand on the certificate or the filing receipt. Skip this if you "
           "have none."), ("rights",)),
    Step("deal", _("What do you want from a partner?"),
         _("Choose up to three. A licence lets somebody else use it; you stay the owner."), ("deal_types",)),
    Step("partner", _("Whom do you look for?"), _("Say what they should do, what you will do, and where."),
         ("partner_role", "partner_kinds", "territories", "excluded_countries")),
    Step("found", _("How will people find it?"), _("The words a partner would type into a search box."),
         ("sectors", "technology_keywords", "market_keywords", "sdgs")),
    Step("summary", _("Sum it up"),
         _("Three sentences: who you are, what you have and its main advantage, which deal you want. Everybody reads "
           "this first."), ("summary", "anonymous", "nothing_confidential")),
)


def step_of(field: str) -> int | None:
    """The number (from 1) of the page that asks for a field; None when only the full form does."""
    top = field.split(".")[0]
    return next((number for number, step in enumerate(STEPS, 1) if top in step.fields), None)


def first_open(findings: list[Finding]) -> int | None:
    """The first page where something must still be answered; None when none must."""
    open_steps = [step_of(f.field) for f in findings if f.severity is Severity.BLOCKER and not f.person_decides]
    return min((number for number in open_steps if number), default=None)

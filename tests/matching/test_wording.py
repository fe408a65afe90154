"""Every reason and every refusal that matching gives has words of its own, whichever way it turned out."""

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from backend import i18n
from backend.matching.criteria import fit_reasons, terms_reasons
from backend.matching.profile import Profile
from backend.matching.reason import Reason
from backend.matching.requirements import requirement_reasons
from backend.templating import environment
from tests.matching.test_criteria import profiles

ANOTHER = "Another point that was compared"


def words(reason: Reason, locale: str = "en") -> str:
    """A reason as it comes from the database, worded for a card."""
    stored = SimpleNamespace(**reason.as_dict())
    with i18n.use_locale(locale):
        module = environment().get_template("matches/_reason.html").make_module({"locale": locale})
        return " ".join(str(module.sentence(stored)).split())  # type: ignore[attr-defined]


def refused(code: str, **data: Any) -> str:
    with i18n.use_locale("en"):
        module = environment().get_template("matches/_reason.html").make_module({"locale": "en"})
        return str(module.refusal(code, data))  # type: ignore[attr-defined]


@settings(max_examples=40, deadline=None)
@given(profiles("need"), profiles("listing"))
def test_whatever_is_compared_is_said_in_words(asked: Profile, offered: Profile) -> None:
    said = [(reason.code, words(reason)) for reason in [*fit_reasons(asked, offered), *terms_reasons(asked, offered)]]
    for _code, sentence in said:
        assert sentence
        assert sentence != ANOTHER
        assert "None" not in sentence
    assert len({sentence for _, sentence in said}) == len(said)


def of_partner(**fields: Any) -> list[str]:
    asked = Profile(id=uuid4(), side="need", country="TH", kind="university")
    offered = Profile(id=uuid4(), side="listing", country="VN", kind="msme_small", **fields)
    found = [reason for reason in fit_reasons(asked, offered) if reason.code.startswith("partner")]
    return [words(reason) for reason in found]


def test_a_wish_of_the_owner_is_told_as_the_owners() -> None:
    assert of_partner(partner_kinds=frozenset({"university"}), partner_countries=frozenset({"TH"})) == [
        "The seeker is the kind of partner the owner looks for: University.",
        "The owner looks for partners in Thailand.",
    ]
    assert of_partner(partner_kinds=frozenset({"investor"}), excluded_countries=frozenset({"TH"})) == [
        "The seeker is another kind of partner than the owner looks for: University instead of Investor.",
        "The owner looks for no partner in Thailand.",
    ]


def test_a_lone_figure_is_told_with_its_doubt() -> None:
    row = {"parameter": "Throughput", "operator": "at_least", "value": "300", "unit": "L/h", "importance": "must"}
    asked = Profile(id=uuid4(), side="need", title="Filter for wells", requirements=(row,))
    offered = Profile(id=uuid4(), side="listing", title="Sand filter", text="It treats 500 L/h.")
    (reason,) = requirement_reasons(asked, offered)
    assert words(reason).startswith("The only figure in this unit would meet: Throughput: at least 300 L/h.")


@given(st.sampled_from(["owner_excludes", "right_lapsed", "exclusively_taken", "not_offered_there", "deal_type",
                        "stage_below", "closed", "deadline_passed"]))
def test_every_refusal_has_words_of_its_own(code: str) -> None:
    assert refused(code, states=["TH"], need=5, listing=[]) != refused("something else")

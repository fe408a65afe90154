"""Codes are stable and each has a label."""

import re

import pytest

from backend.ip.vocabularies import (
    EEN_PARTNERSHIP,
    EXCLUSIVITY_OF_DEAL,
    SDG,
    TRL,
    VOCABULARIES,
    DealType,
    Exclusivity,
    RightKind,
    Stage,
    VerificationLevel,
    choices,
    label,
    stage_of_trl,
    trl_range,
)


@pytest.mark.parametrize("name", sorted(VOCABULARIES))
def test_every_member_has_a_short_label_and_a_plain_code(name: str) -> None:
    for member in VOCABULARIES[name]:
        assert 0 < len(label(member)) <= 60
        assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", str(member.value))


def test_labels_within_a_vocabulary_differ() -> None:
    for members in VOCABULARIES.values():
        labels = [label(member) for member in members]
        assert len(set(labels)) == len(labels)


def test_a_member_is_its_code() -> None:
    assert RightKind.PATENT == "patent"
    assert f"{RightKind.PATENT}" == "patent"
    assert RightKind("patent") is RightKind.PATENT


def test_a_code_two_vocabularies_share_is_worded_by_name() -> None:
    assert label("granted", "ipr_status") == "Granted"
    assert label("granted", "right_status") == "In force"


def test_an_unknown_code_answers_itself() -> None:
    assert label("gone_long_ago") == "gone_long_ago"
    assert label("99", "sdg") == "99"


def test_goals_and_readiness_levels_are_complete() -> None:
    assert sorted(SDG) == list(range(1, 18))
    assert sorted(TRL) == list(range(1, 10))
    assert choices("trl")[0][0] == "1"


def test_each_readiness_level_falls_in_one_stage() -> None:
    for trl in TRL:
        low, high = trl_range(stage_of_trl(trl))
        assert low <= trl <= high
    assert [trl for stage in Stage for trl in range(trl_range(stage)[0], trl_range(stage)[1] + 1)] == sorted(TRL)


def test_there_is_no_readiness_level_ten() -> None:
    with pytest.raises(ValueError, match="10"):
        stage_of_trl(10)


def test_verification_levels_are_ordered() -> None:
    assert VerificationLevel.V0 < VerificationLevel.V4
    assert VerificationLevel(2).code == "register_match"


def test_every_deal_has_a_partnership_for_exchange_and_licences_an_exclusivity() -> None:
    assert set(EEN_PARTNERSHIP) == set(DealType)
    assert EXCLUSIVITY_OF_DEAL[DealType.SOLE_LICENCE] is Exclusivity.SOLE
    assert DealType.INVESTMENT not in EXCLUSIVITY_OF_DEAL

"""What a kind of right needs, how its numbers are written, and when two spellings mean the same document."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.ip.numbers import EXAMPLES, NumberForm, check_number, number_form
from backend.ip.rights import PublicationNumber, class_schemes, date_problems, is_registrable, needs_register_number
from backend.ip.vocabularies import RightKind

PATENT, MARK, DESIGN, MODEL = (
    RightKind.PATENT,
    RightKind.TRADE_MARK,
    RightKind.INDUSTRIAL_DESIGN,
    RightKind.UTILITY_MODEL,
)


@pytest.mark.parametrize(
    ("office", "kind", "number", "which"),
    [
        ("VN", PATENT, "1-2019-01234", "application"),
        ("VN", PATENT, "1-0023456", "registration"),
        ("VN", PATENT, "VN 1-0023456-000", "registration"),
        ("VN", MODEL, "2-0002345", "registration"),
        ("VN", MARK, "4-2018-12345", "application"),
        ("VN", MARK, "4-0312345-000", "registration"),
        ("TH", PATENT, "1901001234", "application"),
        ("TH", PATENT, "78901", "registration"),
        ("TH", MARK, "ค123456", "registration"),
        ("ID", PATENT, "P00201912345", "application"),
        ("ID", PATENT, "IDP000061234", "registration"),
        ("ID", MARK, "IDM000612345", "registration"),
        ("ID", MARK, "DID2019012345", "application"),
        ("PH", PATENT, "1/2019/050123", "registration"),
        ("PH", MARK, "4-2019-00012345", "registration"),
        ("MY", PATENT, "PI 2019001234", "application"),
        ("MY", PATENT, "MY-123456-A", "registration"),
        ("SG", PATENT, "10201912345X", "application"),
        ("SG", MARK, "40201912345X", "registration"),
        ("WO", PATENT, "PCT/SG2019/050123", "application"),
        ("WO", PATENT, "WO 2019/123456 A1", "publication"),
        ("EP", PATENT, "EP19123456.7", "application"),
        ("EP", PATENT, "EP 3 456 789 B1", "publication"),
        ("US", PATENT, "16/123,456", "application"),
        ("US", PATENT, "US 2019/0123456 A1", "publication"),
        ("US", PATENT, "US 10,123,456 B2", "registration"),
        ("US", DESIGN, "D912,345", "registration"),
        ("CN", PATENT, "201910123456.X", "application"),
        ("CN", PATENT, "CN110123456A", "publication"),
        ("JP", PATENT, "2019-123456", "application"),
        ("JP", PATENT, "JP6543210B2", "registration"),
        ("KR", PATENT, "10-2019-0123456", "application"),
        ("KR", PATENT, "10-1234567", "registration"),
    ],
)
def test_a_number_as_its_office_prints_it_fits(office: str, kind: RightKind, number: str, which: str) -> None:
    assert number_form(office, kind, number, which) is NumberForm.FITS
    assert check_number(office, kind, number, which) is None


@pytest.mark.parametrize(("office", "kind"), list(EXAMPLES))
def test_the_example_shown_beside_the_field_fits(office: str, kind: RightKind) -> None:
    assert number_form(office, kind, EXAMPLES[office, kind], "application") is NumberForm.FITS


@pytest.mark.parametrize(
    ("office", "kind", "number", "which"),
    [
        ("VN", PATENT, "4-2019-01234", "application"),
        ("SG", PATENT, "102019123", "application"),
        ("WO", PATENT, "SG2019/050123", "application"),
        ("KR", PATENT, "20-2019-0123456", "application"),
        ("EP", PATENT, "EP12", "publication"),
    ],
)
def test_a_number_of_another_form_is_malformed(office: str, kind: RightKind, number: str, which: str) -> None:
    assert check_number(office, kind, number, which) == "number_malformed"


def test_an_office_whose_form_is_not_known_is_never_a_failure() -> None:
    assert number_form("LA", PATENT, "1234-xyz", "registration") is NumberForm.NOT_KNOWN
    assert check_number("LA", PATENT, "1234-xyz", "registration") is None


@pytest.mark.parametrize(
    ("number", "code"), [("", "number_empty"), (" - ", "number_empty"), ("soon", "number_without_digits")]
)
def test_what_is_no_number_anywhere_is_a_problem(number: str, code: str) -> None:
    assert check_number("LA", PATENT, number) == code


@given(st.text(max_size=100), st.sampled_from(["VN", "TH", "WO", "LA"]), st.sampled_from(list(RightKind)))
def test_any_text_gets_an_answer(number: str, office: str, kind: RightKind) -> None:
    for which in ("application", "publication", "registration"):
        check_number(office, kind, number, which)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("WO 2019/123456 A1", "WO2019123456A1"),
        ("WO 99/12345", "WO1999012345"),
        ("WO03/012345 A2", "WO2003012345A2"),
        ("US 2019/0123456 A1", "US20190123456A1"),
        ("US2019123456A1", "US20190123456A1"),
        ("US 10,123,456 B2", "US10123456B2"),
        ("USD912345S1", "USD912345S1"),
        ("EP 3 456 789 B1", "EP3456789B1"),
        ("MY-123456-A", "MY123456A"),
        ("SG10201912345X", "SG10201912345X"),
        ("SG 10201912345X A1", "SG10201912345XA1"),
        ("CN110123456A", "CN110123456A"),
        ("AU2016203538", "AU2016203538"),
    ],
)
def test_a_publication_number_has_one_spelling(typed: str, kept: str) -> None:
    assert str(PublicationNumber.parse(typed)) == kept
    assert str(PublicationNumber.parse(kept)) == kept


def test_two_stages_of_one_document_share_a_key() -> None:
    assert PublicationNumber.parse("EP3456789A1").key == PublicationNumber.parse("EP 3456789 B1").key


def test_the_office_may_stand_beside_the_number() -> None:
    assert PublicationNumber.parse("1-0023456", office="VN") == PublicationNumber.parse("VN 1-0023456")


@pytest.mark.parametrize("typed", ["", "ZZ123456", "WO", "hello", "US<script>"])
def test_what_is_no_publication_number_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"office|number"):
        PublicationNumber.parse(typed)


def test_timor_leste_registers_no_patents_and_viet_nam_does() -> None:
    assert is_registrable(PATENT, "TL").value is False
    assert is_registrable(PATENT, "VN").value is True
    assert is_registrable(PATENT, "AR").value is None


def test_know_how_needs_no_register() -> None:
    assert not needs_register_number(RightKind.KNOW_HOW)
    assert is_registrable(RightKind.KNOW_HOW, "SG").value is False


def test_each_kind_has_its_own_classification() -> None:
    assert class_schemes(PATENT) == ("ipc", "cpc")
    assert class_schemes(MARK) == ("nice",)
    assert class_schemes(DESIGN) == ("locarno",)
    assert class_schemes(RightKind.SOFTWARE) == ()


def test_impossible_dates_are_named_by_field() -> None:
    today = date(2026, 1, 1)
    assert date_problems(date(2020, 1, 1), date(2019, 1, 1), date(2027, 1, 1), date(2040, 1, 1), today) == [
        ("registered_on", "in_the_future"),
        ("published_on", "before_filing"),
    ]

"""Licence terms: the record, how it is read, and how what is asked compares with what is accepted."""

from backend.ip.terms.comparison import TermDifference, Verdict, compare
from backend.ip.terms.fields import TERM_PROBLEMS
from backend.ip.terms.record import TERM_WARNINGS, LicenceTerms, Milestone, findings, read_terms, warnings

__all__ = [
    "TERM_PROBLEMS",
    "TERM_WARNINGS",
    "LicenceTerms",
    "Milestone",
    "TermDifference",
    "Verdict",
    "compare",
    "findings",
    "read_terms",
    "warnings",
]

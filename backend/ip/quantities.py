"""Requirements read as numbers and held against figures, so that "at least 2.5 m³/h" can be told from "3 000 L/h".

What cannot be compared (no unit, another dimension, overlapping ranges) is not known, never met and never missed.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from backend.ip.figures import Figure, figures
from backend.ip.units import Dimension, normalise_unit, unit
from backend.ip.vocabularies import Operator

Interval = tuple[Fraction | None, Fraction | None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A requirement read as numbers."""

    operator: Operator
    value: Decimal
    unit: str = ""
    upper: Decimal | None = None


def wanted(operator: Operator, value: str, upper: str = "", unit_name: str = "", language: str = "en") -> Wanted | None:
    """A requirement's typed value as numbers, or None when it is words. The unit may stand with the value."""
    read = figures(value, language)
    if len(read) != 1 or operator in (Operator.INCLUDES, Operator.FREE_TEXT):
        return None
    one = read[0]
    top = one.upper
    if upper.strip():
        second = figures(upper, language)
        if len(second) != 1:
            return None
        top = second[0].value
    if operator is Operator.BETWEEN and (top is None or top < one.value):
        return None
    code = normalise_unit(unit_name) or "" if unit_name.strip() else one.unit
    if unit_name.strip() and not code:
        code = unit_name.strip()  # an unknown unit still equals itself
    return Wanted(operator, one.value, code, top)


def alike(requirement: Wanted, figure: Figure) -> bool:
    """Whether the two measure the same thing, so far as units can tell."""
    return (dimension(requirement.unit) or requirement.unit) == (dimension(figure.unit) or figure.unit)


def meets(requirement: Wanted, figure: Figure, *, difference: bool = False) -> bool | None:
    """Whether a figure shows that a requirement is met (True) or missed (False); None when it shows neither.

    A range of operation meets "between" when it covers what is wanted or lies inside it. Of a `difference` the zero of
    the scale is left out: 9 °F warmer is 5 °C warmer.
    """
    low, high = (_in_base(value, figure.unit, difference) for value in (figure.value, figure.upper))
    least, most = (_in_base(value, requirement.unit, difference) for value in (requirement.value, requirement.upper))
    if low is None or least is None or low[0] != least[0]:
        return None
    shown: tuple[Fraction | None, Fraction | None] = (low[1], high[1] if high else low[1])
    if figure.bound is Operator.AT_MOST:
        shown = (None, low[1])
    elif figure.bound is Operator.AT_LEAST:
        shown = (low[1], None)
    match requirement.operator:
        case Operator.AT_LEAST:
            return _inside(shown, (least[1], None))
        case Operator.AT_MOST:
            return _inside(shown, (None, least[1]))
        case Operator.EQUALS:
            return _inside(shown, (least[1], least[1]))
        case Operator.BETWEEN if most is not None:
            band = (least[1], most[1])
            return True if _inside(band, shown) else _inside(shown, band)
    return None


def _inside(inner: Interval, outer: Interval) -> bool | None:
    """True when wholly inside, False when wholly outside, None when partly. None as an end is without end."""
    (low, high), (least, most) = inner, outer
    if (high is not None and least is not None and high < least) or (
        low is not None and most is not None and low > most
    ):
        return False
    above = least is None or (low is not None and low >= least)
    below = most is None or (high is not None and high <= most)
    return True if above and below else None


def dimension(code: str) -> Dimension | None:
    known = unit(code) if code else None
    return known.dimension if known else None


def _in_base(value: Decimal | None, code: str, difference: bool) -> tuple[object, Fraction] | None:
    """(dimension, value in base units); figures of an unknown unit compare with the same spelling only."""
    if value is None:
        return None
    known = unit(code) if code else None
    if known is None:
        return code, Fraction(value)
    return known.dimension, Fraction(value) * known.factor + (0 if difference else known.offset)

"""Units as they are typed ("m³/hr", "ลิตร", "mg/L"), one spelling for each, and exact factors between those alike."""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from backend.core.money import EXPONENTS

Dimension = tuple[tuple[str, int], ...]  # (("length", 3), ("time", -1))


@dataclass(frozen=True, slots=True)
class Unit:
    """`code` is the spelling kept; a value times `factor` plus `offset` is in base units of `dimension`."""

    code: str
    dimension: Dimension
    factor: Fraction
    offset: Fraction = Fraction(0)


_RAW = """
m      1           length=1   metre metres meter meters เมตร mét មែត្រ
km     1000        length=1   kilometre kilometres kilometer kilometers กิโลเมตร กม.
cm     1/100       length=1   centimetre centimeter เซนติเมตร ซม.
mm     1/1000      length=1   millimetre millimeter มิลลิเมตร มม.
µm     1/1000000   length=1   um μm micron microns micrometre micrometer ไมครอน
nm     1/1000000000 length=1  nanometre nanometer
ha     10000       length=2   hectare hectares hektar héc-ta เฮกตาร์
rai    1600        length=2   ไร่
L      1/1000      length=3   l litre litres liter liters lít ลิตร ລິດ လီတာ លីត្រ
mL     1/1000000   length=3   ml millilitre milliliter มิลลิลิตร มล.
ลบ.ม.  1           length=3   ลูกบาศก์เมตร
kg     1           mass=1     kilogram kilograms kilogramme kilo กิโลกรัม กก. ກິໂລກຣາມ ကီလိုဂရမ် គីឡូក្រាម
g      1/1000      mass=1     gram grams gramme กรัม
mg     1/1000000   mass=1     milligram milligrams มิลลิกรัม มก.
µg     1/1000000000 mass=1    ug μg mcg microgram micrograms ไมโครกรัม
t      1000        mass=1     tonne tonnes ton tons tấn ตัน ໂຕນ តោន တန်
s      1           time=1     sec second seconds detik giây วินาที
min    60          time=1     minute minutes menit phút นาที
h      3600        time=1     hr hrs hour hours jam giờ ชั่วโมง ชม. ຊົ່ວໂມງ နာရီ ម៉ោង
day    86400       time=1     d days hari ngày วัน ມື້ ရက် ថ្ងៃ
week   604800      time=1     weeks minggu tuần สัปดาห์
month  2629800     time=1     months bulan tháng เดือน ເດືອນ လ ខែ
year   31557600    time=1     yr yrs years tahun năm ปี ປີ နှစ် ឆ្នាំ
W      1           power=1    watt watts วัตต์
mW     1/1000      power=1    milliwatt
kW     1000        power=1    kilowatt kilowatts กิโลวัตต์
MW     1000000     power=1    megawatt megawatts เมกะวัตต์
Wh     3600        power=1,time=1
kWh    3600000     power=1,time=1 kilowatt-hour kilowatt-hours
MWh    3600000000  power=1,time=1
J      1           power=1,time=1 joule joules
kJ     1000        power=1,time=1
MJ     1000000     power=1,time=1
Pa     1           pressure=1 pascal
kPa    1000        pressure=1
MPa    1000000     pressure=1
bar    100000      pressure=1
V      1           voltage=1  volt volts
kV     1000        voltage=1
mV     1/1000      voltage=1
A      1           current=1  ampere amperes amp
mA     1/1000      current=1
Ah     3600        current=1,time=1
mAh    18/5        current=1,time=1
Hz     1           frequency=1 hertz
kHz    1000        frequency=1
MHz    1000000     frequency=1
GHz    1000000000  frequency=1
N      1           force=1    newton newtons
kN     1000        force=1
%      1/100       ratio=1    percent persen peratus pct เปอร์เซ็นต์ ร้อยละ ເປີເຊັນ ភាគរយ ရာခိုင်နှုန်း
ppm    1/1000000   ratio=1
ppb    1/1000000000 ratio=1
dB     1           level=1    decibel decibels
rpm    1           rotation=1
lm     1           light=1    lumen lumens
lx     1           lighting=1 lux
mol    1           amount=1
NTU    1           turbidity=1
CFU    1           colony=1
bit    1           data=1
bps    1           data=1,time=-1
kbps   1000        data=1,time=-1
Mbps   1000000     data=1,time=-1
Gbps   1000000000  data=1,time=-1
MB     8000000     data=1
GB     8000000000  data=1
TB     8000000000000 data=1
unit   1           count=1    units pcs piece pieces buah chiếc ชิ้น
person 1           people=1   persons people orang người คน
°C     1           temperature=1 ℃ degC celsius องศาเซลเซียส độ°C
K      1           temperature=1 kelvin
°F     5/9         temperature=1 ℉ degF fahrenheit
"""
_OFFSETS = {"°C": Fraction("273.15"), "°F": Fraction("459.67") * Fraction(5, 9)}


def _table() -> tuple[dict[str, Unit], dict[str, Unit]]:
    exact: dict[str, Unit] = {}
    for line in _RAW.strip().splitlines():
        code, factor, powers, *others = line.split()
        dimension = tuple(sorted((name, int(n)) for name, n in (power.split("=") for power in powers.split(","))))
        made = Unit("m3" if code == "ลบ.ม." else code, dimension, Fraction(factor), _OFFSETS.get(code, Fraction(0)))
        exact.update(dict.fromkeys([code, *others], made))
    for currency in EXPONENTS:
        exact[currency] = Unit(currency, ((f"money {currency}", 1),), Fraction(1))
    loose: dict[str, Unit] = {}
    clashes = set()
    for name, made in exact.items():
        if len(name) == 1 and name != "l":
            clashes.add(name.casefold())  # "in 2020 a ..." is no current
        if loose.setdefault(name.casefold(), made) is not made:
            clashes.add(name.casefold())  # mW and MW: only the exact spelling will do
    return exact, {name: made for name, made in loose.items() if name not in clashes}


_EXACT, _LOOSE = _table()
NAMES = sorted(_EXACT, key=len, reverse=True)
_POWERS = str.maketrans("²³", "23")
_FACTOR = re.compile(r"(.+?)\^?([23])?", re.DOTALL)


@lru_cache(maxsize=10_000)
def unit(text: str) -> Unit | None:
    """The unit meant, or None when we do not know it. Quotients ("kWh/m2") and powers ("m^3", "m³") are read."""
    plain = re.sub(r"\s*/\s*|\s+per\s+", "/", " ".join(text[:60].translate(_POWERS).split()))
    if not plain:
        return None
    whole = _single(plain)
    if whole is not None:
        return whole
    parts = plain.split("/")
    if len(parts) > 3:
        return None
    powers: dict[str, int] = {}
    factor = Fraction(1)
    codes = []
    for place, part in enumerate(parts):
        match = _FACTOR.fullmatch(part)
        found = _single(part)
        power = 1
        if found is None and match and match[2]:
            found, power = _single(match[1]), int(match[2])
        if found is None:
            return None
        sign = -1 if place else 1
        factor *= found.factor ** (power * sign)
        for name, exponent in found.dimension:
            powers[name] = powers.get(name, 0) + exponent * power * sign
        codes.append(found.code + (str(power) if power > 1 else ""))
    return Unit("/".join(codes), tuple(sorted((n, p) for n, p in powers.items() if p)), factor)


def _single(text: str) -> Unit | None:
    found = _EXACT.get(text) or _LOOSE.get(text.casefold())
    if found is None and text in ("m3", "cbm", "CBM"):
        return _EXACT["ลบ.ม."]
    return found


def normalise_unit(text: str) -> str | None:
    """The one spelling of a unit, or None when we do not know it."""
    found = unit(text)
    return found.code if found else None

"""Units as they are typed ("m³/hr", "ลิตร", "mg/L"), one spelling for each. What a unit is worth `pint` knows; how it is
written in the languages of the region stands here.

Exact (fractions, no floats). Where a name means several units (gallon, horsepower) or where alike dimensions measure
unlike things (apparent power, turns, bits, people), the unit has a dimension of its own and equals only itself.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache

import pint

from backend.core.money import EXPONENTS

Dimension = tuple[tuple[str, int], ...]  # (("[length]", 3), ("[time]", -1))


@dataclass(frozen=True, slots=True)
class Unit:
    """`code` is the spelling kept; a value times `factor` plus `offset` is in base units of `dimension`."""

    code: str
    dimension: Dimension
    factor: Fraction
    offset: Fraction = Fraction(0)


# Each line: the spelling kept, what pint calls it, and how else it is written.
_RAW = """
m       meter          metre metres meter meters metro metros metru เมตร mét ແມັດ ម៉ែត្រ មែត្រ မီတာ 米
km      kilometer      kilometre kilometres kilometer kilometers กิโลเมตร กม. គីឡូម៉ែត្រ ກິໂລແມັດ ကီလိုမီတာ
cm      centimeter     centimetre centimetres centimeter เซนติเมตร ซม. xentimét 厘米
mm      millimeter     millimetre millimetres millimeter มิลลิเมตร มม. 毫米
µm      micrometer     micromet um μm micron microns micrometre micrometer ไมครอน mikron 微米
nm      nanometer      nanometre nanometer นาโนเมตร 纳米
inch    inch           inches นิ้ว inci
ft      foot           feet ฟุต
m2      meter**2       sqm ตร.ม. ตารางเมตร 平方米
ha      hectare        hectare hectares hektar héc-ta ektarya เฮกตาร์ ເຮັກຕາ ហិកតា ဟက်တာ 公顷
acre    acre           acres เอเคอร์ ဧက
rai     rai            ไร่ ໄຮ່
L       liter          l litre litres liter liters lít litro litros litru லிட்டர் ลิตร ລິດ လီတာ លីត្រ 升
mL      milliliter     ml millilitre milliliter มิลลิลิตร มล. 毫升
µL      microliter     μL uL
m3      meter**3       ลบ.ม. ลูกบาศก์เมตร cbm CBM 立方米
gal     gallon_of_some gallon gallons แกลลอน
kg      kilogram       kilogram kilograms kilo quilogramas กิโลกรัม กก. கிலோ ກິໂລ ကီလိုဂရမ် ကီလို គីឡូក្រាម គីឡូ 公斤
g       gram           gram grams gramme gramo กรัม ກຣາມ ဂရမ် ក្រាម 克
mg      milligram      milligram milligrams มิลลิกรัม มก. ມິນລິກຣາມ မီလီဂရမ် មីលីក្រាម 毫克
µg      microgram      ug μg mcg microgram micrograms ไมโครกรัม 微克
ng      nanogram       nanogram
t       metric_ton     tonne tonnes ton tons tấn tonelada ตัน ໂຕນ តោន တန် 吨
lb      pound          lbs ปอนด์
s       second         sec second seconds detik saat giây segundo วินาที ວິນາທີ វិនាទី စက္ကန့် 秒
ms      millisecond    millisecond milliseconds
min     minute         minute minutes mins menit minit phút minuto minutos minutu நிமிடம் நிமிடங்கள் นาที ນາທີ នាទី မိနစ် 分钟
h       hour           hr hrs hour hours jam giờ oras hora horas ชั่วโมง ชม. ຊົ່ວໂມງ နာရီ ម៉ោង 小时
day     day            d days hari ngày araw dia dias loron วัน ມື້ ວັນ நாள் நாட்கள் ရက် ថ្ងៃ 天
week    week           weeks minggu tuần linggo semana semanas สัปดาห์ ອາທິດ သပတ် សប្តាហ៍ 周
month   month          months bulan tháng buwan mês meses fulan மாதம் เดือน ເດືອນ လ ខែ 个月
year    year           yr yrs years tahun năm taon ano anos tinan ஆண்டு ஆண்டுகள் ปี ປີ နှစ် ឆ្នាំ 年
W       watt           watt watts วัตต์ ວັດ វ៉ាត់ ဝပ် 瓦
mW      milliwatt      milliwatt
kW      kilowatt       kilowatt kilowatts กิโลวัตต์ ກິໂລວັດ គីឡូវ៉ាត់ ကီလိုဝပ် 千瓦
MW      megawatt       megawatt megawatts เมกะวัตต์ ເມກາວັດ មេហ្គាវ៉ាត់ မဂ္ဂါဝပ် 兆瓦
Wh      watt*hour      watt-hour
kWh     kilowatt*hour  kilowatt-hour kilowatt-hours หน่วยไฟฟ้า 千瓦时
MWh     megawatt*hour  megawatt-hour
kVA     kilo_apparent  kilovolt-ampere
kWp     kilo_peak      kilowatt-peak
hp      power_of_horses HP horsepower แรงม้า mã-lực
BTU     Btu            Btu บีทียู
J       joule          joule joules
kJ      kilojoule      kilojoule
MJ      megajoule      megajoule
kcal    kilocalorie    กิโลแคลอรี
Pa      pascal         pascal
kPa     kilopascal     kilopascal
MPa     megapascal     megapascal
bar     bar            บาร์
mbar    millibar       millibar
psi     psi            ปอนด์ต่อตารางนิ้ว
V       volt           volt volts โวลต์ โวลท์ ໂວນ វ៉ុល ဗို့
kV      kilovolt       kilovolt
mV      millivolt
A       ampere         ampere amperes amp แอมแปร์
mA      milliampere
Ah      ampere*hour
mAh     milliampere*hour
Ω       ohm            ohm ohms
mS      millisiemens
µS      microsiemens   μS uS
dS      decisiemens
Hz      hertz          hertz เฮิรตซ์ Héc
kHz     kilohertz
MHz     megahertz
GHz     gigahertz
N       newton         newton newtons นิวตัน
kN      kilonewton
cP      centipoise
%       0.01*share     percent persen peratus porsyento pct เปอร์เซ็นต์ ร้อยละ சதவீதம் விழுக்காடு ເປີເຊັນ ສ່ວນຮ້ອຍ ភាគរយ ရာခိုင်နှုန်း
ppm     1e-6*share
ppb     1e-9*share
dB      level          dB(A) dBA decibel decibels desibel เดซิเบล
rpm     turn/minute    รอบต่อนาที vòng/phút
lm      light          lumen lumens ลูเมน
lx      lighting       lux ลักซ์
mol     mole
mmol    millimole
NTU     turbidity      เอ็นทียู
CFU     colony         cfu
bit     databit
bps     databit/second
kbps    kilodatabit/second
Mbps    megadatabit/second
Gbps    gigadatabit/second
MB      8*megadatabit
GB      8*gigadatabit
TB      8*teradatabit
unit    piece          units pcs piece pieces buah chiếc piraso ชิ้น ອັນ
person  person         persons people orang tao người คน ຄົນ នាក់ 人
°C      degree_Celsius ℃ degC celsius องศาเซลเซียส องศาซี độ°C ອົງສາ អង្សាសេ 摄氏度
K       kelvin         kelvin เคลวิน
°F      degree_Fahrenheit ℉ degF fahrenheit องศาฟาเรนไฮต์
"""
# Names of several words, and what money is called; a plain "dollar" may be anybody's and is left unread.
_PHRASES = {
    "h": "மணி நேரம்",
    "%": "por cento|phần trăm",
    "m2": "square metres|square metre|square meters|square meter|meter persegi|mét vuông|metro kuwadrado"
    "|metros quadrados",
    "m3": "cubic metres|cubic metre|cubic meters|cubic meter|meter kubik|meter padu|mét khối|metro kubiko"
    "|metros cúbicos",
    "USD": "US dollars|US dollar|dolar AS|dolar Amerika|đô la Mỹ|dólares americanos|ดอลลาร์สหรัฐ|ໂດລາສະຫະລັດ|ដុល្លារអាមេរិក"
    "|အမေရိကန်ဒေါ်လာ|美元|US$",
    "SGD": "Singapore dollars|Singapore dollar|dolar Singapura|新元|新加坡元|S$",
    "BND": "Brunei dollars|Brunei dollar|dolar Brunei|B$",
    "MYR": "ringgit|ริงกิต|RM",
    "THB": "baht|บาท|ບາດ|บาทไทย|泰铢",
    "IDR": "rupiah|Rp",
    "PHP": "pesos|piso|Philippine pesos|₱",
    "VND": "đồng|Vietnamese dong",
    "KHR": "riel|រៀល",
    "LAK": "kip|ກີບ|กีบ",
    "MMK": "kyat|kyats|ကျပ်",
}
# Measures that pint has not, or holds for plain numbers or for each other.
_OWN = (
    "share = [share]", "turn_count = [turn] = turn", "level = [level]", "light = [light]", "lighting = [lighting]",
    "turbidity = [turbidity]", "colony = [colony]", "databit = [data]", "piece = [piece]", "person = [person]",
    "gallon_of_some = [gallon]", "power_of_horses = [horses]", "apparent = [apparent_power]", "peak = [peak_power]",
    "kilo_apparent = 1000 * apparent", "kilo_peak = 1000 * peak", "rai = 1600 * meter ** 2",
)  # fmt: skip
# How "per" is said between two units.
PER = r"/|\b(?:per|por|setiap|tiap|bawat|kada|mỗi|một|trên)\b|ต่อ|ຕໍ່|ក្នុងមួយ|每"
_PER = re.compile(rf"\s*(?:{PER})\s*", re.IGNORECASE)
_POWERS = str.maketrans("²³⁻", "23-")
_FACTOR = re.compile(r"(.+?)\^?([23])?", re.DOTALL)


@cache
def _registry() -> pint.UnitRegistry[Fraction]:
    """Loaded when the first unit is read, since that takes half a second."""
    registry: pint.UnitRegistry[Fraction] = pint.UnitRegistry(non_int_type=Fraction, on_redefinition="ignore")
    for line in _OWN:
        registry.define(line)
    return registry


def _lines() -> list[list[str]]:
    return [line.split() for line in _RAW.strip().splitlines()]


def _names() -> list[str]:
    names = [name for line in _lines() for name in (line[0], *line[2:])]
    names += [name for phrases in _PHRASES.values() for name in phrases.split("|")]
    return sorted({*names, *EXPONENTS}, key=len, reverse=True)


NAMES = _names()


@cache
def _table() -> tuple[dict[str, Unit], dict[str, Unit]]:
    exact: dict[str, Unit] = {}
    for code, expression, *others in _lines():
        exact.update(dict.fromkeys([code, *others], _made(code, expression)))
    for currency in EXPONENTS:
        exact[currency] = Unit(currency, ((f"money {currency}", 1),), Fraction(1))
    for code, phrases in _PHRASES.items():
        exact.update(dict.fromkeys(phrases.split("|"), exact[code]))
    loose: dict[str, Unit] = {}
    clashes = {"us"}  # dollars, not microsiemens
    for name, made in exact.items():
        if len(name) == 1 and name != "l" and name.isascii():
            clashes.add(name.casefold())  # "in 2020 a ..." is no current
        if loose.setdefault(name.casefold(), made) is not made:
            clashes.add(name.casefold())  # mW and MW: only the exact spelling will do
    return exact, {name: made for name, made in loose.items() if name not in clashes}


def _made(code: str, expression: str) -> Unit:
    registry = _registry()
    if expression.startswith("degree_"):  # the zero of these scales is not nothing
        zero, one = (registry.Quantity(Fraction(n), expression).to("kelvin").magnitude for n in (0, 1))
        return Unit(code, (("[temperature]", 1),), one - zero, zero)
    quantity = registry.parse_expression(expression).to_base_units()
    powers = tuple(sorted((str(name), int(str(power))) for name, power in quantity.dimensionality.items()))
    return Unit(code, powers, Fraction(quantity.magnitude))


@lru_cache(maxsize=10_000)
def unit(text: str) -> Unit | None:
    """The unit meant, or None when we do not know it. Quotients ("kWh/m2") and powers ("m^3", "m³") are read."""
    plain = _PER.sub("/", " ".join(text[:60].translate(_POWERS).split()))
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
    found: list[tuple[Unit, int]] = []
    for part in parts:
        one, power = _powered(part)
        if one is None:
            return None
        found.append((one, power))
        sign = -1 if len(found) > 1 else 1
        factor *= one.factor ** (power * sign)
        for name, exponent in one.dimension:
            powers[name] = powers.get(name, 0) + exponent * power * sign
    dimension = tuple(sorted((name, power) for name, power in powers.items() if power))
    if not dimension:  # kilograms in a tonne are no litres in a cubic metre
        dimension = tuple((f"share of {name}", power) for name, power in found[0][0].dimension)
    return Unit("/".join(one.code + (str(power) if power > 1 else "") for one, power in found), dimension, factor)


def _powered(part: str) -> tuple[Unit | None, int]:
    found = _single(part)
    if found is not None:
        return found, 1
    match = _FACTOR.fullmatch(part)
    return (_single(match[1]), int(match[2])) if match and match[2] else (None, 1)


def _single(text: str) -> Unit | None:
    exact, loose = _table()
    return exact.get(text) or loose.get(text.casefold())


def normalise_unit(text: str) -> str | None:
    """The one spelling of a unit, or None when we do not know it."""
    found = unit(text)
    return found.code if found else None

"""Rules about words that hold for listings and needs alike. They only suspect; each says where and how to mend it.

The word lists are short on purpose: a list that is long enough to be complete in eleven languages does not exist, and a
reviewer reads every text anyway.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from backend.i18n import _
from backend.language.prose import looks_listed
from backend.publication.quality import Finding, Severity

# Bounded everywhere: a long row of letters must not be tried from each of its letters to its end.
_EMAIL = re.compile(r"[\w.+-]\s?(?:@|\[at\]|\(at\))\s?[\w-]{1,63}\.[\w-]", re.IGNORECASE)
_URL = re.compile(r"(?:https?://|www\.)\S+|\b[\w-]{1,63}\.(?:com|org|net|co|io|info|biz|asia|vn|th|my|sg|id|ph|kh|la|mm|bn|tl)\b"
                  r"(?:\.[a-z]{2})?(?:/\S*)?", re.IGNORECASE)
_PHONE = re.compile(r"(?:\+|\b00)\d{1,3}[\s().-]*(?:\d[\s().-]*){6,12}\d|\b0\d{1,3}[\s.-]\d{3,4}[\s.-]\d{3,4}\b")
_COMPANY_WORDS = re.compile(
    r"\b(?:sdn\.?\s*bhd|pte\.?\s*ltd|pvt\.?\s*ltd|ltd|limited|llc|inc|corp(?:oration)?|company|co|jsc|plc|gmbh|tbk|pt|cv|"
    r"công ty|cổ phần|tnhh|một thành viên|unipessoal|lda)\b\.?|บริษัท|จำกัด|\(มหาชน\)|ຈຳກັດ|ບໍລິສັດ|ក្រុមហ៊ុន|有限公司|ကုမ္ပဏီ",
    re.IGNORECASE,
)

_GENERIC = (
    """new technology|innovative technology|innovation|invention|new invention|patent|patent for sale|
    patent for licence|technology offer|technology|licence offer|trade mark|brand|software|solution|
    innovative solution|green technology|
    need|problem|technology needed|looking for technology|partner wanted|looking for partner|test|untitled|
    teknologi baru|inovasi|paten|penemuan|merek|teknologi|phát minh|sáng chế|công nghệ mới|nhãn hiệu|giải pháp|
    เทคโนโลยีใหม่|นวัตกรรม|สิทธิบัตร|สิ่งประดิษฐ์|ເຕັກໂນໂລຊີໃໝ່|បច្ចេកវិទ្យាថ្មី|နည်းပညာအသစ်|新技术|专利|发明|புதிய தொழில்நுட்பம்|
    bagong teknolohiya|imbensyon|inovação|patente""".replace("\n", "").split("|")
)
GENERIC_TITLES = frozenset(title.strip() for title in _GENERIC)

MARKETING = (
    "unique", "the best", "best in", "world class", "world-class", "world-leading", "revolutionary", "cutting-edge",
    "state-of-the-art", "game changer", "game-changing", "unrivalled", "unparalleled", "unbeatable", "perfect",
    "number one", "high quality", "high-quality", "breakthrough",
    "terbaik", "terunggul", "luar biasa", "revolusioner", "berkualitas tinggi", "satu-satunya", "berkualiti tinggi",
    "tốt nhất", "hàng đầu", "duy nhất", "độc nhất", "chất lượng cao", "đột phá", "hoàn hảo",
    "ดีที่สุด", "อันดับหนึ่ง", "คุณภาพสูง", "ระดับโลก", "ปฏิวัติ",
    "pinakamahusay", "walang katulad", "ດີທີ່ສຸດ", "ល្អបំផុត", "အကောင်းဆုံး", "最好", "独一无二", "世界一流", "சிறந்த",
    "o melhor", "único", "revolucionári",
)

DIRECT_SALE = (
    "buy our product", "buy our products", "buy now", "order now", "place your order", "price list", "our price",
    "discount", "special offer", "wholesale price", "free shipping", "in stock", "looking for customers",
    "looking for buyers", "seeking customers", "seeking buyers", "resellers wanted",
    "beli produk kami", "pesan sekarang", "daftar harga", "senarai harga", "diskon", "diskaun", "mencari pembeli",
    "mua sản phẩm", "đặt hàng ngay", "bảng giá", "giảm giá", "tìm khách hàng",
    "ซื้อสินค้า", "สั่งซื้อ", "ราคาพิเศษ", "ส่วนลด", "หาลูกค้า",
    "bumili ng aming", "listahan ng presyo", "ລາຄາພິເສດ", "បញ្ជីតម្លៃ", "ဈေးနှုန်းစာရင်း", "价格表", "立即购买", "விலைப் பட்டியல்",
    "compre já", "lista de preços",
)

PROHIBITED = (
    "firearm", "ammunition", "explosive device", "land mine", "landmine", "nerve agent", "chemical weapon",
    "biological weapon", "cluster munition", "counterfeit", "senjata api", "vũ khí", "อาวุธ", "armas de fogo", "武器",
)


def checks_of_text(texts: Mapping[str, str]) -> list[Finding]:
    """The rules that need nothing but the texts, by field name: title, summary, description and the others."""
    found = [*generic_title(texts.get("title", "")), *repetition(texts)]
    for field, text in texts.items():
        found += keyword_list(field, text)
        found += marketing_words(field, text)
        found += direct_sale(field, text)
        found += prohibited(field, text)
    return found


def generic_title(title: str) -> list[Finding]:
    """A title must say what it is about; "innovative solution" says nothing."""
    plain = _plain(title)
    spaced = any(char.isascii() for char in plain)
    if not plain or (plain not in GENERIC_TITLES and len(plain) >= (12 if spaced else 6)):
        return []
    return [Finding("Q1", Severity.MAJOR, "title", "generic_title", _("The title does not say what this is about."),
                    _("Name what it does, for what and with what result."))]


def repetition(texts: Mapping[str, str]) -> list[Finding]:
    """Q23: title, summary and the beginning of the description say the same thing twice."""
    found = []
    title, summary, description = (texts.get(name, "") for name in ("title", "summary", "description"))
    if title and summary and similarity(title, summary) > 0.7:
        found.append(_repeats("summary", _("The summary repeats the title.")))
    opening = description[: max(len(summary), 80)]
    if summary and description and similarity(summary, opening) > 0.7:
        found.append(_repeats("description", _("The description begins by repeating the summary.")))
    return found


def _repeats(field: str, message: object) -> Finding:
    return Finding("Q23", Severity.MINOR, field, "repeats_itself", message, _("Use the space to say something new."))


def keyword_list(field: str, text: str) -> list[Finding]:
    """Q23: words in a row or over and over, which only mean to be found. They do not count for matching."""
    if not looks_listed(text):
        return []
    return [Finding("Q23", Severity.MAJOR, field, "keyword_list", _("Part of this looks like a list of keywords."),
                    _("Write sentences. A search finds words in a bare list, but they do not make a match better."))]


def similarity(one: str, other: str) -> float:
    """How much two texts share, 0 to 1: trigrams in common over all trigrams. Works in scripts without spaces too."""
    left, right = _trigrams(one), _trigrams(other)
    return len(left & right) / len(left | right) if left and right else 0.0


def _plain(text: str) -> str:
    """Letters, figures and the marks that belong to them (Thai, Khmer and Burmese vowels are marks); one space else."""
    kept = "".join(sign if sign.isalnum() or unicodedata.category(sign)[0] == "M" else " " for sign in text)
    return " ".join(kept.casefold().split())


def _trigrams(text: str) -> set[str]:
    plain = f"  {_plain(text)} "
    return {plain[i : i + 3] for i in range(len(plain) - 2)}


def marketing_words(field: str, text: str) -> list[Finding]:
    """Q4: praise in a sentence without any figure. Digits of every script count."""
    for sentence in re.split(r"(?<=[.!?។။。])\s+|\n", text):
        word = contains(sentence, MARKETING)
        if word and not re.search(r"\d", sentence):
            return [Finding("Q4", Severity.MAJOR, field, "praise",
                            _("“%(word)s” is praise without evidence.", word=word),
                            _("Say by how much it is better, and than what; or leave the word out."))]
    return []


def direct_sale(field: str, text: str) -> list[Finding]:
    """Q14: this is a place for partners and licences, not for selling products."""
    word = contains(text, DIRECT_SALE)
    if not word:
        return []
    return [Finding("Q14", Severity.BLOCKER, field, "direct_sale",
                    _("“%(word)s” reads like selling a product to customers.", word=word),
                    _("Offer the right or ask for a partner. A reviewer decides if this was meant otherwise."), True)]


def prohibited(field: str, text: str) -> list[Finding]:
    word = contains(text, PROHIBITED)
    if not word:
        return []
    return [Finding("Q15", Severity.BLOCKER, field, "prohibited",
                    _("“%(word)s” points to a subject that is not allowed here.", word=word),
                    _("Weapons and counterfeit goods have no place here. A reviewer decides."), True)]


def identity_leaks(
    texts: Mapping[str, str], names: Iterable[str | None], numbers: Iterable[str | None]
) -> list[Finding]:
    """Q5: what tells who stands behind an anonymous record. `names` of the owner, `numbers` of its rights."""
    cores = [core for name in names if name for core in _name_forms(name)]
    plain_numbers = {plain for number in numbers if number and len(plain := _digits_and_letters(number)) >= 5}
    found = []
    for field, text in texts.items():
        if _EMAIL.search(text):
            found.append(_leak(field, "email", _("An e-mail address shows who you are.")))
        elif _URL.search(text):
            found.append(_leak(field, "url", _("A web address shows who you are.")))
        if _PHONE.search(text):
            found.append(_leak(field, "phone", _("This looks like a telephone number."), person_decides=True))
        if any(_mentions(text, core) for core in cores):
            found.append(_leak(field, "owner_name", _("Your organisation's name stands in this text.")))
        squeezed = _digits_and_letters(text)
        if any(number in squeezed for number in plain_numbers):
            found.append(_leak(field, "right_number", _("The number of a right shows who its owner is.")))
    return found


def _leak(field: str, code: str, message: object, person_decides: bool = False) -> Finding:
    return Finding("Q5", Severity.BLOCKER, field, code, message,
                   _("Take it out, or choose to show your organisation's name."), person_decides)


def _digits_and_letters(text: str) -> str:
    return _plain(text).replace(" ", "")


def _name_forms(name: str) -> list[str]:
    """A name as it is, and without the words every company has; too short a rest would hit by chance."""
    rest = " ".join(_COMPANY_WORDS.sub(" ", name.replace(",", " ")).split()).strip(" .-()")
    return [form for form in {name.strip(), rest} if len(form) >= 4]


def _mentions(text: str, name: str) -> bool:
    pattern = re.escape(name).replace(r"\ ", r"\s+")
    if name.isascii():
        pattern = rf"(?<!\w){pattern}(?!\w)"
    return re.search(pattern, text, re.IGNORECASE) is not None


def contains(text: str, words: Iterable[str]) -> str | None:
    """The first of `words` that stands in `text`; in scripts with spaces as whole words."""
    folded = text.casefold()
    for word in words:
        if word in folded and (
            not word.isascii() or re.search(rf"(?<!\w){re.escape(word)}(?!\w)", folded)
        ):
            return word
    return None

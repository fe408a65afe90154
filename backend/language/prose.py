"""Tells sentences from bare lists of words, in any script, so that a list cannot buy a better match.

Sentences are held together by small words ("of", "yang", "của", "ที่"); lists of keywords are not. What is a list stays
readable and can be searched, but its words do not count for how well two records suit each other. The test is cheap
and can be said to the author in one line: "this looks like a list of keywords".
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from backend.language.segment import MAX_CHARACTERS, is_content, stem, words

# The longest row of content words without a small one between them that writers of patents and abstracts still use:
# rarer than one sentence in five hundred in English, Indonesian, Malay, Filipino and Vietnamese texts.
LONGEST_RUN = 14
# A sentence that says the same over and over: of so many words, this share of the rows of three have stood before.
MANY, REPEATED = 9, 0.5
# In a sentence there is at least one small word to so many others; more than so many short items are a list.
SPARSE, SPARSE_UNSPACED, MOST_ITEMS = 12, 20, 5
# A record of nothing but a few words is short, not stuffed.
FEW = 8

_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？；၊။។])|[\n\r;|•▪·\u2028\u2029]+|(?<=\s)[-–—]+(?=\s)")
_COMMA = re.compile(r"[,،、，/]+")
_ASCII = re.compile(r"[a-z0-9]+")
_TAMIL = re.compile("[\u0b80-\u0bff\u0900-\u0b7f\u0c00-\u0dff]")

# Besides the words `is_content` leaves out: what only holds sentences together. Indonesian and Malay, Filipino,
# Vietnamese (without accents), Portuguese, Tetum, English.
_SMALL_TEXT = """
    dibandingkan berbanding digunakan dipakai menggunakan memakai mencari ingin bekerja menerima mempunyai naik turun
    diuji dibuat dikeringkan diperiksa memuatkan mengurangi mengurangkan menghasilkan sebuah seorang kemudian selain
    kerana sebab apabila iaitu setelah selepas sambil sebaliknya ataupun semasa kepadanya bukannya
    secara lebih sangat agar bagi bisa ada kami kita mereka karena sehingga jika maka antara setiap hanya saat telah
    sudah belum masih bila serta per hingga sampai melalui terhadap tersebut merupakan menjadi seperti tanpa bukan lain
    juga saya dia ia anda apa apakah siapa mana kapan bagaimana mengapa kenapa boleh harus perlu ialah iaitu yaitu bahwa
    bahawa ketika sejak selama setelah sebelum semua banyak beberapa satu dua oleh itulah kepada daripada maupun tetapi
    namun walaupun meskipun supaya tak bagaimanakah adakah apabila punya mempunyai memiliki
    ako ka siya kami tayo kayo sila ko mo niya namin natin ninyo nila akin iyo kanya ba po kung kapag dahil kaya upang
    pero ngunit o at pati din rin lang lamang na pa may mayroon wala ano sino saan kailan paano bakit ilan isang isa mga
    ay iyon iyan dito doon diyan ng hindi huwag dapat maaari pwede ibang bawat mas pinaka maging tulad habang
    la thi ma bi boi tu den ra vao len xuong tren duoi sau truoc theo nhu nay do kia ay rat hon nhat cung da dang se
    moi nhieu it khi neu vi nen hay hoac va ve bang qua lai toi ban ho chung no ai gi nao dau sao bao may phai can
    que com para por uma um dos das nos nas seu sua mais como entre pelo pela ao aos ou nao se foi ser tem sao esta este
    nebe atu bele tenke mak hanesan liu hotu ne'ebe nia nian sei ona maibe ka
    what when where how why there here about after before only also one two first many much very such
    out up off down because while until since if my me do am him her him
"""
_SMALL = frozenset(_SMALL_TEXT.split())
# Marks of a sentence in scripts without spaces: particles that stand in nearly every sentence.
_PARTICLES = re.compile(
    "บาง|ขึ้น|เรื่อง|นี้|นั้น|กว่า|ทำ|แต่|ยัง|เมื่อ|ถึง|สามารถ|เรา|ของ|ที่|และ|เป็น|ได้|มี|ไม่|จาก|หรือ|ให้|โดย|กับ|ซึ่ง|ด้วย|ใน|จะ|คือ|ต้อง|อยู่|แล้ว|ว่า|เพื่อ"
    "|ແຕ່|ຂຶ້ນ|ລົງ|ເຮົາ|ຄວນ|ສ່ວນ|ເພາະ|ຂອງ|ທີ່|ແລະ|ເປັນ|ໄດ້|ມີ|ບໍ່|ຈາກ|ຫຼື|ໃຫ້|ໂດຍ|ກັບ|ໃນ|ຈະ|ຕ້ອງ|ຢູ່|ແລ້ວ|ວ່າ|ເພື່ອ|ດ້ວຍ"
    "|ហើយ|កំពុង|ចំនួន|យើង|គឺ|ក៏|នីមួយ|ធ្វើ|ចាប់|និង|នៃ|ក្នុង|ដែល|ជា|បាន|មាន|ពី|ដោយ|ឬ|នេះ|មិន|ទៅ|ឲ្យ|ឱ្យ|នឹង|ត្រូវ|អាច|ដើម្បី|របស់|ទេ|នៅ"
    "|နှင့်|၏|သည်|တွင်|မှ|ကို|များ|သော|ဖြင့်|ခြင်း|တဲ့|တယ်|ရန်|အတွက်|ပါ|လို့|က"
    "|的|了|和|与|或|在|是|及|其|等|一|所|中|对|将|该|有|为|以|并|被|由|使|用|于|于|上|可|而"
)
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3400-\u9fff]")


@dataclass(frozen=True)
class Parted:
    """A text in two: its sentences, and what is only a list. `repeats`: the same was said many times over."""

    prose: str
    listed: str
    repeats: bool = False


def parted(texts: Sequence[str], language: str | None = None) -> list[Parted]:
    """Each field of one record in two. Fields are judged together, so that a list may not hide in many short ones."""
    fields = [[_judged(piece, language) for piece in _pieces(text)] for text in texts]
    seen: set[tuple[str, ...]] = set()
    has_prose = any(kept for field in fields for kept, _left, _repeats, _key, _count in field)
    bare = sum(count for field in fields for _kept, left, _repeats, _key, count in field if left)
    short = not has_prose and bare <= FEW
    found = []
    for text, field in zip(texts, fields, strict=True):
        prose: list[str] = []
        listed: list[str] = []
        repeated = False
        for kept, left, repeats, key, count in field:
            again = count > 0 and key in seen
            seen.add(key)
            repeated = repeated or repeats or again
            if again:
                listed.append(f"{kept} {left}")
            elif short and not repeats:
                prose.append(f"{kept} {left}")
            else:
                prose += [kept] if kept else []
                listed += [left] if left else []
        found.append(Parted("\n".join(prose), "\n".join(listed), repeated) if listed else Parted(text, ""))
    return found


def looks_listed(text: str, language: str | None = None, least: int = 15) -> bool:
    """Whether at least `least` words of a text stand in a bare list or many times over: worth telling a person."""
    one = parted([text], language)[0]
    return bool(one.listed) and len(_content(one.listed, language)[1]) >= least


def _pieces(text: str) -> list[str]:
    return [piece.strip() for piece in _END.split(text[:MAX_CHARACTERS]) if piece and not piece.isspace()]


Judged = tuple[str, str, bool, tuple[str, ...], int]  # prose, list, repeats, key, content words in the list


def _judged(piece: str, language: str | None) -> Judged:
    small, content = _content(piece, language)
    key = tuple(sorted(set(content)))
    if not content:
        return piece, "", False, key, 0
    if len(content) >= MANY and _repeated(content) > REPEATED:
        return "", piece, True, key, len(content)
    items = len(_COMMA.findall(piece)) + 1
    short = small + len(content) <= 1.5 * items
    if items > MOST_ITEMS and (short or (len(content) <= 2.5 * items and small < items / 3)):
        return "", piece, False, key, len(content)
    if _TAMIL.search(piece):
        return piece, "", False, key, len(content)
    if small * (SPARSE_UNSPACED if _UNSPACED.search(piece) else SPARSE) < len(content):
        return "", piece, False, key, len(content)
    if len(content) >= LONGEST_RUN and not _UNSPACED.search(piece):
        kept, left = _without_runs(piece)
        return kept, left, False, key, len(content)
    return piece, "", False, key, len(content)


def _repeated(content: list[str]) -> float:
    """The share of rows of three words that have stood before; of single words where there are very few of them."""
    rows = list(zip(content, content[1:], content[2:], strict=False))
    again = 1 - len(set(rows)) / len(rows)
    return max(again, 1.0 if len(set(content)) * 5 < len(content) else 0.0)


def _content(piece: str, language: str | None) -> tuple[int, list[str]]:
    """How many small words hold a piece together, and its content words."""
    if piece.isascii():
        found = _ASCII.findall(piece.lower())
    elif _UNSPACED.search(piece):
        plain = words(piece, language)
        return len(_PARTICLES.findall(piece)), [word for word in plain if is_content(word)]
    else:
        found = words(piece, language)
    content = [stem(word) for word in found if is_content(word) and word not in _SMALL and not word.isdigit()]
    small = sum(1 for word in found if word in _SMALL or not (is_content(word) or word.isdigit()))
    return small, content


def _without_runs(piece: str) -> tuple[str, str]:
    """The piece without rows of content words that are too long for a sentence, and those rows."""
    kept: list[str] = []
    left: list[str] = []
    run: list[str] = []

    def close() -> None:
        (left if len(run) >= LONGEST_RUN else kept).extend(run)
        run.clear()

    for token in piece.split():
        small, content = _content(token, None)
        if small and not content:
            close()
            kept.append(token)
        else:
            run.append(token)
    close()
    return " ".join(kept), " ".join(left)

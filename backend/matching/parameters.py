"""Which words and figures of a text speak of a parameter that somebody asks for, in whatever two languages.

Words meet as they are, or by their English pivots. What the unit says anyway ("time", "rate") need not be said again;
what tells one parameter from another ("arsenic", "iron") must stand by the figure or in the title.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from backend.ip.figures import Figure, figures
from backend.ip.units import normalise_unit
from backend.language import lexicon
from backend.matching.quotes import sentences_of


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Words that name no thing: what a unit implies, and what merely qualifies.
_GENERIC = _listed(
    "maximum minimum max min total average overall mean typical nominal required need must least most final initial "
    "rate level value amount number size content concentration degree range limit figure capacity output input flow "
    "time duration period temperature weight mass volume length width height depth area power pressure speed velocity "
    "density price cost unit percent percentage share ratio index factor efficiency performance quality property "
    "condition state requirement operation operating working day hour year per each product system device equipment "
    "machine process single less lower reduction reduce decrease saving save increase high higher low "
    "removal remove consumption end start "
    # the same where no list knows the word by itself
    "สุดท้าย ปริมาณ ขนาด จำนวน ค่า ระดับ สูงสุด ต่ำสุด akhir awal jumlah cuoi dau luong muc tong ສຸດທ້າຍ ປະລິມານ ລະດັບ "
    "giam tang moi sau truoc satu setiap selepas sebelum daripada dari yang por dalam untuk "
    "ចុងក្រោយ បរិមាណ កម្រិត နောက်ဆုံး ပမာဏ အဆင့် 最终 含量 数量 最高 最低"
)
# A per cent beside these is of what was before, not of the whole: "12 % less moisture" is no moisture of 12 %.
_RELATIVE = _listed(
    "less lower reduction reduce saving save cut fewer drop decrease decline increase higher more rise improve "
    "improvement faster cheaper savings"
)
_TAKEN_OUT = _listed("removal remove elimination removing")
_RELATIVE_ELSEWHERE = re.compile(
    r"ลด|ประหยัด|เพิ่ม|กว่า|ຫຼຸດ|ປະຢັດ|ເພີ່ມ|កាត់បន្ថយ|សន្សំ|បង្កើន|လျှော့|သက်သာ|တိုး|减少|节省|降低|提高|增加"
    r"|ຫຼາຍກວ່າ|ໜ້ອຍກວ່າ|ជាង|ပို|နည်း|அதிக|குறை|更|\blebih|\bhơn\b|\bmas\b"
    r"|\b(?:giảm|tăng|tiết kiệm|(?:me[nm])?urang\w*|me(?:nurunkan|ngurangi|nghemat|ningkatkan)|hemat|penurunan"
    r"|peningkatan|bawas\w*|tipid)\b",
    re.IGNORECASE,
)
_AS_RESULT = re.compile(r"(?:\bto|xuống|còn|menjadi|kepada|เหลือ|เป็น|ເປັນ|ຫາ|មក|至|到)\s*$", re.IGNORECASE)
_AT_FIRST = _listed("initial inlet input feed raw starting incoming influent untreated")
_AT_LAST = _listed("final outlet output end finished outgoing effluent treated")
# What follows is somebody else's figure: "12 minutes, against 5 hours for the usual test".
_BASELINE = re.compile(
    r"(?:\b(?:compared? (?:with|to)|against|versus|vs|instead of|rather than|so với|thay vì|thay cho|dibanding\w*"
    r"|berbanding|daripada|kumpara sa|kaysa|sa halip na|em vez de|contra|kompara ho)\b|เทียบกับ|แทนที่|ທຽບກັບ|ທຽບໃສ່|ແທນ"
    r"|ធៀប|ជំនួស|နှိုင်းယှဉ်|အစား|ஒப்பிட|相比|而不是|对比)",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"\b(?:no|not|non|without|never|cannot|không|chưa|tidak|tanpa|bukan|belum|hindi|walang|wala)\b"
    r"|n't\b|ไม่|ไร้|ບໍ່|មិន|គ្មាន|不|无|沒有|没有",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[,;()、，；•]|\s(?:and|but|while|và|dan|tetapi|pero|และ|แต่|ແລະ|និង)\s", re.IGNORECASE)
_SUFFIXES = (
    "ization", "isation", "ation", "ency", "ment", "ness", "tion", "ance", "ence", "ing", "ers", "ent", "ant", "ion",
    "ity", "ive", "ied", "ies", "ed", "er", "or", "al", "es", "y", "e", "i",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parameter:
    """Each thing named, as the words any of which says it. `telling` are those that are no generic words."""

    telling: tuple[frozenset[str], ...]
    generic: tuple[frozenset[str], ...]
    words: frozenset[str]
    relative: bool = False  # a change is asked for ("fuel saved"), and not a state

    @property
    def difference(self) -> bool:
        return not _stems(frozenset({"difference", "rise", "drop", "increase", "gradient", "delta"})).isdisjoint(
            self.words
        )

    def named(self, said: frozenset[str], implied: frozenset[str] = frozenset()) -> bool:
        """Whether words speak of it; `implied` are the words of the title, the subject of all the rest."""
        if not self.telling:
            held = sum(not words.isdisjoint(said) for words in self.generic)
            return held > 0 and 2 * held >= len(self.generic)
        here = [words for words in self.telling if not words.isdisjoint(said)]
        missing = [words for words in self.telling if words.isdisjoint(said) and words.isdisjoint(implied)]
        return bool(here) and 4 * len(missing) <= len(self.telling)


@dataclass(frozen=True, slots=True)
class Stated:
    """A sentence and the figures in it."""

    text: str
    language: str
    figures: tuple[Figure, ...]

    @property
    def words(self) -> frozenset[str]:
        """With their English pivots; read only where a figure could matter, which is seldom."""
        return said(self.text, self.language)

    def clause(self, figure: Figure) -> str:
        """What stands around a figure, up to its neighbours and to the next comma."""
        start = max((f.span[1] for f in self.figures if f.span[1] <= figure.span[0]), default=0)
        end = min((f.span[0] for f in self.figures if f.span[0] >= figure.span[1]), default=len(self.text))
        before = _CLAUSE.split(self.text[start : figure.span[0]])[-1]
        after = _CLAUSE.split(self.text[figure.span[1] : end])[0]
        return f"{before} {after}"

    def of_another(self, figure: Figure) -> bool:
        """Whether it is only named to compare with."""
        start = max((f.span[1] for f in self.figures if f.span[1] <= figure.span[0]), default=0)
        return bool(_BASELINE.search(self.text, start, figure.span[0]))

    def is_result(self, figure: Figure) -> bool:
        """Whether a change led there: "dried to 14 %"."""
        return figure.before is not None or bool(_AS_RESULT.search(self.text[: figure.span[0]]))

    def denies(self) -> bool:
        return bool(_NOT.search(self.text))


@lru_cache(maxsize=2_048)
def parameter(text: str, language: str) -> Parameter:
    telling: list[frozenset[str]] = []
    generic: list[frozenset[str]] = []
    for concept in lexicon.concepts(text[:200], language):
        if all(normalise_unit(word) for word in concept.native):
            continue  # a unit that was written beside the name
        kind = telling if _GENERIC.isdisjoint((*concept.native, *concept.english)) else generic
        kind.append(_words(concept, language))
    words = frozenset().union(*telling, *generic)
    relative = not words.isdisjoint(_stems(_RELATIVE | _TAKEN_OUT)) or bool(_RELATIVE_ELSEWHERE.search(text))
    return Parameter(tuple(telling), tuple(generic), words, relative)


@lru_cache(maxsize=1_024)
def stated(text: str, language: str) -> tuple[Stated, ...]:
    """The sentences of a text that state figures."""
    found = []
    for sentence in sentences_of(text):
        if any(sign.isdecimal() for sign in sentence) and (read := tuple(figures(sentence, language))):
            found.append(Stated(sentence, language, read))
    return tuple(found)


@lru_cache(maxsize=8_192)
def said(text: str, language: str) -> frozenset[str]:
    """The words of a text as they are and in English, each cut to its stem."""
    return frozenset().union(*(_words(concept, language) for concept in lexicon.concepts(text, language)))


def _words(concept: lexicon.Concept, language: str) -> frozenset[str]:
    """A word that a list knows meets another language by its English alone: Indonesian `air` is water."""
    english = _stems(frozenset(concept.english))
    own = _stems(frozenset(concept.native))
    return english | {f"{language}:{word}" for word in own} if english else own


def share_a_subject(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two titles, each with its language, name one thing in common."""
    return bool((said(*one) & said(*other)) - _stems(_GENERIC))


def figures_of(asked: Parameter, sentence: Stated, alike: list[Figure], title: frozenset[str]) -> list[Figure]:
    """Of the figures of the right kind in a sentence, those that are of the parameter.

    A figure counts whose own clause names it. Else the sentence must name it and leave no choice, which a per cent
    never does: too many things are counted in it.
    """
    if not asked.named(sentence.words, title):
        return []
    by_clause = [figure for figure in alike if asked.named(said(sentence.clause(figure), sentence.language), title)]
    if not by_clause and len(alike) == 1 and alike[0].unit != "%":
        by_clause = alike
    return [figure for figure in by_clause if not _of_something_else(asked, sentence, figure)]


def at_that_time(asked: Parameter, figure: Figure) -> Figure:
    """Of "from 24 % down to 14 %", the 24 where what was at first is asked for."""
    if figure.before is None or asked.words.isdisjoint(_stems(_AT_FIRST)):
        return figure
    return Figure(figure.before, figure.unit, figure.span)


def _of_something_else(asked: Parameter, sentence: Stated, figure: Figure) -> bool:
    clause = sentence.clause(figure)
    words = said(clause, sentence.language)
    first, last = _stems(_AT_FIRST), _stems(_AT_LAST)
    if figure.before is None and (
        (asked.words & first and words & last and not words & first)
        or (asked.words & last and words & first and not words & last)
    ):
        return True
    if figure.unit != "%" or asked.relative or sentence.is_result(figure):
        return False
    return bool(words & _stems(_RELATIVE)) or bool(_RELATIVE_ELSEWHERE.search(clause))


@lru_cache(maxsize=16_384)
def _stems(words: frozenset[str]) -> frozenset[str]:
    return frozenset(_stem(word) for word in words)


@lru_cache(maxsize=32_768)
def _stem(word: str) -> str:
    """`drying`, `dryer` and `dried` become one; English endings only, and never less than three letters."""
    if not word.isascii():
        return word
    end = next((end for end in _SUFFIXES if word.endswith(end) and len(word) - len(end) >= 3), "")
    root = word[: len(word) - len(end)] if end else word
    return root[:-1] if len(root) > 3 and root[-1] == root[-2] else root

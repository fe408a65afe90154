"""Which language a text is written in. The script decides most of the region's languages; the Latin ones are told
apart by their commonest words, and near relatives (Indonesian and Malay) get an honestly low confidence.
"""

from __future__ import annotations

import re

from backend.language.segment import visible

LANGUAGES = ("en", "id", "ms", "th", "vi", "fil", "km", "lo", "my", "ta", "zh", "pt", "tet")
_SAMPLE = 4_000

_SCRIPTS = {
    "th": re.compile("[\u0e01-\u0e5b]"),
    "lo": re.compile("[\u0e81-\u0edf]"),
    "km": re.compile("[\u1780-\u17ff]"),
    "my": re.compile("[\u1000-\u109f\uaa60-\uaa7f]"),
    "ta": re.compile("[\u0b80-\u0bff]"),
    "zh": re.compile("[\u3400-\u4dbf\u4e00-\u9fff]"),
}
_KANA = re.compile("[\u3040-\u30ff]")
_LATIN = re.compile("[a-z\u00c0-\u024f\u1e00-\u1eff]")
# Letters that only Vietnamese uses among these languages.
_VIETNAMESE = re.compile("[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]")
_PORTUGUESE = re.compile("[ãõç]|ção|ções")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")

# A word after "!" tells its language from its near relative and counts three times.
_COMMON: dict[str, frozenset[str]] = {}
_TELLING: dict[str, frozenset[str]] = {}
_PROFILES = {
    "en": """the of and to in is for that with are be on by as from this which an it at or can will has have used was
        not their these into such than using we our need we're more other between ! the which with would should""",
    "id": """yang dan di dengan untuk dari pada ini dalam adalah tidak akan atau oleh dapat kami ke sebagai itu juga
        secara telah para serta lebih lain bahan alat air memiliki menggunakan tersebut
        ! bisa karena yaitu namun saat perusahaan memiliki sedangkan kualitas kebutuhan aktivitas mobil listrik provinsi
        limbah butuh kapasitas efisiensi kantor uang menit pasien kasus wabah infeksi setelah studi penelitian kesehatan
        biaya proyek baterai otomatis kondisi dari kemudian terjadi sekitar berupa bahwa dilakukan sendiri industri
        laboratorium pabrik produksi energi sangat coba jika""",
    "ms": """yang dan di dengan untuk dari pada ini dalam adalah tidak akan atau oleh dapat kami ke sebagai itu juga
        secara telah para serta lebih lain bahan alat air menggunakan tersebut
        ! boleh kerana ialah iaitu daripada syarikat sahaja manakala mempunyai kualiti keperluan aktiviti kereta
        elektrik negeri sisa kapasiti kecekapan wang minit pesakit kes wabak jangkitan selepas kajian penyelidikan kos
        kesihatan projek bateri automatik bagi ujian rawatan berlaku semasa sebarang kedua-dua berkaitan sekiranya
        awam terhadap ringgit kepada turut tenaga kilang makmal keadaan mungkin apabila menerusi bahawa memerlukan""",
    "fil": """ang ng mga sa na at ay ni para may hindi ito kung nang mula isang upang bilang pag dahil namin kami natin
        ! ang ng mga ay nang hindi ito upang isang namin kailangan gamit mayroon maaaring tubig pati rin lamang
        bawat aming kanilang walang paggamit paraan""",
    "vi": """và của các trong cho với được có không những để từ này một người khi đến là trên theo về như
        ! va cua các trong cho với được có không những để này một là hệ thống nước thiết bị phương pháp""",
    "pt": """de que da em um para com não uma os na por mais dos como mas ao das à é são pelo pela
        ! que em um para com não uma os dos das pelo pela são também sistema água ou ser""",
    "tet": """iha no ho ba husi sira ne'e ida atu hodi nia ema bele katak tanba sei la ita ami mak
        ! iha husi sira ne'e atu hodi nia bele katak tanba mak liuhusi hanesan presiza bee timor ne’e hetan halo
        nune'e rai ami-nia ami""",
}
for _code, _words in _PROFILES.items():
    _shared, _, _own = _words.partition("!")
    _COMMON[_code] = frozenset(_shared.split())
    _TELLING[_code] = frozenset(_own.split())
# Word -> what it counts for which languages: most words of a text are in no profile and are looked up once.
_COUNTS = {
    word: tuple(
        (code, (word in _COMMON[code]) + 3 * (word in _TELLING[code]))
        for code in _PROFILES
        if word in _COMMON[code] or word in _TELLING[code]
    )
    for word in frozenset().union(*_COMMON.values(), *_TELLING.values())
}


def detect(text: str) -> tuple[str, float]:
    """(language, confidence 0..1) of a text. A text with nothing to go by is ("en", 0.0); never raises."""
    sample = visible(text[: _SAMPLE * 2]).lower()[:_SAMPLE]
    latin = len(_LATIN.findall(sample))
    if latin and sample.isascii():
        return _latin(sample)
    # One letter of a syllabic or Han script says more than one Latin letter: technical texts carry many Latin names.
    scripts = {code: 2 * len(pattern.findall(sample)) for code, pattern in _SCRIPTS.items()}
    scripts["zh"] = 0 if len(_KANA.findall(sample)) * 8 > scripts["zh"] else scripts["zh"] * 2
    best = max(scripts, key=lambda code: scripts[code])
    if scripts[best] > latin or (scripts[best] >= 12 and scripts[best] * 3 > latin):
        return best, round(scripts[best] / (sum(scripts.values()) + latin / 4), 2)
    if latin == 0:
        return "en", 0.0
    return _latin(sample)


def _latin(sample: str) -> tuple[str, float]:
    counts = dict.fromkeys(_PROFILES, 0.0)
    for word in _WORD.findall(sample):
        for code, amount in _COUNTS.get(word, ()):
            counts[code] += amount
    if not sample.isascii():
        vietnamese = len(_VIETNAMESE.findall(sample))
        counts["vi"] += 2 * vietnamese
        counts["pt"] += 0 if vietnamese else 2 * len(_PORTUGUESE.findall(sample))
    ranked = sorted(counts, key=lambda code: -counts[code])
    first, second = counts[ranked[0]], counts[ranked[1]]
    if first == 0:
        return "en", 0.1  # names and figures only: what most records in other scripts borrow from
    margin = (first - second) / first
    evidence = first / (first + 4)  # a handful of words is little to go by
    return ranked[0], round(margin * evidence if margin < 0.5 else evidence, 2)

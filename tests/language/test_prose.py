"""Sentences are told from bare lists of words, in the region's languages."""

import pytest

from backend.language.prose import looks_listed, parted

SENTENCES = {
    "en": "Husk left over by mills is burnt, washed and pressed into cartridges that fit common housings.",
    "id": "Alat ini mengeringkan padi secara cepat tanpa listrik dan cocok untuk desa.",
    "vi": "Thiết bị này sấy lúa bằng năng lượng mặt trời và không cần điện.",
    "fil": "Ang aparatong ito ay nagpapatuyo ng palay nang walang kuryente.",
    "th": "อุปกรณ์นี้อบแห้งข้าวเปลือกด้วยพลังงานแสงอาทิตย์และไม่ต้องใช้ไฟฟ้า",
    "lo": "ອຸປະກອນນີ້ອົບແຫ້ງເຂົ້າດ້ວຍພະລັງງານແສງອາທິດ ແລະ ບໍ່ຕ້ອງໃຊ້ໄຟຟ້າ",
    "km": "ឧបករណ៍នេះសម្ងួតស្រូវដោយថាមពលព្រះអាទិត្យ និងមិនត្រូវការអគ្គិសនី",
    "my": "ဤကိရိယာသည် စပါးကို နေရောင်ခြည်စွမ်းအင်ဖြင့် အခြောက်ခံသည်။",
    "zh": "该装置利用太阳能干燥稻谷，不需要电力。",
    "ta": "இந்த கருவி சூரிய ஆற்றலால் நெல்லை உலர்த்துகிறது.",
    "pt": "Este aparelho seca o arroz com energia solar e não precisa de eletricidade.",
}
LISTS = {
    "en": "arsenic filter, water treatment, rice husk, silica, well water, cheap, household, cartridge, village",
    "vi": "lọc nước, asen, vỏ trấu, giếng khoan, hộ gia đình, giá rẻ, nông thôn, công nghệ, sấy lúa",
    "th": "เครื่องกรอง, สารหนู, แกลบ, น้ำบ่อ, ครัวเรือน, ราคาถูก, ชนบท, เทคโนโลยี",
    "zh": "过滤器, 砷, 稻壳, 井水, 家庭, 便宜, 农村, 技术",
    "ta": "வடிகட்டி, ஆர்சனிக், உமி, கிணற்று நீர், வீடு, மலிவு, கிராமம், தொழில்நுட்பம்",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_a_sentence_stays_whole(language: str) -> None:
    one = parted([SENTENCES[language]], language)[0]
    assert (one.prose, one.listed) == (SENTENCES[language], "")


@pytest.mark.parametrize("language", LISTS)
def test_a_list_after_a_sentence_is_left_out(language: str) -> None:
    one = parted([f"{SENTENCES[language]}\n{LISTS[language]}"], language)[0]
    assert one.prose == SENTENCES[language]
    assert one.listed == LISTS[language]


def test_a_list_without_any_mark_between_is_left_out_of_its_sentence() -> None:
    words = LISTS["en"].replace(",", "")
    kept = parted([f"It is burnt by the mill {words} {words.upper()} and it is cheap."])[0].prose
    assert "arsenic" not in kept.lower()
    assert kept.endswith("and it is cheap.")


def test_a_sentence_said_again_counts_once() -> None:
    assert parted([" ".join([SENTENCES["en"]] * 5)])[0].prose == SENTENCES["en"]


def test_a_sentence_said_again_in_another_field_counts_once() -> None:
    assert [one.prose for one in parted([SENTENCES["en"], SENTENCES["en"]])] == [SENTENCES["en"], ""]


def test_a_list_cannot_hide_in_many_short_lines() -> None:
    lines = "\n".join(LISTS["en"].split(", "))
    assert parted([SENTENCES["en"], lines])[1].prose == ""


def test_a_few_words_alone_are_short_and_no_list() -> None:
    assert parted(["Solar dryer", "rice"])[0].prose == "Solar dryer"


def test_small_words_sprinkled_over_the_same_words_do_not_make_a_sentence() -> None:
    stuffed = "the arsenic of the filter and the arsenic for the filter " * 20
    assert parted([SENTENCES["en"] + " " + stuffed])[0].repeats


def test_a_list_is_worth_telling_and_a_sentence_is_not() -> None:
    assert looks_listed(LISTS["en"] + ", " + LISTS["vi"])
    assert not any(looks_listed(sentence) for sentence in SENTENCES.values())

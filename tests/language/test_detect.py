"""Which language a text is in, and how sure one can be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.language.detect import LANGUAGES, detect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("We need a low-cost way to remove arsenic from well water in villages.", "en"),
        ("Kami membutuhkan cara murah untuk mengolah limbah cair tahu yang bisa dipakai perusahaan kecil.", "id"),
        ("Syarikat kami mempunyai keperluan bagi mesin pengering padi yang kecekapan tenaganya tinggi.", "ms"),
        ("ต้องการเทคโนโลยีบำบัดน้ำเสียจากโรงงานแป้งมันสำปะหลัง", "th"),
        ("Chúng tôi cần thiết bị sấy lúa tiết kiệm năng lượng cho hợp tác xã.", "vi"),
        ("Kailangan namin ng murang paraan upang linisin ang tubig sa mga isla.", "fil"),
        ("យើងត្រូវការបច្ចេកវិទ្យាចម្រោះទឹកសម្រាប់ភូមិជនបទ", "km"),
        ("ພວກເຮົາຕ້ອງການເຕັກໂນໂລຊີກອງນ້ໍາສໍາລັບຊຸມຊົນ", "lo"),
        ("ကျေးရွာများအတွက် ရေသန့်စင်စနစ် လိုအပ်ပါသည်", "my"),
        ("கிராமங்களுக்கு குறைந்த விலையில் நீர் வடிகட்டி தேவை", "ta"),
        ("我们需要一种低成本的稻谷干燥技术", "zh"),
        ("Precisamos de um sistema de irrigação que não gaste muita água.", "pt"),
        ("Ami presiza sistema ida atu hamoos bee iha foho sira.", "tet"),
    ],
)
def test_a_sentence_tells_its_language(text: str, language: str) -> None:
    found, confidence = detect(text)
    assert (found, confidence > 0.3) == (language, True)


def test_latin_names_do_not_hide_a_thai_text() -> None:
    assert detect("ต้องการเซ็นเซอร์ LoRaWAN ESP32 Raspberry Pi MQTT สำหรับฟาร์มกุ้ง")[0] == "th"


def test_what_indonesian_and_malay_share_leaves_the_choice_unsure() -> None:
    assert detect("alat untuk air dan bahan yang tidak dapat")[1] < 0.3


@pytest.mark.parametrize("text", ["", "   ", "12 345.6", "\x00\u200b"])
def test_a_text_without_words_says_nothing(text: str) -> None:
    assert detect(text) == ("en", 0.0)


@given(st.text(alphabet=st.characters(exclude_categories=[]), max_size=300))
def test_any_text_at_all_has_an_answer(text: str) -> None:
    language, confidence = detect(text)
    assert language in LANGUAGES
    assert 0 <= confidence <= 1

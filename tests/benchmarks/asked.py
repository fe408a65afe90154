"""Needs that nobody has asked before, in the region's languages: so none of their vectors is kept anywhere."""

from __future__ import annotations

import itertools

_THAI_PLACES = ("โรงงานแปรรูปอาหารทะเล", "สหกรณ์ชาวนา", "โรงพยาบาลชุมชน", "ฟาร์มกุ้ง", "โรงสีข้าว", "สวนยางพารา")
_THAI_PROBLEMS = (
    ("เครื่องอบแห้งพลังงานแสงอาทิตย์", "ผลผลิตขึ้นราในฤดูฝนเพราะตากแดดไม่ได้ ต้องการเครื่องอบที่คุมอุณหภูมิไม่เกิน 60 องศา และใช้ไฟฟ้าน้อย"),
    ("ระบบบำบัดน้ำเสีย", "น้ำทิ้งมีค่าบีโอดีสูงเกินมาตรฐาน ต้องการระบบขนาดเล็กที่ดูแลง่ายและนำน้ำกลับมาใช้ใหม่ได้อย่างน้อยครึ่งหนึ่ง"),
    ("เซ็นเซอร์ตรวจคุณภาพน้ำ", "ต้องวัดความเค็มและออกซิเจนทุกชั่วโมง ส่งข้อมูลทางโทรศัพท์ และทนสนิมได้อย่างน้อยสองปี"),
    ("บรรจุภัณฑ์ย่อยสลายได้", "ลูกค้าต่างประเทศไม่รับพลาสติก ต้องการฟิล์มที่กันความชื้นได้สามเดือนและย่อยสลายในดิน"),
    ("หุ่นยนต์คัดแยก", "แรงงานหายาก ต้องการกล้องและแขนกลที่คัดแยกของเสียได้ชั่วโมงละห้าร้อยกิโลกรัม"),
)
_OTHERS = (
    ("Solar dryer for seaweed", "Our cooperative loses a third of the harvest to rain; it has no grid power."),
    ("Pengering padi tenaga surya", "Kami kehilangan panen pada musim hujan dan mencari pengering tanpa listrik PLN."),
    ("Lọc nước mặn cho ao tôm", "Ao tôm bị nhiễm mặn vào mùa khô, cần màng lọc rẻ, công suất 20 m3 mỗi ngày."),
    ("Panlinis ng tubig sa barangay", "Kailangan namin ng salaan na kayang linisin ang tubig kahit walang kuryente."),
    ("Recycling of lithium batteries", "We collect two tonnes of cells a month and want the cobalt back."),
)


def thai(count: int) -> list[tuple[str, str]]:
    """(title, description) of `count` different needs, at most 30."""
    pairs = itertools.product(_THAI_PLACES, _THAI_PROBLEMS)
    return [(f"{what}สำหรับ{where}", f"{where}ของเรา: {why}") for where, (what, why) in pairs][:count]


def mixed(count: int) -> list[tuple[str, str]]:
    """Half of them Thai, the others in five more languages."""
    others = [(f"{title} ({number})", text) for number in range(count) for title, text in _OTHERS]
    return [pair for two in zip(thai(count // 2), others, strict=False) for pair in two]

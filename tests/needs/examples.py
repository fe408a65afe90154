"""A need with nothing left to mend, to be spoiled one field at a time."""

from datetime import timedelta
from typing import Any

from backend.core.clock import today
from backend.needs.schemas import NeedInput

BRIEF: dict[str, Any] = {
    "title": "กำจัดสารหนูออกจากน้ำบ่อ",
    "description": "หมู่บ้านของเราใช้น้ำบ่อที่มีสารหนูปน เราต้องการเครื่องกรองที่ไม่ใช้ไฟฟ้าและราคาถูก",
}


def complete() -> dict[str, Any]:
    return {
        "title": "Arsenic out of village well water without electricity",
        "language": "en",
        "summary": "A university in Thailand looks for a licence for a household filter that brings arsenic down.",
        "description": "Wells in the north hold up to 0.2 mg of arsenic a litre. Families cannot pay for membranes and "
        "have no reliable power, so what is sold in towns does not reach them.",
        "why_needed": "Treating those who fell ill costs the province more each year than filters would.",
        "requirements": [
            {"parameter": "Arsenic after treatment", "operator": "at_most", "value": "10", "unit": "µg/l"}
        ],
        "used_in": ["TH", "LA"],
        "min_trl": 6,
        "deal_types": ["non_exclusive_licence"],
        "sectors": ["green"],
        "sdgs": [6],
        "technology_keywords": ["arsenic", "water filter"],
        "market_keywords": ["rural water supply"],
        "deadline": (today() + timedelta(days=60)).isoformat(),
        "decision_on": (today() + timedelta(days=90)).isoformat(),
    }


def need_input(**changes: Any) -> NeedInput:
    """The complete need with some answers changed; None takes one away."""
    data = {**complete(), **changes}
    return NeedInput.model_validate({name: value for name, value in data.items() if value is not None})

"""A listing with nothing left to mend, to be spoiled one field at a time."""

from typing import Any

from backend.listings.schemas import ListingInput

WHOLE: dict[str, Any] = {
    "kind": "patent",
    "language": "en",
    "title": "Rice husk silica filter that takes arsenic out of well water",
    "summary": "A small company in Viet Nam offers a licence for a filter cartridge of burnt rice husk. It brings "
    "arsenic in well water below the drinking limit without electricity. Makers of household filters are sought.",
    "problem": "Many village wells in the deltas carry arsenic. Reverse osmosis works but costs too much to run.",
    "description": "Husk left over by mills is burnt, washed and pressed into cartridges that fit common housings. One "
    "cartridge serves a family for half a year and is then returned to the mill.",
    "advantages": "Takes out 97 % of arsenic where sand filters of the same size reach 60 %, at a third of their cost.",
    "stage": "demonstration",
    "trl": 7,
    "ipr_status": "granted",
    "rights": [
        {
            "office": "VN",
            "publication_number": "1-2019-04567",
            "registration_number": "1-0031234",
            "application_date": "2019-05-02",
            "registration_date": "2022-03-01",
            "status": "granted",
            "owners": ["Alice Msme Small"],
            "ipc": ["C02F 1/28"],
        }
    ],
    "deal_types": ["non_exclusive_licence"],
    "partner_role": "A maker of household filters who builds the cartridge into its own housings and sells them in the "
    "partner's country; we train its staff for two weeks.",
    "partner_kinds": ["msme_small", "msme_medium"],
    "territories": ["KH", "LA", "TH"],
    "sectors": ["green"],
    "sdgs": [6],
    "technology_keywords": ["water filter", "arsenic", "rice husk"],
    "market_keywords": ["household water", "rural supply"],
    "nothing_confidential": True,
}


def whole(**changes: Any) -> ListingInput:
    """The whole listing with some answers changed; None takes one away."""
    data = {**WHOLE, **changes}
    return ListingInput.model_validate({name: value for name, value in data.items() if value is not None})

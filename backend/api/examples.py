"""One example of everything the API takes and answers; the tests hold them against the schemas they stand for."""

from typing import Any

LISTING = "0199d1d2-7a5b-7c11-8f0e-3b1f6c0d2a11"
NEED = "0199d1d2-7a5b-7c11-8f0e-3b1f6c0d2a12"
MATCH = "0199d1d2-7a5b-7c11-8f0e-3b1f6c0d2a10"
RIGHT = "0199d1d2-7a5b-7c11-8f0e-3b1f6c0d2a13"

_OWNER: dict[str, Any] = {
    "name": "Sông Hậu Water Works", "country": "VN", "verification_level": 2, "verified_on": "2026-03-04",
    "verification_source": "National register of patents",
}
_RIGHT: dict[str, Any] = {
    "id": RIGHT, "kind": "patent", "office": "VN", "title": None, "application_number": "1-2018-01234",
    "application_date": "2018-03-21", "publication_number": "1-2019-04567", "publication_date": "2019-09-25",
    "registration_number": "1-0031234", "registration_date": "2022-03-01", "status": "granted",
    "expires_on": "2038-03-21", "owners": ["Sông Hậu Water Works"], "ipc": ["C02F1/28"], "cpc": [], "nice": [],
    "locarno": [], "goods_services": None, "last_use_on": None, "encumbrances": [], "checked_at": None,
    "check_source": None, "check_result": None,
}
_LISTING: dict[str, Any] = {
    "id": LISTING, "reference": "TO-VN-20260901-003", "state": "published", "url": f"/listings/{LISTING}",
    "open_for_interest": True, "kind": "patent", "lister_role": "owner", "anonymous": False, "language": "vi",
    "title": "Bộ lọc từ trấu loại bỏ asen trong nước giếng", "summary": "Lọc asen không cần điện, chi phí thấp.",
    "problem": "Nhiều giếng làng có asen.", "description": "Trấu được đốt, rửa và ép thành lõi lọc.",
    "advantages": "Loại 97 % asen.", "economic_comparison": "", "applications": "Nước uống hộ gia đình",
    "stage": "demonstration", "trl": 7, "ipr_status": "granted", "rights": [_RIGHT],
    "deal_types": ["non_exclusive_licence"], "terms": None, "terms_visibility": "on_request", "partner_role": "",
    "partner_kinds": ["msme_small"], "territories": ["KH", "LA"], "excluded_countries": [],
    "sectors": ["green"], "sdgs": [6],
    "technology_keywords": ["lọc nước"], "market_keywords": ["nước sạch nông thôn"], "green": True,
    "environmental_benefits": [], "organisation": _OWNER, "submitted_at": "2026-09-01T02:00:00Z",
    "published_at": "2026-09-03T02:00:00Z", "expires_at": "2027-09-03T02:00:00Z", "version": 4, "quality": None,
    "findings": None,
}
_LISTING_FINDING: dict[str, Any] = {
    "rule": "Q1", "severity": "blocker", "field": "summary", "code": "missing", "message": "Please answer this.",
    "mend": "Say in one or two sentences what is on offer.",
}
_LISTING_DRAFT = _LISTING | {
    "state": "draft", "submitted_at": None, "published_at": None, "expires_at": None, "version": 1, "quality": 64,
    "summary": "", "findings": [_LISTING_FINDING],
}
_NEED: dict[str, Any] = {
    "id": NEED, "reference": "TR-TH-20260910-001", "state": "draft", "url": f"/needs/{NEED}", "open_for_interest": True,
    "language": "th", "title": "กำจัดสารหนูออกจากน้ำบ่อ", "summary": "",
    "description": "หมู่บ้านใช้น้ำบ่อที่มีสารหนู ต้องการเครื่องกรองที่ไม่ใช้ไฟฟ้า", "kind": "technology_request",
    "why_needed": "", "present_solution": "",
    "requirements": [
        {"parameter": "สารหนู", "operator": "at_most", "value": "10", "unit": "µg/l", "importance": "must"}
    ],
    "out_of_scope": "", "used_in": ["TH"], "site_conditions": "", "right_kinds": [], "ipc": [], "min_trl": None,
    "partner_kinds": [], "partner_countries": [],
    "ip_expectation": "no_preference", "sectors": [], "sdgs": [6], "technology_keywords": [], "market_keywords": [],
    "deal_types": [], "terms": None, "currency": None, "budget_min": None, "budget_max": None, "award": None,
    "deadline": None, "decision_on": None,
    "organisation": {"name": "Lanna University", "country": "TH", "verification_level": 1},
    "published_at": None, "expires_at": None, "version": 1, "quality": 40,
    "findings": [
        {
            "rule": "Q2", "severity": "blocker", "field": "deadline", "code": "missing",
            "message": "Please answer this.", "mend": "Say until when you take answers.",
        }
    ],
}
_HIT: dict[str, Any] = {
    "id": LISTING, "reference": "TO-VN-20260901-003", "title": _LISTING["title"], "summary": _LISTING["summary"],
    "language": "vi", "kind": "patent", "owner_country": "VN", "owner_name": _OWNER["name"], "verification_level": 2,
    "right_kinds": ["patent"], "deal_types": ["non_exclusive_licence"], "exclusivity": ["non_exclusive"],
    "sectors": ["green"], "sdgs": [6], "territories": ["KH", "LA"], "in_force": ["VN"], "ipc": ["C", "C02"],
    "nice": [], "trl": 7, "green": True, "posted_terms": False, "open_for_interest": True,
    "published_at": "2026-09-03T02:00:00Z", "expires_at": "2027-09-03T02:00:00Z", "score": 0.8312,
    "highlights": {
        "title": "Bộ lọc từ trấu loại bỏ <mark>asen</mark> trong nước giếng", "summary": _LISTING["summary"],
    },
}
_SEARCH: dict[str, Any] = {
    "items": [_HIT], "total": 1, "page": 1, "size": 20,
    "facets": {"owner_country": [{"value": "VN", "count": 1}], "right_kind": [{"value": "patent", "count": 1}]},
    "next_cursor": None, "engine": "postgres", "degraded": False, "distant": False, "took_ms": 18.4,
}
_NEED_HIT = _HIT | {
    "id": NEED, "reference": "TR-TH-20260910-001", "title": _NEED["title"], "summary": "", "language": "th",
    "kind": "technology_request", "owner_country": "TH", "owner_name": "Lanna University", "verification_level": 1,
    "right_kinds": [], "deal_types": [], "exclusivity": [], "sectors": [], "territories": ["TH"], "in_force": [],
    "ipc": [], "trl": None, "green": False, "highlights": {"title": _NEED["title"], "summary": ""},
}
_MATCH: dict[str, Any] = {
    "id": MATCH,
    "listing": {"id": LISTING, "title": _LISTING["title"], "owner_country": "VN"},
    "score": 0.83,
    "reasons": [
        {
            "code": "shared_words", "verdict": "MATCH", "weight": 0.9,
            "evidence": {"need": "น้ำบ่อที่มีสารหนู", "listing": "loại bỏ asen trong nước giếng"},
        },
        {"code": "territory", "verdict": "UNKNOWN", "weight": 0.35, "evidence": {"state": "TH", "status": "pending"}},
    ],
}

# Operation -> body sent.
BODIES: dict[str, Any] = {
    "POST /listings": {
        "kind": "patent", "language": "vi", "title": _LISTING["title"], "description": _LISTING["description"],
        "deal_types": ["non_exclusive_licence"], "territories": ["KH", "LA"],
        "rights": [{"office": "VN", "publication_number": "1-2019-04567", "status": "granted"}],
    },
    "PATCH /listings/{id}": {"summary": _LISTING["summary"], "trl": 7},
    "POST /needs": {"title": _NEED["title"], "description": _NEED["description"]},
    "PATCH /needs/{id}": {"used_in": ["TH"], "sdgs": [6]},
}

# Operation -> what is answered when all is well.
ANSWERS: dict[str, Any] = {
    "GET /listings": _SEARCH,
    "GET /needs": _SEARCH | {"items": [_NEED_HIT], "facets": {"owner_country": [{"value": "TH", "count": 1}]}},
    "GET /listings/{id}": _LISTING,
    "POST /listings": _LISTING_DRAFT,
    "PATCH /listings/{id}": _LISTING_DRAFT | {"summary": _LISTING["summary"], "findings": [], "version": 2},
    "POST /listings/{id}/submission": _LISTING | {
        "state": "submitted", "published_at": None, "expires_at": None, "quality": 92, "findings": [],
    },
    "GET /needs/{id}": _NEED | {"state": "published", "quality": None, "findings": None},
    "POST /needs": _NEED,
    "PATCH /needs/{id}": _NEED | {"version": 2},
    "POST /needs/{id}/submission": _NEED | {"state": "submitted", "findings": []},
    "GET /needs/{id}/matches": {"status": "ready", "items": [_MATCH]},
    "GET /matches": {
        "items": [_MATCH | {"need": {"id": NEED, "title": _NEED["title"], "seeker_country": "TH"}}],
        "next_cursor": None,
    },
    "GET /statistics": {
        "day": "2026-09-03", "computed_at": "2026-09-03T03:35:00Z",
        "figures": {
            "listings": 412, "needs": 96, "matches": 1840, "matches_across_borders": 1512, "member_states": 11,
            "languages": 9, "by_state": [{"code": "VN", "listings": 71, "needs": 12}],
            "by_language": [{"code": "th", "listings": 38, "needs": 20}],
            "exposure": {
                "by_size": [
                    {
                        "group": "micro", "organisations": 24, "exposure": 0.31, "by_score_alone": 0.29, "merit": 0.3,
                        "ratio": 1.033,
                    }
                ],
                "by_listings": [],
            },
            "answers": {"useful": 0.62, "reasons": [{"code": "too_early", "answers": 14}]},
            "hours_to_answer": 41.5, "hours_to_review": 52.0,
        },
    },
}

PARAMETERS: dict[str, Any] = {
    "q": "pengering surya untuk ikan", "trl_min": "4", "trl_max": "9", "verification": "2", "sort": "newest",
    "page": 1, "size": 20, "side": "seeker", "limit": 30, "if-match": "4", "lang": "th",
}


def _problem(status: int, code: str, title: str, detail: str, **more: Any) -> dict[str, Any]:
    return {
        "type": f"https://padan.example/developers#{code}", "title": title, "status": status, "code": code,
        "detail": detail, "request_id": "5f0b7c1e9d6a4f2b8c3d1e0f9a8b7c6d", **more,
    }


_FIELD = {"field": "trl", "code": "int_parsing", "message": "This must be a whole number."}

PROBLEMS: dict[int, dict[str, Any]] = {
    400: _problem(400, "bad_json", "That request was not understood", "The body is not valid JSON."),
    401: _problem(401, "invalid_token", "Please sign in", "This token is not valid."),
    403: _problem(403, "read_only_token", "Not allowed", "This token may only read."),
    404: _problem(404, "not_found", "Not found", "There is nothing here."),
    409: _problem(409, "conflict", "Something changed meanwhile", "Somebody else changed this after you read it."),
    410: _problem(410, "gone", "No longer here", "This listing is no longer public."),
    413: _problem(413, "too_large", "Too large", "That is too large to be read. At most 2 MB can be sent at once."),
    422: _problem(
        422, "invalid", "Something is not right yet", "Something in this request is not right.", errors=[_FIELD]
    ),
    429: _problem(429, "too_many_requests", "Too many tries", "Too many attempts. Please wait a while and try again."),
    503: _problem(503, "unavailable", "Back in a moment", "Padan cannot answer right now."),
}

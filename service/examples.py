"""Example bodies of the interface's description; the reports in them are made up."""

from fastapi.openapi.models import Example

_LAMP = (
    "Lampu jalan di depan SD dekat Simpang Kubang sudah seminggu mati, anak-anak pulang mengaji jadi takut. "
    "Mohon diperbaiki."
)
_WATER = "Aia PDAM di Talawi Hilie lah tigo hari ndak iduik, tolong capek dipariksa."

CLASSIFY_EXAMPLES: dict[str, Example] = {
    "one": {"summary": "One text", "value": {"text": _LAMP}},
    "many": {"summary": "Many texts", "value": {"texts": [_LAMP, _WATER], "explain": False}},
}
FEEDBACK_EXAMPLES: dict[str, Example] = {
    "app": {
        "summary": "A report of the complaint app",
        "value": {
            "text": _LAMP,
            "external_id": "HS-2026-000123",
            "received_at": "2026-10-05T19:40:00+07:00",
            "channel": "hallo-sawahlunto",
            "reporter_ref": "u-48151",
            "village": "Kubang Sirakuk Utara",
            "lat": -0.6631,
            "lon": 100.7798,
            "attachments": ["https://app.example.id/foto/123.jpg"],
            "source_url": "https://app.example.id/laporan/123",
        },
    },
    "least": {"summary": "The least a report needs", "value": {"text": _WATER}},
}
KEY_EXAMPLES: dict[str, Example] = {
    "app": {
        "summary": "The complaint app",
        "value": {"name": "hallo-sawahlunto", "scopes": ["classify", "ingest"], "rate": 1200},
    },
    "agency": {
        "summary": "A program of one agency",
        "value": {"name": "pupr", "scopes": ["triage"], "agency": "dinas-pupr", "expires_at": "2099-12-31T16:59:59Z"},
    },
}
ACCOUNT_EXAMPLES: dict[str, Example] = {
    "liaison": {
        "summary": "A liaison of an agency",
        "value": {
            "login": "rina.pupr",
            "name": "Rina (PUPR)",
            "password": "empat kata yang tak akur",
            "role": "liaison",
            "agency": "dinas-pupr",
        },
    },
    "triage": {
        "summary": "A triage officer who may see accusations",
        "value": {
            "login": "petugas.1",
            "name": "Petugas pemilah",
            "password": "gerimis di atas rel tua",
            "role": "triage",
            "scopes": ["oversight"],
        },
    },
}
ACCOUNT_CHANGE_EXAMPLES: dict[str, Example] = {
    "disable": {"summary": "Somebody left", "value": {"disabled": True}},
    "password": {"summary": "A password was forgotten", "value": {"password": "kereta wisata sampai senja"}},
}
EVENT_EXAMPLES: dict[str, Example] = {
    "dispose": {
        "summary": "It goes to an agency",
        "value": {"type": "didisposisi", "agency": "dinas-pupr", "note": "Sudah dicek di peta.", "after": 0},
    },
    "answer": {
        "summary": "It is answered",
        "value": {"type": "ditanggapi", "public_reply": "Lampu di depan SD sudah diganti tadi pagi."},
    },
}
POLICY_EXAMPLES: dict[str, Example] = {
    "confirm": {
        "summary": "The city confirms its days",
        "value": {
            "verification_days": 3,
            "days": {"pengaduan": 14, "pengaduan-pengawasan": 60, "permintaan-informasi": 5, "aspirasi": None},
            "advice": "Keadaan darurat? Jangan menunggu jawaban dari sini, telepon 112 sekarang.",
            "numbers": [{"number": "112", "name": "panggilan darurat"}],
            "is_confirmed": True,
        },
    },
}
HOLIDAY_EXAMPLES: dict[str, Example] = {
    "off": {"summary": "The city does not work", "value": {"name": "Hari jadi kota"}},
    "working": {"summary": "The city works on a holiday", "value": {"name": "Kerja bakti", "is_off": False}},
}

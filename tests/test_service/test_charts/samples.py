"""Invented rows for every chart."""

from datetime import date

from service.charts import (
    aspect_heat,
    coverage_bars,
    cumulative_incidence,
    district_tiles,
    emerging,
    intake_calendar,
    observed_expected,
    policy_effect,
    reliability,
    share_bars,
    small_multiples,
    time_split,
    topic_series,
)

MONTHS = [date(2025 + place // 12, place % 12 + 1, 1) for place in range(22)]
AGENCIES = ["dinas-pupr", "dinas-perkimtan-lh", "disdukcapil", "dinas-sosial"]
VILLAGES = {"Talawi": ["Talawi Hilie", "Sikalang"], "Silungkang": ["Muaro Kalaban", "Silungkang Oso", "Taratak Bancah"]}
PLACES = [
    {"district": district, "village": village, "n": None if village == "Sikalang" else 7 * place + len(village)}
    for district, villages in VILLAGES.items()
    for place, village in enumerate(villages)
]
SERIES = [
    {"day": day, "n": 1200 + 37 * place % 90, "low": 1150 + 37 * place % 90, "high": 1260 + 37 * place % 90}
    for place, day in enumerate(MONTHS)
]
MARK = {"day": date(2026, 1, 5), "title": "Loket satu pintu", "until": None}


def all_pictures(words):
    """One picture of each chart, by the name of its function."""
    shares = [
        {
            "label": slug,
            "n": 40 * place + 12,
            "share": 0.5 + 0.1 * place,
            "low": 0.4 + 0.1 * place,
            "high": 0.6 + 0.1 * place,
        }
        for place, slug in enumerate(AGENCIES)
    ]
    shares[0] |= {"enough": False}
    return {
        "topic_series": topic_series(
            SERIES,
            words,
            name=words.label("topic", "jalan-rusak"),
            marks=[MARK, {"day": date(2025, 6, 1), "until": date(2025, 7, 15), "title": "Banjir"}],
            bundle_changes=[{"day": date(2025, 9, 1), "bundle": "a1b2c3d4e5f6"}],
        ),
        "small_multiples": small_multiples(
            [
                {"topic": topic, "day": day, "n": (place * 7 + 11 * number) % 31}
                for number, topic in enumerate(["jalan-rusak", "drainase", "sampah", "ktp-kk-akta"])
                for place, day in enumerate(MONTHS)
            ],
            words,
        ),
        "district_tiles": district_tiles(PLACES, words),
        "share_bars": share_bars(shares, words),
        "time_split": time_split(
            [
                {"label": slug, "part": part, "days": 1.5 + place * (1 + number)}
                for number, slug in enumerate(AGENCIES)
                for place, part in enumerate(["verification", "misrouted", "handling", "reporter"])
            ],
            words,
        ),
        "cumulative_incidence": cumulative_incidence(
            [
                {
                    "outcome": outcome,
                    "days": day,
                    "share": share * day / 30,
                    "low": share * day / 33,
                    "high": share * day / 28,
                }
                for outcome, share in (("answered", 0.8), ("returned", 0.1), ("rejected", 0.05), ("archived", 0.03))
                for day in range(0, 31, 2)
            ],
            words,
            deadline_days=14,
        ),
        "observed_expected": observed_expected(
            [
                {**row, "observed": row["share"], "pooled": 0.5 + 0.09 * place, "expected": 0.7}
                for place, row in enumerate(shares)
            ],
            words,
        ),
        "aspect_heat": aspect_heat(
            [
                {"about": slug, "aspect": aspect, "n": None if number + place == 3 else 13 * number + 2 * place}
                for number, slug in enumerate(AGENCIES)
                for place, aspect in enumerate(["persyaratan", "prosedur", "waktu", "penanganan-aduan"])
            ],
            words,
        ),
        "coverage_bars": coverage_bars(
            [
                {"month": day, "decision": decision, "n": 100 * number + 3 * place}
                for place, day in enumerate(MONTHS)
                for number, decision in enumerate(["auto", "suggest", "human"], start=1)
            ],
            words,
        ),
        "reliability": reliability(
            [
                {
                    "confidence": step / 10,
                    "right": step / 10 - 0.03,
                    "n": 20 * step,
                    "low": step / 10 - 0.08,
                    "high": step / 10 + 0.02,
                }
                for step in range(2, 10)
            ],
            words,
        ),
        "policy_effect": policy_effect(
            [
                {
                    "day": day,
                    "n": 20 + place + (place % 3) - (6 if day >= MARK["day"] else 0),
                    "fitted": 20 + place - (6 if day >= MARK["day"] else 0),
                    "counterfactual": 20 + place if day >= MARK["day"] else None,
                }
                for place, day in enumerate(MONTHS)
            ],
            words,
            mark=MARK,
        ),
        "intake_calendar": intake_calendar(
            [
                {"day": date.fromordinal(date(2026, 1, 1).toordinal() + place), "n": place * 7 % 23}
                for place in range(300)
            ],
            words,
        ),
        "emerging": emerging(
            [
                {"label": "air-minum", "observed": 48, "expected": 21.5, "low": 12, "high": 33},
                {"label": "asap kebakaran lahan", "observed": 14, "expected": 1.2, "low": 0, "high": 4},
            ],
            words,
        ),
    }

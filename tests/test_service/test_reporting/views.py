"""Invented months: a large one, one of twenty reports, an empty one."""

from datetime import date

from service.reporting.document import Figure
from service.reporting.view import Method, MonthView, UnitView, Window, query, shift

MONTH = date(2026, 10, 1)
WINDOW = Window(MONTH, date(2026, 10, 31), date(2026, 10, 31))
METHOD = Method(
    chains=(("commands", 12, "ab" * 32), ("019a", 3456, "cd" * 32)),
    bundles=(("a1b2c3d4", 301),),
    calendar="2026.1",
    deadlines={"pengaduan": 14, "pengaduan-pengawasan": 60, "permintaan-informasi": 5, "aspirasi": None},
)

DEFINED = {
    "kept": "deadline",
    "expected": "expected",
    "pooled": "expected",
    "median": "stint",
    "misrouted": "given_back",
}


def figure(name, value, form="count", n=None, low=None, high=None, **more):
    """A figure as the gathering makes it."""
    return Figure(
        name,
        value,
        form,
        DEFINED.get(name, "intake"),
        query("/v1/statistics/agencies", start="2025-11-01"),
        n,
        low,
        high,
        **more,
    )


def counts(n, before, **more):
    """The figures of a month by name."""
    listed = {
        "n": n,
        "before": before,
        "urgent": n // 10,
        "emergencies": n // 50,
        "overdue": n // 8,
        "n_emerging": 0,
        "least_weeks": 12,
        "minimum": 20,
    } | more
    figures = {name: figure(name, value) for name, value in listed.items()}
    return figures | {"change": figure("change", n - before, "signed")}


def unit(slug, n, *, judged=200):
    """A unit with its figures; below twenty judged reports nothing is known of it but counts."""
    is_enough = judged >= 20
    share = {"n": judged, "low": 0.62 if is_enough else None, "high": 0.76 if is_enough else None}
    return UnitView(
        slug,
        {
            "n": figure("n", n),
            "before": figure("before", n + 7),
            "year": figure("year", 12 * n + 5),
            "kept": figure("kept", 0.69 if is_enough else None, "share", **share),
            "expected": figure("expected", 0.74 if is_enough else None, "share"),
            "pooled": figure("pooled", 0.7 if is_enough else None, "share", **share),
            "kept_change": figure(
                "kept_change", -0.04 if is_enough else None, "signed_share", n=judged, low=-0.1, high=0.02
            ),
            "median": figure("median", 6 if is_enough else None, "days", n=judged),
            "ninetieth": figure("ninetieth", 19 if is_enough else None, "days", n=judged),
            "misrouted": figure("misrouted", 0.08 if is_enough else None, "share", **share),
            "reopened": figure("reopened", None, "share", n=9),
            "overdue": figure("overdue", n // 6),
            "n_aspects": figure("n_aspects", 60),
        },
        verdict="as_expected" if is_enough else "",
        is_verified=False,
        series=tuple({"day": shift(MONTH, place - 23), "n": n + place % 5} for place in range(24)),
        incidence=tuple(
            {"outcome": outcome, "days": day, "share": top * min(1, day / 20), "low": None, "high": None}
            for outcome, top in (("answered", 0.8), ("returned", 0.08))
            for day in range(31)
        ),
        deadline_days=14,
        split=tuple(
            {"label": "median", "part": part, "days": days}
            for part, days in (("verification", 1.2), ("misrouted", 0.8), ("handling", 7.5), ("reporter", 1.0))
        ),
        aspects=tuple(
            {"label": aspect, "n": n, "share": n / 60, "low": n / 80, "high": n / 45, "enough": True}
            for aspect, n in (("waktu", 31), ("sarana", 18), ("perilaku", 11))
        ),
    )


def large_month(**more):
    """A month of a mid-sized city."""
    topics = ("jalan-rusak", "drainase", "sampah", "air-minum", "ktp-kk-akta")
    return MonthView(
        WINDOW,
        counts(312, 240, n_emerging=1) | {"kept": figure("kept", 0.71, "share", n=1890, low=0.69, high=0.73)},
        series=tuple({"day": shift(MONTH, place - 23), "n": 220 + 37 * place % 120} for place in range(24)),
        marks=({"day": date(2026, 3, 2), "title": "Loket satu pintu", "until": None},),
        topics=tuple(
            {"topic": topic, "n": 60 - 9 * place, "before": 30 - 3 * place, "year": 400 - 50 * place}
            for place, topic in enumerate(topics)
        ),
        topic_series=tuple(
            {"topic": topic, "day": shift(MONTH, place - 23), "n": (7 * place + 11 * number) % 40}
            for number, topic in enumerate(topics)
            for place in range(24)
        ),
        places=tuple(
            {"district": name, "n": n, "before": n - 5, "year": 10 * n}
            for name, n in (("Lembah Segar", 101), ("Barangin", 90), ("Silungkang", 44), ("Talawi", 77))
        ),
        emerging_week=(date(2026, 10, 19), date(2026, 10, 25)),
        emerging=({"label": "air-minum", "observed": 48, "expected": 21.5, "low": 12, "high": 33},),
        aspects=tuple(
            {"about": slug, "aspect": aspect, "n": n}
            for slug in ("dinas-pupr", "disdukcapil")
            for aspect, n in (("waktu", 31), ("sarana", 18), ("perilaku", 7))
        ),
        units=(unit("dinas-pupr", 88), unit("dinas-sosial", 4, judged=11), unit("disdukcapil", 51)),
        quiet=("rsud", "bpkad"),
        method=METHOD,
        queries={"topics": "GET /v1/statistics/topics?start=2026-10-01&end=2026-10-31"},
        **more,
    )


def small_month():
    """A month of twenty reports."""
    return MonthView(
        WINDOW,
        counts(20, 17) | {"kept": figure("kept", None, "share", n=14)},
        series=tuple({"day": shift(MONTH, place - 11), "n": 15 + place % 6} for place in range(12)),
        topics=({"topic": "jalan-rusak", "n": 6, "before": 5, "year": 70},),
        units=(unit("dinas-pupr", 6, judged=14),),
        method=METHOD,
    )


def empty_month():
    """A month in which nothing came in, of a store that holds nothing."""
    return MonthView(WINDOW, counts(0, 0), method=Method(chains=METHOD.chains, calendar="2026.1", deadlines={}))

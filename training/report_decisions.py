"""The parts of a report about decisions: thresholds, error budgets, and alarms."""

from collections.abc import Iterator, Mapping

from model.thresholds import AlarmThreshold, Threshold, Thresholds
from training.decision_judging import AlarmJudgement, BudgetJudgement, Verdict
from training.page_parts import write_paragraph, write_section, write_table
from training.portrait import Portrait
from training.wording import HEAD_NAMES, write_count, write_decimal, write_share, write_share_figure

_VERDICTS: Mapping[Verdict, str] = {
    "kept": "dipatuhi",
    "not kept": "tidak dipatuhi",
    "too few rows to tell": "laporan terlalu sedikit untuk dinilai",
    "nothing was decided alone": "tidak ada yang diputuskan sendiri",
}
_HEAD_OF_ALARM = {"darurat": "urgency", "pengaduan-pengawasan": "kind"}
_SCOPE = (
    "Ambang dicari pada irisan terakhir geladi, dengan kurva dari irisan sebelumnya: untuk laporan seperti di sana, "
    "galat di antara yang diputuskan sendiri tidak melebihi anggaran, dengan keyakinan 95%. Di bawah ambang, petugas "
    "memastikan."
)
_ALARM_SCOPE = (
    "Label yang tidak boleh terlewat: sejak kemungkinan ini sebuah laporan menjadi tanda bahaya dan diperiksa petugas "
    "lebih dulu, apa pun label yang menang; sejak kemungkinan kedua, karena labelnya sendiri, atau karena sebuah "
    "aturan, tanda bahaya itu mendesak."
)


def write_thresholds(portrait: Portrait) -> str:
    """The section on what the bundle decides alone, and from where it raises an alarm."""
    thresholds = portrait.facts.thresholds
    if not thresholds.heads:
        parts = [write_paragraph("Bundel ini tidak membawa ambang: semua jawabannya hanya saran.")]
    else:
        header = ("Kepala", "Anggaran galat", "Ambang keyakinan", "Irisan ambang", "Diputuskan", "Salah", "Catatan")
        parts = [
            write_paragraph(_SCOPE),
            write_table("Ambang keputusan", header, _list_thresholds(portrait, thresholds)),
            write_paragraph(_ALARM_SCOPE),
            _write_alarm_thresholds(portrait, thresholds),
        ]
    return write_section("Yang diputuskan sendiri", parts)


def write_budget(judged: BudgetJudgement) -> str:
    """Whether a head kept its error budget on the judged rows."""
    kept = judged.kept_from
    rows = [
        ("Anggaran galat", write_share(judged.budget)),
        ("Diputuskan sendiri", f"{write_count(judged.n_auto)} ({write_share(judged.n_auto / judged.n_rows)})"),
        ("Salah di antaranya", write_share_figure(judged.error) if judged.error else "–"),
        ("Anggaran", _VERDICTS[judged.verdict]),
        (
            "Ambang yang akan mematuhinya di sini",
            f"{write_decimal(kept.confidence, 2)} ({write_share(kept.n_decided / judged.n_rows)} diputuskan)"
            if kept
            else "tidak ada",
        ),
    ]
    return write_table("Keputusan pada laporan uji", ("Hal", "Nilai"), rows)


def write_alarms(portrait: Portrait, alarms: Mapping[str, AlarmJudgement]) -> str:
    """How many of the reports that must not be missed raised an alarm, and how many others."""
    rows = [
        (
            portrait.name(_HEAD_OF_ALARM[label], label),
            write_count(judged.n_positive),
            write_share_figure(judged.recall) if judged.recall else "–",
            write_count(judged.n_urgent_found),
            write_count(judged.n_others),
            write_share_figure(judged.alarm_rate) if judged.alarm_rate else "–",
            write_count(judged.n_urgent_alarms),
        )
        for label, judged in alarms.items()
    ]
    header = (
        "Label",
        "Laporan",
        "Menjadi tanda bahaya",
        "Mendesak",
        "Laporan lain",
        "Tanda bahaya di antaranya",
        "Mendesak",
    )
    return write_section("Tanda bahaya", [write_table("Tanda bahaya pada laporan uji", header, rows)])


def _list_thresholds(portrait: Portrait, thresholds: Thresholds) -> Iterator[tuple[str, ...]]:
    for head, found in thresholds.heads.items():
        yield (HEAD_NAMES[head], *_describe(found.head, found.budget))
        for label, own in found.labels.items():
            yield (f"{HEAD_NAMES[head]}: {portrait.name(head, label)}", *_describe(own, found.budget))


def _describe(threshold: Threshold, budget: float | None) -> tuple[str, ...]:
    if budget is None:
        return "–", "–", "–", "–", "–", "tanpa anggaran: petugas memastikan"
    figures = write_count(threshold.n_rows), write_count(threshold.n_decided), write_count(threshold.n_wrong)
    if threshold.confidence is not None:
        return write_share(budget), write_decimal(threshold.confidence, 2), *figures, ""
    if threshold.n_decided == 0:
        return write_share(budget), "–", *figures, "laporan geladi terlalu sedikit: semuanya saran"
    return write_share(budget), "–", *figures, "tidak ada ambang yang terbukti mematuhi: semuanya saran"


def _write_alarm_thresholds(portrait: Portrait, thresholds: Thresholds) -> str:
    rows = [
        (portrait.name(_HEAD_OF_ALARM[label], label), *_describe_alarm(threshold))
        for label, threshold in thresholds.alarms.items()
    ]
    header = (
        "Label",
        "Perolehan yang diminta",
        "Sejak kemungkinan",
        "Mendesak sejak",
        "Laporan",
        "Ditemukan",
        "Lainnya",
        "Catatan",
    )
    return write_table("Ambang tanda bahaya", header, rows)


def _describe_alarm(threshold: AlarmThreshold) -> tuple[str, ...]:
    n_others = threshold.n_others
    return (
        "–" if threshold.recall is None else write_share(threshold.recall),
        write_decimal(threshold.confidence),
        "–" if threshold.urgent is None else write_decimal(threshold.urgent),
        write_count(threshold.n_positive),
        write_count(threshold.n_found),
        f"{write_count(threshold.n_alarms)} dari {write_count(n_others)}",
        "ambang bawaan yang hati-hati: laporannya terlalu sedikit" if threshold.reason else "",
    )

"""What charts say: titles, axes, legends and descriptions, Indonesian first, English second."""

from collections.abc import Mapping
from typing import Final

SAYINGS: Final[Mapping[str, tuple[str, str]]] = {
    "reports": ("laporan", "reports"),
    "reports_per_day": ("laporan per hari", "reports a day"),
    "reports_per_week": ("laporan per minggu", "reports a week"),
    "reports_per_month": ("laporan per bulan", "reports a month"),
    "share": ("bagian", "share"),
    "interval": ("rentang 95 %", "95% interval"),
    "working_days": ("hari kerja", "working days"),
    "not_enough": ("belum cukup data", "not enough data"),
    "not_enough_n": ("belum cukup data (n = {n})", "not enough data (n = {n})"),
    "suppressed": ("ditutup", "withheld"),
    "points": ("{n} poin persen", "{n} percentage points"),
    "day": ("tanggal", "day"),
    "month": ("bulan", "month"),
    "n": ("n = {n}", "n = {n}"),
    "nothing": ("Belum ada laporan untuk digambarkan.", "There are no reports to draw yet."),
    "to": ("sampai", "to"),
    "bundle_change": ("Bundel {bundle} berlaku mulai {day}", "Bundle {bundle} in force from {day}"),
    "mark": ("{title}, {day}", "{title}, {day}"),
    "mark_period": ("{title}, {day} sampai {until}", "{title}, {day} to {until}"),
    "topic_series": ("Laporan tentang {name}", "Reports on {name}"),
    "all_reports": ("semua topik", "all topics"),
    "topic_series_text": (
        "Deret {start} sampai {end}. Terakhir {last} laporan, tertinggi {most} pada {peak}, terendah {least}.",
        "Series from {start} to {end}. Last {last} reports, most {most} on {peak}, fewest {least}.",
    ),
    "small_multiples": ("Topik dari waktu ke waktu", "Topics over time"),
    "small_multiples_text": (
        "{n} topik, masing-masing dengan skalanya sendiri. Terbanyak terakhir: {name}, {last} laporan.",
        "{n} topics, each on its own scale. Most at the end: {name}, {last} reports.",
    ),
    "strip": ("{last} terakhir, puncak {most}", "{last} last, peak {most}"),
    "district_tiles": ("Laporan menurut wilayah", "Reports by place"),
    "district_tiles_text": (
        "{n} wilayah. Terbanyak {name} dengan {most} laporan. Ubin tersusun per kecamatan, bukan peta.",
        "{n} places. Most in {name} with {most} reports. Tiles are grouped by district; this is no map.",
    ),
    "share_bars": ("Bagian dengan rentang 95 %", "Shares with 95% intervals"),
    "share_bars_text": (
        "{n} baris dalam urutan taksonomi, bukan peringkat; {short} di antaranya belum cukup data. {range}",
        "{n} rows in the order of the taxonomy, no ranking; {short} of them lack data. {range}",
    ),
    "share_range": ("Dari {least} sampai {most}.", "From {least} to {most}."),
    "time_split": ("Di mana waktu laporan berlalu", "Where the time of reports went"),
    "time_split_text": (
        (
            "Hari kerja menurut bagian: menunggu verifikasi, salah alamat, penanganan sendiri, menunggu pelapor. "
            "{n} baris dalam urutan taksonomi."
        ),
        (
            "Working days by part: waiting for verification, misrouted, own handling, waiting for the reporter. "
            "{n} rows in the order of the taxonomy."
        ),
    ),
    "verification": ("menunggu verifikasi", "waiting for verification"),
    "misrouted": ("salah alamat", "misrouted"),
    "handling": ("penanganan sendiri", "own handling"),
    "reporter": ("menunggu pelapor", "waiting for reporter"),
    "cumulative_incidence": ("Berapa yang selesai dalam berapa hari", "How many end within how many days"),
    "cumulative_incidence_text": (
        "Bagian laporan menurut cara berakhir sampai hari kerja ke-{last}: {shares}.",
        "Share of reports by how they ended up to working day {last}: {shares}.",
    ),
    "deadline": ("tenggat {n} hari kerja", "deadline {n} working days"),
    "answered": ("dijawab", "answered"),
    "transferred": ("dialihkan", "passed on"),
    "returned": ("dikembalikan", "given back"),
    "rejected": ("ditolak", "rejected"),
    "archived": ("diarsipkan", "archived"),
    "erased": ("dihapus", "erased"),
    "merged": ("digabung", "merged"),
    "observed_expected": ("Yang teramati dan yang diharapkan", "Observed and expected"),
    "observed_expected_text": (
        (
            "Yang teramati mentah di samping yang disandarkan pada semua unit, dengan rentang 95 % dan yang diharapkan "
            "dari campuran kasus. {n} unit dalam urutan taksonomi, bukan peringkat; {short} belum cukup data."
        ),
        (
            "The raw observed figure beside the pooled one with its 95% interval, and what the mix of cases leads to "
            "expect. {n} units in the order of the taxonomy, no ranking; {short} lack data."
        ),
    ),
    "observed": ("teramati (mentah)", "observed (raw)"),
    "pooled": ("disandarkan, rentang 95 %", "pooled, 95% interval"),
    "expected": ("diharapkan", "expected"),
    "aspect_heat": ("Unsur layanan yang gagal, menurut unit", "Failed elements of service by unit"),
    "aspect_heat_text": (
        "{n} unit terhadap {columns} unsur. Unsur terbanyak: {aspect}, {most} laporan.",
        "{n} units by {columns} elements. Most often: {aspect}, {most} reports.",
    ),
    "coverage_bars": ("Yang diputuskan sendiri, disarankan, dan oleh orang", "Decided alone, suggested, by people"),
    "coverage_bars_text": (
        "Bagian laporan menurut keputusan per bulan. Pada {month}: {shares}.",
        "Share of reports by decision each month. In {month}: {shares}.",
    ),
    "auto": ("diputuskan sendiri", "decided alone"),
    "suggest": ("disarankan", "suggested"),
    "human": ("oleh orang", "by people"),
    "reliability": ("Keyakinan dan kenyataan", "Confidence and outcome"),
    "reliability_text": (
        (
            "{n} titik: yang benar di antara jawaban dengan keyakinan setara, garis putus-putus bila tepat. "
            "Jarak terbesar {gap}."
        ),
        (
            "{n} points: the share that was right among answers of like confidence; dashed where both agree. "
            "Largest gap {gap}."
        ),
    ),
    "confidence": ("keyakinan", "confidence"),
    "right": ("yang benar", "share right"),
    "policy_effect": ("Sebelum dan sesudah: {title}", "Before and after: {title}"),
    "policy_effect_text": (
        (
            "Deret {start} sampai {end}, tanda {title} pada {day}. Garis penuh: kecenderungan; putus-putus: bila tanda "
            "tidak pernah terjadi. Pada akhir {fitted} berbanding {counterfactual}."
        ),
        (
            "Series from {start} to {end}, mark {title} on {day}. Full line: trend; dashed: had the mark never been. "
            "At the end {fitted} against {counterfactual}."
        ),
    ),
    "fitted": ("kecenderungan", "trend"),
    "counterfactual": ("tanpa perubahan", "without the change"),
    "intake_calendar": ("Laporan masuk per hari", "Reports by day"),
    "intake_calendar_text": (
        "Kalender {start} sampai {end}: {total} laporan, tertinggi {most} pada {peak}.",
        "Calendar from {start} to {end}: {total} reports, most {most} on {peak}.",
    ),
    "emerging": ("Yang muncul", "Emerging"),
    "emerging_text": (
        "{n} topik di atas yang biasa. {name}: {observed} laporan, biasanya {expected}.",
        "{n} topics above what is usual. {name}: {observed} reports, usually {expected}.",
    ),
    "usual": ("biasanya", "usual"),
    "now": ("sekarang", "now"),
}

"""The sentences of the monthly report, Indonesian first, English second, in words of a citizens' office.

Names in braces are figures, or words that hold no number.
"""

from collections.abc import Mapping
from typing import Final

from service.charts import Words

SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    # The page for the mayor: a sentence for each tile.
    "came_in": (
        "{n} laporan masuk pada {month}.",
        "{n} reports came in during {month}.",
    ),
    "came_in_none": (
        "Tidak ada laporan ({n}) yang masuk pada {month}.",
        "No reports ({n}) came in during {month}.",
    ),
    "changed": (
        "{change} laporan dibanding {before_month} ({before}), lebih dari naik turun yang biasa.",
        "{change} reports against {before_month} ({before}), more than ordinary ups and downs.",
    ),
    "changed_little": (
        "{change} laporan dibanding {before_month} ({before}); sekecil ini bisa kebetulan.",
        "{change} reports against {before_month} ({before}); so little may be chance.",
    ),
    "changed_none": (
        "Sama banyak dengan {before_month} ({before}); perubahan {change}.",
        "As many as in {before_month} ({before}); a change of {change}.",
    ),
    "urgent_none": (
        "Tidak ada laporan genting ({n}) yang masuk.",
        "No urgent reports ({n}) came in.",
    ),
    "urgent_alone": (
        "{n} laporan genting (tinggi atau darurat) masuk.",
        "{n} urgent reports (high or emergency) came in.",
    ),
    "withheld": (
        "{what}: {n}, karena sedikit atau dapat membongkar yang sedikit.",
        "{what}: {n}, since they are few or would tell of few.",
    ),
    "overdue_none": (
        "Tidak ada laporan ({n}) yang lewat tenggat pada {as_of}.",
        "No reports ({n}) were past their deadline on {as_of}.",
    ),
    "urgent": (
        "{n} laporan genting (tinggi atau darurat) masuk, {emergencies} di antaranya darurat.",
        "{n} urgent reports (high or emergency) came in, {emergencies} of them emergencies.",
    ),
    "overdue": (
        "{n} laporan yang belum selesai sudah lewat tenggat pada {as_of}.",
        "{n} unfinished reports were past their deadline on {as_of}.",
    ),
    "emerging": (
        "{name}: {observed} laporan dalam sepekan sampai {week}, biasanya {expected}. {n} topik di atas yang biasa.",
        "{name}: {observed} reports in the week to {week}, usually {expected}. {n} topics above what is usual.",
    ),
    "emerging_public": (
        "{name} di atas yang biasa dalam sepekan sampai {week}. {n} topik di atas yang biasa.",
        "{name} was above what is usual in the week to {week}. {n} topics above what is usual.",
    ),
    "emerging_none": (
        "Tidak ada topik ({n}) di atas yang biasa dalam sepekan sampai {week}.",
        "No topics ({n}) were above what is usual in the week to {week}.",
    ),
    "emerging_few": (
        "Apa yang muncul: {n}; perlu riwayat {least} pekan.",
        "What emerges: {n}; needed is a history of {least} weeks.",
    ),
    "kept": (
        "{kept} dari {n} laporan bertenggat selesai tepat waktu dalam 12 bulan ({kept_range}).",
        "{kept} of {n} reports with a deadline were finished in time within 12 months ({kept_range}).",
    ),
    "kept_few": (
        "Tepat waktu: {kept}, karena baru {n} laporan bertenggat selesai dalam 12 bulan; perlu {minimum}.",
        "In time: {kept}, since only {n} reports with a deadline ended within 12 months; needed are {minimum}.",
    ),
    "topic_most": (
        "Paling banyak tentang {name}: {n} laporan, {before} pada {before_month}.",
        "Most were on {name}: {n} reports, {before} in {before_month}.",
    ),
    "topic_grown": (
        "Paling bertambah {name}: {change} laporan.",
        "{name} grew most: {change} reports.",
    ),
    "small_month": (
        "Dengan {n} laporan sebulan, angka satu bulan banyak naik turun; yang bisa dipegang adalah 12 bulan bersama.",
        "With {n} reports a month, figures of one month go up and down a lot; 12 months together can be relied on.",
    ),
    # A page of a unit.
    "unit_in": (
        "{n} laporan masuk pada {month}, {before} pada {before_month}; {year} dalam 12 bulan.",
        "{n} reports came in during {month}, {before} in {before_month}; {year} within 12 months.",
    ),
    "unit_in_public": (
        "{n} laporan masuk pada {month}.",
        "{n} reports came in during {month}.",
    ),
    "unit_expected": (
        (
            "Dengan campuran laporan seperti yang diterimanya, semua unit bersama akan mencapai {expected}. "
            "Setelah disandarkan pada semua unit: {pooled} ({pooled_range}), {verdict}."
        ),
        (
            "With a mix of reports like its own, all units together would reach {expected}. "
            "Pooled with all units: {pooled} ({pooled_range}), {verdict}."
        ),
    ),
    "unit_past": (
        "Tepat waktu terhadap 12 bulan sebelumnya: {change} ({change_range}).",
        "In time against the 12 months before: {change} ({change_range}).",
    ),
    "unit_days": (
        "Separuh laporan dijawab dalam {median} hari kerja, sembilan dari sepuluh dalam {ninetieth} hari kerja.",
        "Half of the reports are answered within {median} working days, nine of ten within {ninetieth}.",
    ),
    "unit_days_half": (
        "Separuh laporan dijawab dalam {median} hari kerja; sembilan dari sepuluh belum tercapai.",
        "Half of the reports are answered within {median} working days; nine of ten are not reached yet.",
    ),
    "unit_days_open": (
        "Belum separuh dari {n} laporan dijawab.",
        "Not half of {n} reports are answered yet.",
    ),
    "unit_days_few": (
        "Lama sampai dijawab: belum cukup data ({n} laporan; perlu {minimum}).",
        "Time to an answer: not enough data ({n} reports; needed are {minimum}).",
    ),
    "unit_misrouted": (
        "{share} dari {n} laporan yang sampai di sini dikembalikan atau diteruskan tanpa dikerjakan ({share_range}).",
        "{share} of {n} reports that got here were given back or passed on unworked ({share_range}).",
    ),
    "unit_misrouted_few": (
        "Salah alamat: belum cukup data ({n} laporan; perlu {minimum}).",
        "Misrouted: not enough data ({n} reports; needed are {minimum}).",
    ),
    "unit_reopened": (
        "{share} dari {n} laporan yang dijawab dibuka kembali ({share_range}).",
        "{share} of {n} reports that were answered were opened again ({share_range}).",
    ),
    "unit_reopened_few": (
        "Dibuka kembali: belum cukup data ({n} laporan; perlu {minimum}).",
        "Opened again: not enough data ({n} reports; needed are {minimum}).",
    ),
    "unit_satisfied": (
        "{share} dari {n} pelapor yang menilai memberi nilai 4 atau 5 ({share_range}).",
        "{share} of {n} reporters who rated gave 4 or 5 ({share_range}).",
    ),
    "unit_aspect": (
        "Unsur layanan yang paling sering disebut gagal: {name}, {n} dari {total} laporan dalam 12 bulan.",
        "The element of service most often said to fail: {name}, {n} of {total} reports within 12 months.",
    ),
}

# Names, titles and paragraphs without figures.
TERMS: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("Laporan bulanan {month}", "Monthly report {month}"),
    "public": ("Versi untuk umum: sel kecil ditutup", "Public version: small cells are withheld"),
    "internal": ("Untuk kalangan pemerintah kota", "For the city government"),
    "demo": ("DATA PERCONTOHAN, bukan laporan warga", "DEMONSTRATION DATA, no reports of citizens"),
    "footer": ("Pilah · data sampai {as_of}", "Pilah · data up to {as_of}"),
    "mayor": ("{month} dalam satu halaman", "{month} on one page"),
    "mayor_subtitle": (
        "Laporan warga menurut yang tercatat sampai {as_of}.",
        "Reports of citizens as recorded up to {as_of}.",
    ),
    "year_shown": (
        "Angka 12 bulan: {start} sampai {end}.",
        "12 months: {start} to {end}.",
    ),
    "tile_came_in": ("Masuk", "Came in"),
    "tile_changed": ("Berubah", "Changed"),
    "tile_urgent": ("Genting", "Urgent"),
    "tile_overdue": ("Lewat tenggat", "Overdue"),
    "tile_emerging": ("Muncul", "Emerging"),
    "tile_kept": ("Tepat waktu", "In time"),
    "unit_subtitle": (
        "Unit penanganan. Angka 12 bulan: {start} sampai {end}.",
        "Handling unit. 12 months: {start} to {end}.",
    ),
    "unverified": (
        "Nama dan tugas unit ini belum dikonfirmasi pemerintah kota.",
        "The city has not confirmed this unit yet.",
    ),
    "no_ranks": (
        "Unit tampil dalam urutan taksonomi. Tidak ada peringkat: jenis laporannya berbeda-beda.",
        "Units stand in the order of the taxonomy. There are no ranks: their reports differ in kind.",
    ),
    "quiet_units": ("Tanpa laporan dalam 12 bulan: {names}.", "Without a report in 12 months: {names}."),
    "above": ("di atas yang diharapkan", "above what is expected"),
    "below": ("di bawah yang diharapkan", "below what is expected"),
    "as_expected": ("tidak berbeda dari yang diharapkan", "no different from what is expected"),
    "nothing_emerging": ("tidak ada", "none"),
    "topics": ("Topik", "Topics"),
    "topics_places": ("Topik dan wilayah", "Topics and places"),
    "units": ("Unit penanganan", "Handling units"),
    "all_units": ("Semua unit", "All units"),
    "series_title": ("Laporan masuk per bulan", "Reports each month"),
    "table_dash": ("– belum cukup data", "– not enough data"),
    "places": ("Wilayah", "Places"),
    "topic": ("Topik", "Topic"),
    "unit": ("Unit", "Unit"),
    "place": ("Wilayah", "Place"),
    "month_column": ("Bulan ini", "This month"),
    "before_column": ("Bulan lalu", "Month before"),
    "change_column": ("Perubahan", "Change"),
    "year_column": ("12 bulan", "12 months"),
    "kept_column": ("Tepat waktu", "In time"),
    "low_column": ("Bawah 95 %", "Low 95%"),
    "high_column": ("Atas 95 %", "High 95%"),
    "expected_column": ("Harapan", "Expected"),
    "pooled_column": ("Sandaran", "Pooled"),
    "overdue_column": ("Lewat tenggat", "Overdue"),
    "share_column": ("Bagian", "Share"),
    "n_column": ("n", "n"),
    "figures": ("Angka", "Figures"),
    "measure": ("Ukuran", "Measure"),
    "value": ("Nilai", "Value"),
    "aspect": ("Unsur", "Element"),
    "kept_title": ("Tepat waktu: teramati dan diharapkan", "In time: observed and expected"),
    "aspects_title": ("Unsur layanan yang disebut gagal", "Elements of service said to fail"),
    "measure_kept": ("Selesai dalam tenggat", "Finished within the deadline"),
    "measure_misrouted": ("Dikembalikan atau diteruskan", "Given back or passed on"),
    "measure_reopened": ("Dibuka kembali", "Opened again"),
    "measure_satisfied": ("Nilai 4 atau 5", "Rated 4 or 5"),
    "measure_median": ("Median sampai dijawab, hari kerja", "Median to an answer, working days"),
    "measure_ninetieth": ("Persentil ke-90, hari kerja", "90th percentile, working days"),
    "split_title": ("Waktu menurut bagian, hari kerja", "Time by part, working days"),
    "split_median": ("median tiap bagian", "median of each part"),
    "split_ninetieth": ("persentil ke-90 tiap bagian", "90th percentile of each part"),
    "withheld_note": (
        "Sel berisi 1 sampai 4 laporan ditutup, bersama sel lain yang dapat membongkarnya.",
        "Cells of 1 to 4 reports are withheld, with others from which they could be worked out.",
    ),
    "method": ("Cara menghitung", "Method"),
    "method_definitions": ("Definisi", "Definitions"),
    "method_sources": ("Sumber", "Sources"),
    "method_sources_text": (
        (
            "Laporan, peristiwa dan koreksi yang tercatat di buku besar Pilah sampai {as_of}. Tenggat menurut "
            "PermenPANRB 62/2018 dan Perpres 76/2013, dalam hari kerja."
        ),
        (
            "Reports, events and corrections recorded in the ledger of Pilah up to {as_of}. Deadlines after "
            "PermenPANRB 62/2018 and Perpres 76/2013, in working days."
        ),
    ),
    "method_calendar": ("Kalender", "Calendar"),
    "method_calendar_text": (
        "Hari libur versi {version}. Tenggat: {deadlines}.",
        "Days off of version {version}. Deadlines: {deadlines}.",
    ),
    "deadline_of_kind": ("{kind} {days} hari kerja", "{kind} {days} working days"),
    "method_bundles": ("Bundel yang berlaku", "Bundles in force"),
    "method_bundles_none": (
        "Tidak ada laporan yang dibaca bundel pada bulan ini.",
        "No report was read by a bundle in this month.",
    ),
    "method_chains": ("Kepala rantai buku besar", "Heads of the chains of the ledger"),
    "method_chains_note": (
        "Siapa pun yang memegang laporan ini dapat membuktikan kelak bahwa catatan sampai di sini tidak diubah.",
        "Who holds this report can prove later that entries up to here were not changed.",
    ),
    "method_persons": (
        "Angka menggambarkan laporan dan unit, tidak pernah orang. Tidak ada peringkat unit.",
        "Figures describe reports and units, never a person. Units are not ranked.",
    ),
    "method_fewer": (
        "Di bawah {minimum} laporan tidak ada angka, hanya \u201cbelum cukup data\u201d.",
        "Below {minimum} reports there is no figure, only \u201cnot enough data\u201d.",
    ),
    "chain": ("Rantai", "Chain"),
    "entries": ("Catatan", "Entries"),
    "head": ("Kepala (SHA-256)", "Head (SHA-256)"),
    "bundle": ("Bundel", "Bundle"),
    "reports": ("Laporan", "Reports"),
}


def term(words: Words, key: str, /, **values: object) -> str:
    """A name, title or paragraph in the language of ``words``."""
    indonesian, english = TERMS[key]
    return (indonesian if words.language == "id" else english).format(**values)

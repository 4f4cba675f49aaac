"""What the figures of the report mean, in the words of the page of method; names are those of `Figure.definition`."""

from collections.abc import Mapping
from typing import Final

from service.charts import Words

# Name and text, Indonesian; name and text, English: (id, en, id text, en text).
DEFINITIONS: Final[Mapping[str, tuple[str, str, str, str]]] = {
    "intake": (
        "Masuk",
        "Came in",
        "laporan menurut hari diterima di Asia/Jakarta, dengan topik dan unit sebagaimana tercatat sekarang.",
        "reports by the day they were received in Asia/Jakarta, with topic and unit as recorded now.",
    ),
    "urgent": (
        "Genting",
        "Urgent",
        "laporan yang masuk pada bulan itu dengan kegentingan tinggi atau darurat.",
        "reports that came in during the month with urgency high or emergency.",
    ),
    "deadline": (
        "Tepat waktu",
        "In time",
        (
            "bagian laporan yang selesai dalam tenggatnya, dari tenggat yang jatuh dalam kurun waktu itu dan "
            "sudah lewat, dengan rentang Wilson 95 %."
        ),
        (
            "the share finished within the deadline, of deadlines that fell in the period and are over, with the "
            "95% interval of Wilson."
        ),
    ),
    "overdue": (
        "Lewat tenggat",
        "Overdue",
        "laporan yang masih terbuka dan tenggatnya sudah lewat pada hari terakhir yang tercatat.",
        "reports that are still open and past their deadline on the last day recorded.",
    ),
    "expected": (
        "Diharapkan",
        "Expected",
        (
            "yang dicapai semua unit bersama pada campuran jenis, topik dan kegentingan yang sama; sandaran adalah "
            "angka unit yang didekatkan ke harapan itu sejauh datanya sedikit (beta-binomial)."
        ),
        (
            "what all units together reach on the same mix of kinds, topics and urgencies; pooled is the unit's figure "
            "drawn towards it as far as its data are few (beta-binomial)."
        ),
    ),
    "stint": (
        "Lama sampai dijawab",
        "Time to an answer",
        (
            "hari kerja bagian unit itu sendiri, dengan akhir lain (dialihkan, dikembalikan, ditolak, diarsipkan) "
            "sebagai kejadian pesaing dan yang masih terbuka ikut dihitung (Aalen-Johansen)."
        ),
        (
            "working days of the unit's own part, with other endings (passed on, given back, rejected, archived) as "
            "competing events, and open ones counted (Aalen-Johansen)."
        ),
    ),
    "part": (
        "Pembagian waktu",
        "Time split",
        "median hari kerja tiap bagian waktu laporan: menunggu verifikasi, salah alamat, penanganan, menunggu pelapor.",
        "median working days of each part of the time: waiting for verification, misrouted, handling, the reporter.",
    ),
    "given_back": (
        "Salah alamat",
        "Misrouted",
        "bagian singgahan di unit yang berakhir dikembalikan atau diteruskan tanpa dikerjakan.",
        "the share of stints at a unit that ended given back or passed on unworked.",
    ),
    "reopened": (
        "Dibuka kembali",
        "Opened again",
        "bagian laporan yang pernah dijawab lalu dibuka kembali dalam sepuluh hari kerja.",
        "the share of reports ever answered that were opened again within ten working days.",
    ),
    "satisfied": (
        "Nilai",
        "Rating",
        "bagian penilaian pelapor yang 4 atau 5.",
        "the share of ratings by reporters that are 4 or 5.",
    ),
    "aspect": (
        "Unsur layanan",
        "Elements of service",
        "sembilan unsur pelayanan; dihitung bila laporan menyebut salah satunya gagal.",
        "the nine elements of public service; counted where a report says that one failed.",
    ),
    "emerging": (
        "Muncul",
        "Emerging",
        "topik yang jumlahnya melampaui yang biasa untuk musimnya, dengan anggaran alarm palsu setahun.",
        "topics above what is usual for the season, within a yearly budget of false alarms.",
    ),
    "minimum": (
        "Jumlah terkecil",
        "Least number",
        "jumlah laporan yang diperlukan sebelum sebuah angka disebut.",
        "how many reports it takes before a figure is told.",
    ),
}


def define(name: str, words: Words) -> str:
    """A definition in one sentence, led by the name of what it defines."""
    indonesian, english, indonesian_text, english_text = DEFINITIONS[name]
    return f"{indonesian}: {indonesian_text}" if words.language == "id" else f"{english}: {english_text}"

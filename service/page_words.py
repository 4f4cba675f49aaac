"""What the page says, in Indonesian and English, and how it writes shares and confidence."""

from collections.abc import Mapping
from typing import Literal

from model.prediction import EFFECT_ACCUSATION, EFFECT_DARURAT, EFFECT_TINGGI

Language = Literal["id", "en"]

_NO_BREAK_SPACE = "\u00a0"

# By name, Indonesian first, English second.
_WORDS: Mapping[str, tuple[str, str]] = {
    "tagline": (
        "Membaca laporan warga, lalu memilah: siapa yang harus bertindak, tentang apa, dan secepat apa.",
        "Reads what citizens report and sorts it out: who must act, on what, and how fast.",
    ),
    "skip": ("Langsung ke isi", "Skip to the content"),
    "switch": ("English", "Bahasa Indonesia"),
    "report": ("Tulis atau tempel sebuah laporan", "Type or paste a report"),
    "report_hint": (
        "Bahasa Indonesia sehari-hari, singkatan, atau campur Minang pun boleh. Laporan di sini tidak disimpan.",
        "Everyday Indonesian, abbreviations or mixed with Minangkabau. Nothing typed here is stored.",
    ),
    "placeholder": ("Contoh: lampu jalan di depan sekolah sudah seminggu mati …", "For example: lampu jalan mati …"),
    "submit": ("Pilah laporan ini", "Sort this report"),
    "busy": ("Sedang dibaca …", "Reading …"),
    "samples": ("Atau coba sebuah contoh", "Or try a sample"),
    "key": ("Kunci API", "API key"),
    "key_hint": (
        "Halaman ini meminta kunci karena layanan dapat dijangkau dari luar komputer ini.",
        "This page asks for a key since the service can be reached from other computers.",
    ),
    "emergency_title": ("Pilah bukan layanan darurat.", "Pilah is no emergency line."),
    "emergency_call": ("Ada bahaya sekarang? Telepon", "Danger right now? Call"),
    "alarm": (
        "Laporan ini terbaca sebagai keadaan darurat. Jangan menunggu jawaban dari sini, telepon sekarang.",
        "This report reads like an emergency. Do not wait for an answer from here, call now.",
    ),
    "intro_title": ("Yang dibaca Pilah", "What Pilah reads"),
    "intro_agency": ("unit yang wajib bertindak lebih dulu", "the unit with the duty to act first"),
    "intro_topic": ("pokok persoalan, siapa pun yang menangani", "the subject matter, whoever acts"),
    "intro_urgency": ("seberapa cepat harus ditangani", "how fast somebody must act"),
    "intro_kind": ("pengaduan, pertanyaan, usul, atau terima kasih", "complaint, question, proposal or thanks"),
    "intro_aspect": ("bagian layanan publik yang gagal", "the part of a public service that failed"),
    "intro_note": (
        (
            "Data pribadi seperti nomor telepon dan NIK disamarkan sebelum laporan dibaca. Pilah memberi saran; "
            "manusia yang memutuskan."
        ),
        (
            "Personal data such as telephone and identity numbers are masked before a report is read. Pilah advises; "
            "people decide."
        ),
    ),
    "result": ("Hasil", "Result"),
    "agency": ("Instansi", "Agency"),
    "topic": ("Topik", "Topic"),
    "urgency": ("Kegentingan", "Urgency"),
    "kind": ("Jenis laporan", "Kind of report"),
    "aspect": ("Unsur layanan", "Part of the service"),
    "alternatives": ("Kemungkinan lain", "Other possibilities"),
    "auto": ("diteruskan langsung", "routed at once"),
    "suggest": ("petugas memastikan", "an officer confirms"),
    "human": ("petugas memutuskan", "an officer decides"),
    "marks": ("Kata yang menentukan", "Words that decided"),
    "marks_for": ("Tandai kata penentu untuk", "Mark the words that decided the"),
    "no_marks": ("Tidak ada kata yang menonjol.", "No word stands out."),
    "masked": ("Data pribadi disamarkan sebelum dibaca:", "Personal data masked before reading:"),
    "unmasked": ("Tidak ada data pribadi yang ditemukan.", "No personal data were found."),
    "found_attention": ("Perhatian", "Take care"),
    "emergency_note": (
        "Periksa lebih dulu apakah ini keadaan darurat; kemungkinannya kecil.",
        "First look whether this is an emergency; it is not likely one.",
    ),
    "accusation_note": (
        "Laporan ini mungkin menuduh petugas. Jangan diteruskan ke unit yang diadukan sebelum diperiksa.",
        "This report may accuse an official. Do not pass it to the unit complained of before it was looked at.",
    ),
    "accusation_watch_note": (
        "Periksa lebih dulu apakah laporan ini menuduh petugas; kemungkinannya kecil.",
        "First look whether this report accuses an official; it is not likely to.",
    ),
    "found_ask": ("Yang perlu ditanyakan kepada pelapor", "To ask the reporter"),
    "found_outside": ("Mungkin wewenang", "May be a matter of"),
    "found_also": ("Juga menyangkut", "Also concerns"),
    "found_about": ("Unit yang diadukan", "Unit complained of"),
    "found_rules": (
        "Aturan yang berlaku; label di atas tidak diubahnya",
        "Rules that hold; they change no label above",
    ),
    EFFECT_DARURAT: ("minta diperlakukan paling tidak sebagai darurat", "asks to be treated at least as an emergency"),
    EFFECT_TINGGI: ("minta diperlakukan paling tidak sebagai tinggi", "asks to be treated at least as high urgency"),
    EFFECT_ACCUSATION: ("minta petugas memutuskan, mungkin tuduhan", "asks for a person, it may be an accusation"),
    "places": ("Tempat yang disebut", "Places named"),
    "no_places": ("Tidak ada tempat yang dikenal.", "No known place."),
    "ambiguous": ("mungkin maksud lain", "may mean something else"),
    "minang": ("kata Minangkabau", "Minangkabau words"),
    "cut": ("Bagian akhir laporan terlalu panjang dan tidak dibaca.", "The end of the report was too long to read."),
    "bundle": ("Dijawab oleh bundel", "Answered by bundle"),
    "taxonomy": ("taksonomi", "taxonomy"),
    "docs": (
        "Untuk pengembang: gambaran antarmuka (OpenAPI)",
        "For developers: description of the interface (OpenAPI)",
    ),
    "sure_4": ("sangat yakin", "very sure"),
    "sure_3": ("cukup yakin", "fairly sure"),
    "sure_2": ("agak yakin", "somewhat sure"),
    "sure_1": ("belum yakin", "not sure"),
    "error_empty": ("Tulis dahulu laporannya.", "Write a report first."),
    "error_long": (
        "Laporannya terlalu panjang; paling banyak 65.536 bita.",
        "The report is too long; at most 65,536 bytes.",
    ),
    "error_form": (
        "Formulir tidak dapat dibaca. Muat ulang halaman ini.",
        "The form cannot be read. Reload this page.",
    ),
    "error_site": (
        "Formulir dikirim dari situs lain. Buka halaman ini lalu kirim dari sini.",
        "The form was sent from another site. Open this page and send it from here.",
    ),
    "error_key": ("Kunci tidak ada atau tidak berlaku.", "The key is missing or not valid."),
    "error_store": (
        "Kunci tidak dapat diperiksa sekarang. Coba lagi sebentar.",
        "The key cannot be checked now. Try again in a moment.",
    ),
    "error_network": ("Layanan tidak terjangkau. Coba lagi.", "The service cannot be reached. Try again."),
    "account": ("Akun", "Account"),
    "log_in": ("Masuk", "Log in"),
    "log_out": ("Keluar", "Log out"),
    "login": ("Nama pengguna", "User name"),
    "password": ("Kata sandi", "Password"),
    "login_hint": (
        "Lupa kata sandi? Minta admin membuatkan yang baru.",
        "Forgot the password? Ask an admin for a new one.",
    ),
    "login_insecure": (
        "Halaman ini dibuka tanpa HTTPS, jadi tidak dapat dipakai untuk masuk. Buka lewat alamat https://.",
        "This page was opened without HTTPS, so nobody can log in here. Open it at its https:// address.",
    ),
    "error_login": (
        "Nama pengguna atau kata sandi salah.",
        "The user name or the password is wrong.",
    ),
    "error_locked": (
        "Terlalu banyak percobaan. Coba lagi {minutes} menit lagi, atau minta admin membuka kuncinya.",
        "Too many attempts. Try again in {minutes} minutes, or ask an admin to unlock it.",
    ),
    "error_often": (
        "Terlalu banyak percobaan dari sini. Tunggu satu menit.",
        "Too many attempts from here. Wait a minute.",
    ),
    "error_away": (
        "Sedang tidak dapat diperiksa. Coba lagi sebentar.",
        "It cannot be checked now. Try again in a moment.",
    ),
    "TELEPON": ("nomor telepon", "telephone number"),
    "EMAIL": ("alamat surel", "e-mail address"),
    "NIK": ("NIK atau nomor KK", "identity or family card number"),
    "NIP": ("NIP", "civil servant number"),
    "NPWP": ("NPWP", "tax number"),
    "REKENING": ("nomor rekening", "account number"),
    "PLAT": ("nomor polisi kendaraan", "licence plate"),
    "NAMA": ("nama orang", "person's name"),
    "panggilan darurat": ("panggilan darurat", "emergency"),
    "polisi": ("polisi", "police"),
    "pemadam kebakaran": ("pemadam kebakaran", "fire brigade"),
    "SAR": ("SAR", "search and rescue"),
    "ambulans": ("ambulans", "ambulance"),
}

# Made up for this page: names of buttons and reports.
SAMPLES: tuple[tuple[str, str, str], ...] = (
    (
        "Lampu jalan",
        "Street lamp",
        (
            "Lampu jalan di tikungan dekat Pasar Talawi sudah dua minggu mati. Kalau malam gelap sekali, kemarin "
            "ada motor yang jatuh. Mohon segera diperbaiki, hubungi saya di 0812-3456-7890."
        ),
    ),
    (
        "Air, campur Minang",
        "Water, in Minang",
        (
            "aia pdam di kolok ndak iduik lah 3 hari pak, kami mandi jo aia hujan sajo. tolong lah dicaliak an, "
            "tagihan jalan taruih tapi aia ndak ado"
        ),
    ),
    (
        "Longsor malam ini",
        "Landslide tonight",
        (
            "Tebing di belakang rumah warga di Santur longsor malam ini, tanah sudah masuk dapur dan hujan belum "
            "berhenti. Ada dua keluarga dan seorang bayi di dalam."
        ),
    ),
    (
        "Diminta uang",
        "Asked for money",
        (
            "Waktu mengurus surat pengantar di kantor desa kami diminta seratus ribu oleh petugas, katanya supaya "
            "cepat. Kuitansi tidak ada. Tolong diperiksa."
        ),
    ),
    (
        "Bertanya syarat",
        "A question",
        (
            "Mau tanya, kalau pindah dari Padang ke Sawahlunto apa saja syarat mengurus KTP yang baru, dan berapa "
            "lama selesainya?"
        ),
    ),
)

_SURENESS = ((0.9, "sure_4"), (0.7, "sure_3"), (0.5, "sure_2"))


def words_of(language: Language) -> dict[str, str]:
    """Everything the page says in a language, by name."""
    return {name: both[_place(language)] for name, both in _WORDS.items()}


def translate(name: str, language: Language) -> str:
    """A word of the page; one that is not known, such as a name an operator set, as it is."""
    return _WORDS[name][_place(language)] if name in _WORDS else name


def sample_names(language: Language) -> list[str]:
    """Names of the samples in their order."""
    return [sample[_place(language)] for sample in SAMPLES]


def write_share(share: float, language: Language) -> str:
    """A share in [0, 1] as per cent with one decimal, as the language writes it."""
    percent = f"{100 * share:.1f}"
    return f"{percent}%" if language == "en" else f"{percent.replace('.', ',')}{_NO_BREAK_SPACE}%"


def word_confidence(confidence: float, language: Language) -> str:
    """A confidence in words."""
    name = next((name for least, name in _SURENESS if confidence >= least), "sure_1")
    return translate(name, language)


def _place(language: Language) -> int:
    return 1 if language == "en" else 0

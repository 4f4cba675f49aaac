"""``report.html``: one page about a bundle, for people, in Indonesian; it needs no other file and no network."""

from collections.abc import Iterator
from pathlib import Path

from model.bundle import to_json_bytes
from model.prediction import JsonValue
from training.charts import chart_svg, length_chart, name_steps
from training.describing import BundleFacts, HeadFacts
from training.evaluation import Evaluation
from training.page_parts import write_figure, write_list, write_page, write_paragraph, write_section, write_table
from training.portrait import Portrait
from training.report_decisions import write_alarms, write_thresholds
from training.report_heads import write_head
from training.wording import HEAD_NAMES, write_count, write_share, write_share_figure, write_span

REPORT_FILE = "report.html"
METRICS_FILE = "metrics.json"
NOT_JUDGED = "Tidak ada laporan uji yang diberikan: mutu bundel ini pada laporan berikutnya belum diketahui."
_LIMITS = (
    "Pilah memberi saran; orang yang memutuskan. Tidak ada laporan yang ditolak, diarsipkan atau ditutup tanpa orang.",
    "Pilah bukan saluran darurat. Untuk bahaya yang mendesak, hubungi nomor darurat setempat.",
    "Bukan untuk menilai orang: angka di sini tentang laporan dan label, tidak pernah tentang pegawai.",
    "Angka berlaku untuk laporan yang mirip dengan laporan yang diuji; mutu turun ketika kata dan layanan berubah.",
)


def render_report(portrait: Portrait) -> str:
    """The whole page; equal portraits give equal text."""
    return write_page(f"Bundel {portrait.facts.bundle_id}", _write_parts(portrait))


def write_report(folder: Path, portrait: Portrait) -> None:
    """Write ``report.html`` and ``metrics.json`` into ``folder``, which is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / REPORT_FILE).write_text(render_report(portrait), encoding="utf-8")
    (folder / METRICS_FILE).write_bytes(write_metrics(portrait))


def write_metrics(portrait: Portrait) -> bytes:
    """``metrics.json``: the evaluation (no head where there is none), and what the rehearsal honestly says."""
    evaluation = portrait.evaluation or Evaluation({}, {})
    return to_json_bytes({**evaluation.to_json(), "rehearsal": summarise_metrics(portrait.rehearsal)})


def summarise_metrics(evaluation: Evaluation | None) -> dict[str, JsonValue]:
    """Rows, accuracy and macro-F1 of each head that was judged."""
    return {
        head: {"n_rows": each.n_rows, "accuracy": each.accuracy.to_json(), "macro_f1": each.macro_f1.to_json()}
        for head, each in (evaluation.heads if evaluation else {}).items()
    }


def _write_parts(portrait: Portrait) -> Iterator[str]:
    yield write_paragraph(_summarise(portrait), "lead")
    if not portrait.is_tested_later:
        yield write_paragraph(
            "Perhatian: sebagian laporan uji datang sebelum laporan latih terakhir. Angkanya mungkin terlalu bagus."
        )
    if portrait.judged:
        for head in portrait.judged.heads:
            yield write_head(portrait, portrait.judged, head)
    yield write_thresholds(portrait)
    if portrait.evaluation and portrait.evaluation.alarms:
        yield write_alarms(portrait, portrait.evaluation.alarms)
    yield _write_rows(portrait)
    yield _write_left_out(portrait)
    yield _write_keywords(portrait)
    yield write_section("Batas", [write_list([*_LIMITS, *_list_own_limits(portrait)])])


def _summarise(portrait: Portrait) -> str:
    judged = portrait.judged
    if judged is None:
        return NOT_JUDGED
    answers = "; ".join(
        f"{HEAD_NAMES[head]} benar {write_share_figure(each.accuracy)} dari {write_count(each.n_rows)} laporan"
        for head, each in judged.heads.items()
    )
    if portrait.evaluation is None:
        share = write_share(portrait.facts.config.calibration_share)
        return (
            f"{NOT_JUDGED} Dalam geladi, laporan-laporan terakhir ({share} dari semua) dijawab oleh latihan atas "
            f"laporan-laporan sebelumnya saja: {answers}."
        )
    span = f" ({write_span(judged.days)})" if judged.days else ""
    return f"Diuji pada laporan yang tidak dipakai melatih{span}: {answers}."


def _write_rows(portrait: Portrait) -> str:
    facts = portrait.facts
    steps = zip(name_steps(), facts.lengths, strict=True)
    lengths = write_table("Panjang laporan latih", ("Kata", "Laporan"), [(step, write_count(n)) for step, n in steps])
    return write_section(
        "Dilatih dengan",
        [
            write_table("Laporan latih", ("Hal", "Nilai"), _list_rows(facts), n_texts=2),
            write_table(
                "Kepala",
                ("Kepala", "Label", "Laporan berlabel", "Laporan kalibrasi"),
                [_describe_head(head) for head in facts.heads],
            ),
            write_figure("Panjang laporan latih", chart_svg(length_chart(facts.lengths)), lengths),
        ],
    )


def _list_rows(facts: BundleFacts) -> list[tuple[str, str]]:
    taxonomy = f"{facts.taxonomy[0]} ({facts.taxonomy[1]})" if facts.taxonomy else "tidak ada; label milik data sendiri"
    return [
        ("Jumlah laporan", write_count(facts.n_rows)),
        (
            "Waktu datang",
            write_span(facts.days) if facts.days else "tidak tercatat; urutan berkas dianggap urutan waktu",
        ),
        *((f"Sumber: {source}", write_count(n_rows)) for source, n_rows in facts.sources.items()),
        ("Sidik data (SHA-256)", facts.digest),
        ("Taksonomi", taxonomy),
        ("Sidik kode (SHA-256)", facts.code),
    ]


def _describe_head(head: HeadFacts) -> tuple[str, str, str, str]:
    n_rows = sum(head.n_rows.values())
    calibrated = write_count(head.n_calibrated) if head.n_calibrated else "0 (keyakinan belum dikalibrasi)"
    return HEAD_NAMES[head.name], write_count(len(head.n_rows)), write_count(n_rows), calibrated


def _write_left_out(portrait: Portrait) -> str:
    rows = [
        (HEAD_NAMES[head.name], portrait.name(head.name, label), write_count(n_rows))
        for head in portrait.facts.heads
        for label, n_rows in head.left_out.items()
    ]
    least = write_count(portrait.facts.config.minimum_rows)
    parts = (
        [write_table(f"Kurang dari {least} laporan", ("Kepala", "Label", "Laporan"), rows, n_texts=2)]
        if rows
        else [write_paragraph(f"Setiap label memiliki sedikitnya {least} laporan.")]
    )
    return write_section("Label yang tidak dipelajari", parts)


def _write_keywords(portrait: Portrait) -> str:
    tables = [
        write_table(
            f"Kata kunci: {HEAD_NAMES[head.name]}",
            ("Label", "Kata, yang terkuat dahulu; kata seakar dalam tanda kurung", "Laporan"),
            [
                (portrait.name(head.name, label), _join(portrait, head.name, label), write_count(n_rows))
                for label, n_rows in head.n_rows.items()
            ],
            n_texts=2,
        )
        for head in portrait.facts.heads
    ]
    note = "Kata dalam kosakata bundel saja: sedikitnya ada dalam tiga laporan. Samaran dan angka tidak ditampilkan."
    return write_section("Kata yang paling kuat untuk setiap label", [write_paragraph(note), *tables])


def _join(portrait: Portrait, head: str, label: str) -> str:
    lines = portrait.keywords.get(head, {}).get(label, ())
    return ", ".join(line[0] if len(line) == 1 else f"{line[0]} ({', '.join(line[1:])})" for line in lines) or "–"


def _list_own_limits(portrait: Portrait) -> Iterator[str]:
    if portrait.facts.unverified:
        names = ", ".join(portrait.name("agency", slug) for slug in portrait.facts.unverified)
        yield f"Unit yang belum dikonfirmasi oleh kota: {names}."

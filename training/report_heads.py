"""The part of a report about one head: its figures, and each chart with the table it was drawn from."""

from training.charts import (
    N_CONFUSED_LABELS,
    N_SHOWN_LABELS,
    chart_svg,
    confusion_chart,
    coverage_chart,
    label_chart,
    reliability_chart,
)
from training.decision_judging import BudgetJudgement
from training.evaluation import Evaluation
from training.judging import HeadJudgement
from training.page_parts import write_figure, write_paragraph, write_section, write_table
from training.portrait import Portrait
from training.report_decisions import write_budget
from training.wording import (
    HEAD_NAMES,
    write_count,
    write_decimal,
    write_decimal_figure,
    write_share,
    write_share_figure,
)

_N_CONFUSIONS = 40


def write_head(portrait: Portrait, judged: Evaluation, head: str) -> str:
    """The section of a head; of a rehearsal, only what it can honestly say (see `training.rehearsing`)."""
    judgement = judged.heads[head]
    is_test = judged is portrait.evaluation
    parts = [_write_figures(judgement, is_test=is_test)]
    if is_test:
        budget = judged.budgets.get(head)
        parts += [write_budget(budget)] if budget else []
        parts += [_write_coverage(judgement, budget), _write_reliability(judgement)]
    parts += [_write_labels(portrait, judgement), _write_confusions(portrait, judgement)]
    if judged.unknown_labels.get(head):
        parts.append(_write_unknown(portrait, head, judged.unknown_labels[head]))
    return write_section(HEAD_NAMES[head] + ("" if is_test else " (geladi)"), parts)


def _write_figures(judgement: HeadJudgement, *, is_test: bool) -> str:
    rows = [
        ("Laporan yang dinilai", write_count(judgement.n_rows)),
        ("Jawaban benar (akurasi)", write_share_figure(judgement.accuracy)),
        ("Macro-F1: rata-rata F1 semua label", write_decimal_figure(judgement.macro_f1)),
    ]
    if is_test:
        rows += [
            ("Galat kalibrasi", write_decimal(judgement.calibration_error)),
            ("Galat kalibrasi di atas kebetulan", write_decimal(judgement.excess_calibration_error)),
            ("Skor Brier", write_decimal_figure(judgement.brier)),
            ("Log-loss", write_decimal_figure(judgement.log_loss)),
        ]
    return write_table("Angka dengan selang 95%", ("Ukuran", "Nilai"), rows)


def _write_coverage(judgement: HeadJudgement, budget: BudgetJudgement | None) -> str:
    rows = [
        (
            write_decimal(point.threshold, 2),
            write_share(point.coverage),
            "–" if point.error is None else write_share(point.error),
            write_share(1 - point.coverage),
            write_count(point.n_decided),
        )
        for point in judgement.coverage
    ]
    header = ("Ambang keyakinan", "Diputuskan", "Salah di antaranya", "Tidak diputuskan", "Laporan diputuskan")
    table = write_table("Ambang keyakinan dan akibatnya", header, rows)
    caption = "Makin banyak diputuskan sendiri, makin banyak yang salah; angka pada garis adalah ambang keyakinan"
    chart = coverage_chart(judgement.coverage, budget.budget if budget else None)
    return write_figure(caption, chart_svg(chart), table)


def _write_reliability(judgement: HeadJudgement) -> str:
    rows = [
        (write_share(entry.confidence), write_share(entry.share_right), write_count(entry.n_rows))
        for entry in judgement.reliability
    ]
    table = write_table("Keyakinan dan kenyataan", ("Keyakinan rata-rata", "Yang benar", "Laporan"), rows)
    caption = "Keyakinan dan kenyataan: titik pada garis putus-putus berarti keyakinan yang terbukti; garis tegak 95%"
    return write_figure(caption, chart_svg(reliability_chart(judgement.reliability)), table)


def _write_labels(portrait: Portrait, judgement: HeadJudgement) -> str:
    def name(label: str) -> str:
        return portrait.name(judgement.head, label)

    rows = [
        (
            name(label.label),
            write_count(label.n_true),
            write_count(label.n_given),
            write_decimal(label.precision, 2),
            write_decimal(label.recall, 2),
            write_decimal(label.f1, 2),
        )
        for label in judgement.labels
    ]
    header = ("Label", "Laporan", "Dijawab", "Presisi", "Perolehan", "F1")
    caption = f"Laporan dan F1 tiap label, {N_SHOWN_LABELS} label terbanyak; tabel memuat semuanya"
    return write_figure(
        caption, chart_svg(label_chart(judgement.labels, name)), write_table("Setiap label", header, rows)
    )


def _write_confusions(portrait: Portrait, judgement: HeadJudgement) -> str:
    def name(label: str) -> str:
        return portrait.name(judgement.head, label)

    rows = [
        (name(true), name(given), write_count(n_rows)) for true, given, n_rows in judgement.confusions[:_N_CONFUSIONS]
    ]
    header = ("Label yang benar", "Label yang dijawab", "Laporan")
    table = (
        write_table(f"Pertukaran tersering (sampai {_N_CONFUSIONS})", header, rows, n_texts=2)
        if rows
        else write_paragraph("Tidak ada jawaban yang salah.")
    )
    caption = f"Label yang benar dan yang dijawab, {N_CONFUSED_LABELS} label terbanyak; warna adalah bagian dari baris"
    return write_figure(caption, chart_svg(confusion_chart(judgement, name)), table)


def _write_unknown(portrait: Portrait, head: str, labels: dict[str, int]) -> str:
    ordered = sorted(labels.items(), key=lambda entry: (-entry[1], entry[0]))
    return write_table(
        "Label dalam laporan uji yang tidak pernah dipelajari; dihitung sebagai salah",
        ("Label", "Laporan"),
        [(portrait.name(head, label), write_count(n_rows)) for label, n_rows in ordered],
    )

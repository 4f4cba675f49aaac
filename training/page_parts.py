"""The few pieces of HTML that a report is made of; every text that comes in is escaped here."""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from html import escape

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --page: #fff; --line: #bbb; --soft: #f3f3f3; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8e8; --page: #161616; --line: #555; --soft: #242424; } }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; }
body { color: var(--ink); background: var(--page); }
h1 { font-size: 1.5rem; } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); } h3 { font-size: 1.05rem; }
.lead { font-size: 1.15rem; }
figure { margin: 1rem 0; } figcaption { margin-bottom: .5rem; }
.wide { overflow-x: auto; } .wide:focus-visible { outline: 2px solid; }
svg { max-width: 100%; height: auto; overflow: visible; }
table { border-collapse: collapse; font-size: .9rem; } caption { text-align: left; padding: .25rem 0; }
th, td { padding: .15rem .6rem .15rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { font-weight: 600; } tbody th { font-weight: 400; } .n { text-align: right; font-variant-numeric: tabular-nums; }
summary { cursor: pointer; } code { overflow-wrap: anywhere; background: var(--soft); }
@media print {
  :root { color-scheme: light; --ink: #000; --page: #fff; --line: #999; --soft: #fff; }
  body { max-width: none; padding: 0; font-size: 10pt; } svg, tr { break-inside: avoid; }
  h2, h3, figcaption { break-after: avoid; }
}
""".strip()


def write_page(title: str, parts: Iterable[str]) -> str:
    """A whole page that loads nothing and runs nothing, and forbids the browser to."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    return (
        '<!DOCTYPE html>\n<html lang="id">\n<head>\n<meta charset="utf-8">\n'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{digest}'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{escape(title)}</h1>\n"
        + "\n".join(parts)
        + "\n</main>\n</body>\n</html>\n"
    )


def write_section(title: str, parts: Iterable[str], level: int = 2) -> str:
    """A heading and what stands under it."""
    return "\n".join(["<section>", f"<h{level}>{escape(title)}</h{level}>", *parts, "</section>"])


def write_paragraph(text: str, kind: str = "") -> str:
    """A paragraph of plain text; ``kind`` is a class of the style."""
    return f'<p class="{kind}">{escape(text)}</p>' if kind else f"<p>{escape(text)}</p>"


def write_list(entries: Iterable[str]) -> str:
    """A list of plain texts."""
    return "<ul>\n" + "\n".join(f"<li>{escape(entry)}</li>" for entry in entries) + "\n</ul>"


def write_table(caption: str, header: Sequence[str], rows: Iterable[Sequence[str]], n_texts: int = 1) -> str:
    """A table whose first ``n_texts`` columns hold words and whose others hold numbers; a row's first cell names it."""
    classes = ["" if place < n_texts else ' class="n"' for place in range(len(header))]
    heads = "".join(f'<th scope="col"{kind}>{escape(cell)}</th>' for kind, cell in zip(classes, header, strict=True))
    body = "\n".join(_write_row(row, classes) for row in rows)
    return (
        f'<div class="wide" tabindex="0">\n<table>\n<caption>{escape(caption)}</caption>\n'
        f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>\n</div>"
    )


def write_figure(caption: str, svg: str, table: str) -> str:
    """A chart with the table it was drawn from; the table can be folded away."""
    return (
        f'<figure>\n<figcaption>{escape(caption)}</figcaption>\n<div role="img" aria-label="{escape(caption)}">{svg}'
        f"</div>\n<details open>\n<summary>Tabel</summary>\n{table}\n</details>\n</figure>"
    )


def _write_row(row: Sequence[str], classes: Sequence[str]) -> str:
    first, *others = row
    cells = "".join(f"<td{kind}>{escape(cell)}</td>" for kind, cell in zip(classes[1:], others, strict=True))
    return f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>'

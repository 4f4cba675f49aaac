import base64
import hashlib
import re

from training.page_parts import write_figure, write_list, write_page, write_paragraph, write_section, write_table

_MARKUP = "<b>&\"'"
_ESCAPED = "&lt;b&gt;&amp;&quot;&#x27;"


def test_every_text_is_escaped():
    parts = [
        write_paragraph(_MARKUP),
        write_list([_MARKUP]),
        write_table(_MARKUP, [_MARKUP], [[_MARKUP]]),
        write_section(_MARKUP, []),
        write_figure(_MARKUP, "", ""),
    ]
    page = write_page(_MARKUP, parts)
    assert _MARKUP not in page
    assert page.count(_ESCAPED) == 10


def test_the_policy_allows_the_one_style_of_the_page_and_nothing_else():
    page = write_page("Judul", [])
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in page


def test_a_row_is_named_by_its_first_cell_and_numbers_stand_right():
    table = write_table("Judul", ("Label", "Laporan"), [("Jalan", "3")])
    assert '<th scope="row">Jalan</th><td class="n">3</td>' in table
    assert '<th scope="col" class="n">Laporan</th>' in table


def test_a_chart_is_told_to_those_who_cannot_see_it():
    assert '<div role="img" aria-label="Panjang"><svg></svg></div>' in write_figure("Panjang", "<svg></svg>", "")

import pytest

from model.markup import strip_markup

PAGE = """<!DOCTYPE html><html lang="id"><head><title>Keluhan</title><style>p { color: red }</style>
<SCRIPT type="text/javascript">if (a < b) { lapor("x") }</SCRIPT></head>
<body><!-- catatan <b>dalam</b> --><p class="isi">Jalan <b>rusak</b></p><p>Lampu&nbsp;mati<br/>sejak Senin</p>
<table><tr><td>RT</td><td>02</td></tr></table></body></html>"""


def test_leaves_what_a_reader_of_a_page_would_see() -> None:
    text = strip_markup(PAGE)
    assert text.replace("\xa0", " ").split() == "Keluhan Jalan rusak Lampu mati sejak Senin RT 02".split()
    assert "mati\nsejak" in text


@pytest.mark.parametrize(
    "text",
    [
        "jarak <5m dari rumah",
        "a < b dan b > a",
        "antara <b dan c> saja",
        "<3 untuk damkar",
        "pipa <rusak berat>",
        "<NOMOR>",
        "R&D & co",
        "laporan?id=1&copy=2",
        "&tidakada;",
        "<!-- tanpa akhir",
    ],
)
def test_leaves_alone_what_only_looks_like_markup(text: str) -> None:
    assert strip_markup(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<NAMA>", "[NAMA]"),
        ("<telepon>", "[TELEPON]"),
        ("<NO_HP> <NIK>", "[TELEPON] [NIK]"),
        ("a&lt;b", "a<b"),
        ("&amp;amp;amp;lt;", "<"),
        ("&#48;&#x38;12", "0812"),
        ("<b>08</b>12", "0812"),
        ("<script>tanpa akhir", "tanpa akhir"),
        ("<o:p>rusak</o:p>", "rusak"),
    ],
)
def test_takes_one_layer_off(text: str, expected: str) -> None:
    assert strip_markup(text) == expected

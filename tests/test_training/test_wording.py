from datetime import date

import pytest

from model.taxonomy import HEADS
from training.judging import Figure
from training.wording import (
    HEAD_NAMES,
    write_count,
    write_day,
    write_decimal,
    write_decimal_figure,
    write_share,
    write_share_figure,
    write_span,
)


def test_every_head_has_a_name():
    assert tuple(HEAD_NAMES) == HEADS


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (write_count(1_234_567), "1.234.567"),
        (write_decimal(0.5), "0,500"),
        (write_decimal(-0.014), "−0,014"),
        (write_share(0.7805), "78,0%"),
        (write_share_figure(Figure(0.78, 0.7601, 0.8)), "78,0% (76,0–80,0%)"),
        (write_decimal_figure(Figure(0.5, 0.25, 0.75)), "0,500 (0,250–0,750)"),
        (write_day(date(2023, 5, 9)), "9 Mei 2023"),
        (write_span((date(2023, 1, 5), date(2024, 12, 31))), "5 Januari 2023 sampai 31 Desember 2024"),
    ],
)
def test_writes_as_an_indonesian_reader_does(written, expected):
    assert written == expected

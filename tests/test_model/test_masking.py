import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.masking import Masked, mask
from model.tokens import MASK_KINDS, tokenize

SIZE = 65_536


def test_masks_everything_personal_and_counts_it() -> None:
    text = (
        "Yth. Bapak Wali Kota, nama saya Rina Marlina (NIK 1373014101900001), warga RT 02 RW 05 Talawi Hilie.\n"
        "Truk BA 8123 JK melindas pipa pada 12-08-2024, tagihan Rp 1.500.000 dikirim ke rina@contoh.id.\n"
        "Hubungi 0812-3456-7890 atau Pak Yusuf (0754) 61234. Rekening Bank Nagari 21000210123456 a.n. Rina Marlina."
    )
    assert mask(text) == Masked(
        "Yth. Bapak Wali Kota, nama saya [NAMA] (NIK [NIK]), warga RT 02 RW 05 Talawi Hilie.\n"
        "Truk [PLAT] melindas pipa pada 12-08-2024, tagihan Rp 1.500.000 dikirim ke [EMAIL].\n"
        "Hubungi [TELEPON] atau Pak [NAMA] [TELEPON]. Rekening Bank Nagari [REKENING] a.n. [NAMA].",
        {"REKENING": 1, "NIK": 1, "EMAIL": 1, "TELEPON": 2, "PLAT": 1, "NAMA": 3},
    )


def test_returns_a_text_without_personal_data_as_it_is() -> None:
    text = "Jalan di depan SDN 02 berlubang, mohon diperbaiki."
    assert mask(text) == Masked(text, {})


def test_does_not_count_what_was_masked_before() -> None:
    assert mask("hubungi [NAMA] di [TELEPON]").counts == {}


PIECES = st.sampled_from(
    (
        "pak |Pak |PAK |Ibu |nama saya |nama: |NAMA SAYA |atas nama |a.n. |an |AN |ttd |hormat saya,\n|cp |Budi |budi |"
        "BUDI |Santoso |dewi |x|rumah |tidak |0812|3456|7890|081234567890|+62|8|0754|(0754)|61234|-|.| |/|(|)|@|gmail|"
        ".com|NIK |kk |rek |BRI |no |1|16|1373011201900001|198001012005011001| 1 |2024|12-08|BA |1234| XY|plat |motor |"
        "b|l|o|O|I|#|tiket |[NAMA]|[TELEPON]|[NIK]|]|[|\n|,|:|h.|rt |M.|idpel |hp |telp |npwp |transfer ke |jl |İ|é|"
        "09.254.294.3-407.000"
    ).split("|")
)
TEXTS = st.one_of(
    st.text(),
    st.lists(PIECES, max_size=25).map("".join),
    st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=20).map(" ".join),
)


@given(TEXTS)
def test_masking_twice_is_masking_once(text: str) -> None:
    masked = mask(text)
    assert mask(masked.text) == Masked(masked.text, {})


@given(TEXTS)
def test_every_mask_is_a_token(text: str) -> None:
    masked = mask(text)
    assert set(masked.counts) <= set(MASK_KINDS)
    forms = tokenize(masked.text).forms
    for kind, count in masked.counts.items():
        assert forms.count(f"[{kind}]") >= count


def spell(draw: st.DrawFn, digits: str, *shapes: str) -> str:
    """The digits as somebody may write them: in groups of the sizes of a shape, one separator throughout."""
    sizes = draw(st.sampled_from(shapes)).split()
    separator = draw(st.sampled_from([" ", "-", ".", " - "]))
    groups = []
    for size in sizes:
        groups.append(digits[: int(size)])
        digits = digits[int(size) :]
    return separator.join(group for group in groups if group)


@st.composite
def phones(draw: st.DrawFn) -> str:
    digits = "08" + draw(st.from_regex(r"[1-9][0-9]{8,10}", fullmatch=True))
    spelt = spell(draw, digits, "13", "4 4 5", "4 3 3 3", "4 9", "3 4 4 2", "2 2 2 2 2 2 2", "2 11", " ".join("1" * 13))
    if draw(st.booleans()):
        spelt = draw(st.sampled_from(["+62", "62", "+62 ", "+62-", "(+62) "])) + spelt[1:].lstrip(" -.")
    return spelt


@st.composite
def identities(draw: st.DrawFn) -> str:
    digits = draw(st.from_regex(r"[1-9][0-9]{3}[1-9][1-9][0-9]{9}[1-9]", fullmatch=True))
    return spell(draw, digits, "16", "4 4 4 4", "6 6 4", "8 8", "6 10", "2 2 2 6 4", "12 4")


@st.composite
def servants(draw: st.DrawFn) -> str:
    digits = "19" + draw(
        st.from_regex(r"[6-9][0-9]0[1-9][0-2][1-9]20[0-2][0-9]1[0-2][12][0-9]{2}[1-9]", fullmatch=True)
    )
    return spell(draw, digits, "18", "8 6 1 3", "8 6 4", "8 10", "6 6 6", "4 4 4 4 2")


WORDS = st.lists(
    st.one_of(
        st.sampled_from("jalan rusak, Pak Yusuf RT 02 no. rumah hubungi (wa) nik: Rp 500.000".split(" ")), st.text()
    ),
    max_size=6,
).map(" ".join)


@given(before=WORDS, number=st.one_of(phones(), identities(), servants()), after=WORDS)
def test_no_planted_number_survives(before: str, number: str, after: str) -> None:
    masked = mask(f"{before} ini {number} , {after}").text
    assert number not in masked
    assert re.sub("[^0-9]", "", number)[-9:] not in re.sub("[^0-9]", "", masked)


@pytest.mark.parametrize(
    "unit",
    (
        "0|1 |08 |0-|0812345678 |8123456789 |0___|a@|@a.|a@b.|lI|BA 1|rek a|nik no no |pak A |an A |nama saya a |"
        "Pak A-A-|A.|ttd \n|A|[NAMA] "
    ).split("|"),
    ids=repr,
)
def test_comes_to_an_end_on_64_kib_of(unit: str) -> None:
    masked = mask((unit * SIZE)[:SIZE])
    assert mask(masked.text).counts == {}

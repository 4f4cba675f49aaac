"""Each way of writing a personal number, and what only looks like one, through the whole of `mask`."""

import pytest

from model.masking import mask

PERSONAL = {
    "TELEPON": [
        "081234567890",
        "0812345678",
        "0812-3456-7890",
        "0812 3456 7890",
        "0812.345.678",
        "0812 - 3456 - 7890",
        "(0812) 3456-7890",
        "0 812 3456 7890",
        "08 12 34 56 78 90",
        "08.12.34.56.78.90",
        "08-1234-5678",
        "0 8 1 2 3 4 5 6 7 8 9 0",
        "+6281234567890",
        "+62 812-3456-7890",
        "+62 (0) 812 3456 7890",
        "(+62) 812 3456 7890",
        "6281234567890",
        "62 812 3456 7890",
        "81234567890",
        "O812-3456-789O",
        "08l234567890",
        "0812I4567890",
        "(0754) 61234",
        "0754-61234",
        "0754 - 612345",
        "0754 61234",
        "075461234",
        "021-555-0123",
        "0215550123",
        "+62 754 61234",
        "+60 12 345 6789",
    ],
    "EMAIL": [
        "budi.s_2@contoh.co.id",
        "BUDI@GMAIL.COM",
        "budi @ gmail.com",
        "budi+lapor@mail.contoh.org",
        "budi@gmail",
    ],
    "NIK": [
        "1373011201900001",
        "1373 0112 0190 0001",
        "1373.0112.0190.0001",
        "137301 120190 0001",
        "13.73.01.120190.0001",
        "13730112 01900001",
        "13730112019000011",
    ],
    "NIP": [
        "198001012005011001",
        "19800101 200501 1 001",
        "19800101.200501.1.001",
        "19800101-200501-1-001",
        "19800101 2005011001",
        "198001 012005 011001",
    ],
    "NPWP": ["09.254.294.3-407.000", "09.254.294.3.407.000", "092542943407000"],
    "PLAT": ["BA 1234 XY", "BA1234XY", "BA-1234-XY", "B 1234 ABC", "B1234ABC", "BA 12 XY"],
}


@pytest.mark.parametrize(
    ("kind", "number"), [(kind, number) for kind, numbers in PERSONAL.items() for number in numbers]
)
def test_masks_a_number_by_its_shape(kind: str, number: str) -> None:
    for text in (number, f"tolong hubungi {number} ya", f"ini ({number}), segera", f"nya:{number}\nRT 02"):
        masked = mask(text)
        assert masked.text == text.replace(number, f"[{kind}]")
        assert masked.counts == {kind: 1}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://wa.me/6281234567890", "https://wa.me/[TELEPON]"),
        ("wa.me/81234567890", "wa.me/[TELEPON]"),
        ("no hp saya 812 3456 7890", "no hp saya [TELEPON]"),
        ("WA: 812-3456-7890", "WA: [TELEPON]"),
        ("telp 61234", "telp [TELEPON]"),
        ("081234567890/081298765432", "[TELEPON]/[TELEPON]"),
        ("081234567890 2 orang", "[TELEPON] 2 orang"),
        ("NIK 137301120190001", "NIK [NIK]"),
        ("No. KK : 13730112019000012", "No. KK : [NIK]"),
        ("nik saya 1373 011201900001", "nik saya [NIK]"),
        ("KTP\n1373-0112-0190-0001", "KTP\n[NIK]"),
        ("nip 19800101200501100", "nip [NIP]"),
        ("npwp 09 254 294 3 407 000", "npwp [NPWP]"),
        ("NPWP: 0925429434070001", "NPWP: [NPWP]"),
        ("rek BRI 0123-01-012345-53-1", "rek BRI [REKENING]"),
        ("norek 12345678", "norek [REKENING]"),
        ("no rekening saya: 1234567890", "no rekening saya: [REKENING]"),
        ("transfer ke 1234567890", "transfer ke [REKENING]"),
        ("Bank Nagari 21000210123456", "Bank Nagari [REKENING]"),
        ("BCA a.n. Budi Santoso 1234567890", "BCA a.n. [NAMA] 1234567890"),
        ("rekening BCA a.n. Budi Santoso 1234567890", "rekening BCA a.n. [NAMA] [REKENING]"),
        ("idpel 123456789012", "idpel [REKENING]"),
        ("ID Pel. 12345678901", "ID Pel. [REKENING]"),
        ("no pelanggan PDAM 12345678901", "no pelanggan PDAM [REKENING]"),
        ("nomor meter 123456789012", "nomor meter [REKENING]"),
        ("kartu BPJS 0001234567890", "kartu BPJS [REKENING]"),
        ("plat l 1234 ab", "plat [PLAT]"),
        ("nopol: ba 1234 x", "nopol: [PLAT]"),
        ("nomor polisi BA 12", "nomor polisi [PLAT]"),
        ("mobil ba 1234 xy", "mobil [PLAT]"),
    ],
)
def test_masks_a_number_after_its_cue(text: str, expected: str) -> None:
    assert mask(text).text == expected


@pytest.mark.parametrize(
    "text",
    [
        "Rp 1.500.000, 500rb, 1,5 jt, Rp8500000000",
        "Rp. 62.812.500.000",
        "dari 1.250.000 menjadi 12.500.000 1.500.000",
        "100000 150000 200000",
        "saldo rekening 12.500.000",
        "12-08-2024 sampai 13-08-2024",
        "tanggal 08-12-2024 10.30, 2024.10.11",
        "12-08-2024 2024.10.11",
        "02022022/41812746",
        "jam 0800, 08.00-16.00",
        "buka 08.30-12.00 13.00-16.00",
        "hubungi jam 08.00-16.00",
        "tahun 2021 2022 2023 2024",
        "BRI 2023-2024",
        "KM 12+400, km 7",
        "#8837712",
        "#8123456789",
        "tiket 20240112-0091",
        "nomor laporan 8812345",
        "nomor laporan 8812345678",
        "tiket no. 0754123456",
        "20240112093015",
        "RT 003/RW 010, rt.02 rw 05",
        "No 45 B, Blok A4",
        "Blok B 123 A",
        "No. B 1234 C",
        "-0.6823, 100.7781",
        "-0.8123456789, 100.8512345678",
        "ukuran 2x1 m, D 1000 KG",
        "telepon 112, 110, 119, 1500123, 500-501",
        "telp 1500123 atau 14045",
        "call center 500-501",
        "meter 45, pelanggan lama 2019",
        "nomor meter 1234",
        "123456789012",
        "SK 188/45/2022, KTP, S1",
        "mobil L300",
        "no 12 14 16 18 20 22 24 26",
    ],
)
def test_lets_a_look_alike_be(text: str) -> None:
    assert mask(text).text == text
    assert mask(f"{text} di Talawi").text == f"{text} di Talawi"

import pytest

from model.masking import mask


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nama saya budi santoso dari talawi", "nama saya [NAMA] dari talawi"),
        ("Nama saya Budi Santoso mau melapor", "Nama saya [NAMA] mau melapor"),
        ("nama sy rina", "nama sy [NAMA]"),
        ("saya bernama Rina Marlina, warga Kolok", "saya bernama [NAMA], warga Kolok"),
        ("perkenalkan saya yusuf, ketua pemuda", "perkenalkan saya [NAMA], ketua pemuda"),
        ("atas nama siti aminah belum terdaftar", "atas nama [NAMA] belum terdaftar"),
        ("ATAS NAMA SITI AMINAH BELUM TERDAFTAR", "ATAS NAMA [NAMA] BELUM TERDAFTAR"),
        ("atas nama bapak H. Yusuf Malik", "atas nama bapak H. [NAMA]"),
        ("a.n. Rina Marlina", "a.n. [NAMA]"),
        ("a/n rina marlina kok ditolak", "a/n [NAMA] kok ditolak"),
        ("an. Budi Santoso, an Dewi", "an. [NAMA], an [NAMA]"),
        ("NIK 12 AN SITI AMINAH", "NIK 12 AN SITI AMINAH"),
        ("KTP AN SITI AMINAH", "KTP AN [NAMA]"),
        ("Nama : Rina marlina\nAlamat : Talawi", "Nama : [NAMA]\nAlamat : Talawi"),
        ("Nama ibu kandung :\nSITI AMINAH\nRT 02", "Nama ibu kandung :\n[NAMA]\nRT 02"),
        ("Pelapor: Yusuf", "Pelapor: [NAMA]"),
        ("Pak Budi Santoso dan Bu Rina", "Pak [NAMA] dan Bu [NAMA]"),
        ("Bpk. Yusuf, Sdr. Hendra, Sdri Dewi", "Bpk. [NAMA], Sdr. [NAMA], Sdri [NAMA]"),
        ("Bapak Drs. H. Yusuf Malik, M.Si", "Bapak Drs. H. [NAMA], M.Si"),
        ("Macet bana pak. Oto banyak, lewat ibu. Nisan retak", "Macet bana pak. Oto banyak, lewat ibu. Nisan retak"),
        ("Pak. Budi sudah datang", "Pak. [NAMA] sudah datang"),
        (
            "Dahulu ada Pak Tuo, uni Lubang Panjang, ibu Silungkang Duo",
            "Dahulu ada Pak Tuo, uni Lubang Panjang, ibu Silungkang Duo",
        ),
        ("Pak RW Yusuf, Bu Bidan Rina", "Pak RW [NAMA], Bu Bidan [NAMA]"),
        ("Pak M.Yusuf", "Pak [NAMA]"),
        ("Pak Edi.Mohon dibantu", "Pak [NAMA].Mohon dibantu"),
        ("Nama: MOCH.YUSUF FADHILAH", "Nama: [NAMA]"),
        ("Pak M. Yusuf", "Pak [NAMA]"),
        ("Bu Nur'aini Sa'adah", "Bu [NAMA]"),
        ("PAK BUDI TOLONG", "PAK [NAMA] TOLONG"),
        ("tolong pak budi, jalan rusak", "tolong pak [NAMA], jalan rusak"),
        ("contact person Hendra", "contact person [NAMA]"),
        ("CP: Bpk Soleh (Ketua RT)", "CP: Bpk [NAMA] (Ketua RT)"),
        ("Hormat saya,\n\nYusuf Malik", "Hormat saya,\n\n[NAMA]"),
        ("ttd Hendra Wijaya", "ttd [NAMA]"),
        ("a.n. [NAMA] Santoso", "a.n. [NAMA]"),
        ("Nama: Budi SantosoAlamat: Talawi", "Nama: [NAMA]Alamat: Talawi"),
    ],
)
def test_masks_the_name_and_leaves_the_cue(text: str, expected: str) -> None:
    assert mask(text).text == expected


@pytest.mark.parametrize(
    "text",
    [
        "Pak RT dan Bu RW",
        "antre di depan Pak SPBU Muaro",
        "atas nama SPBU Kolok",
        "anak penyandang CP berat",
        "anak saya cp ringan",
        "Bapak Wali Kota",
        "Bapak Walikota Sawahlunto",
        "Bu Lurah Saringan",
        "Pak Camat Talawi",
        "Bapak/Ibu pimpinan",
        "Bapak Ibu yang terhormat",
        "Ibu hamil ditolak, Ibu Kota",
        "pak tolong, pak mohon",
        "Terima kasih Pak Mohon ditindaklanjuti",
        "Terima kasih Pak, Talawi gelap",
        "PAK TOLONG JALAN RUSAK PAK",
        "ATAS NAMA WARGA KAMI MOHON",
        "atas nama warga Kolok",
        "atas nama ahli waris",
        "nama saya tidak ada di daftar",
        "nama saya dicoret dari penerima",
        "nama jalan: Merdeka",
        "sudah 2 jam an, mobil2 an, 100.000 an Bapak",
        "Diba'an, Tadarus",
        "Jl. Pak Kasih, jalan KH Mas Mansyur",
        "minta ttd Camat, belum dapat",
        "hormat saya\nRT 02",
        "Alamat pelapor: Talawi",
        "pak dewan, bu guru, pak polisi, bu bidan desa",
        "Bapak PDAM, Bu PKK, Pak DPRD",
        "Pak Melapor ke mana, Pak Berapa lama",
        "Bu Mudah-mudahan lekas",
        "ibunya Budi",
        "kampak Batu",
        "[NAMA] belum dapat",
    ],
)
def test_takes_no_ordinary_word_for_a_name(text: str) -> None:
    assert mask(text).text == text


def test_ends_a_name_in_small_letters_after_three_words() -> None:
    assert mask("nama saya satria dwika baruna wilis").text == "nama saya [NAMA] wilis"

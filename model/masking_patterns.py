"""The shapes of personal numbers in Indonesian reports, one rule for each way of writing them.

Owns what counts as an e-mail address or a telephone, identity, tax, account or plate number; personal names are
`names`' business. Digits bound a number, letters need not; every repetition is bounded or possessive, so each
pattern takes linear time. Patterns are written in small letters, except those of number plates.
"""

import re

from model.masking_rules import Rule, Scanner

_FROM, _TO = r"(?<![0-9])", r"(?![0-9])"
_CUE_END = r"(?:nya)?(?![a-z])[\s.:=,(#-]{0,4}"
_LOOSE = r"[ ._/()-]{0,3}"  # between the digits of a number that its beginning gives away
_GROUP = r"[ ._-]{1,3}"  # between the groups of a number that its shape gives away

# Prices, dates, hours and spans of years: what a number after a cue is not.
_NOT_PLAIN = (
    r"(?![0-9]{1,3}(?:\.[0-9]{3})+(?![0-9.-])"
    r"|[0-9]{1,2}[-./ ][0-9]{1,2}[-./ ](?:19|20)[0-9]{2}(?![0-9])"
    r"|(?:19|20)[0-9]{2}[-./ ][01]?[0-9][-./ ][0-3]?[0-9](?![0-9])"
    r"|[0-2]?[0-9][.:][0-5][0-9] {0,2}(?:-|s) {0,2}[0-2]?[0-9][.:]"
    r"|(?:19|20)[0-9]{2} {0,2}[-/ ] {0,2}(?:19|20)[0-9]{2}(?![0-9]))"
)
# Four years in a row, or sums of money side by side: what digits in groups are not.
_NOT_AMOUNTS = rf"(?!(?:(?:19|20)[0-9]{{2}}{_GROUP}){{3}}(?:19|20)[0-9]{{2}}{_TO}|[0-9]+000{_GROUP}[0-9]+000{_TO})"
_NOT_MONEY = r"(?<!rp)(?<!rp )(?<!rp\.)(?<!rp\. )"
# A number that could be either is the number of a case after these words.
_CASE = re.compile(
    r"(?:#|(?<![a-z])(?:tiket|ticket|laporan|lapor|(?:peng)?aduan|registrasi|reg|resi|surat|perkara|berkas|antri?an"
    r"|antrean|pendaftaran|tracking|kode|order|invoice|faktur|id))(?:nya)?[\s.:=#-]{0,3}"
    r"(?:(?:no|nomor|id|kode)[\s.:=#-]{0,3})?\Z"
)
_HOUSE = re.compile(r"\b(?:blok|kav|no|nomor|rumah|gang|gg|jalan|jl)[ .]{0,2}\Z", re.IGNORECASE)


def _secret(n_more: str, separator: str = r"[ ._-]{0,3}") -> str:
    """One digit and ``n_more`` others."""
    return rf"[0-9](?:{separator}[0-9]){{{n_more}}}{_TO}"


def _after(kind: str, cue: str, fillers: str, secret: str) -> Rule:
    """What is personal after a cue, up to four small words between them."""
    between = rf"(?:(?:{fillers.replace(' ', '|')}){_CUE_END}){{0,4}}"
    return Rule(kind, rf"(?:{cue}){_CUE_END}{between}{_NOT_PLAIN}({secret})", has_cue=True)


def _grouped(*shapes: str) -> str:
    """Digits standing in groups of these sizes, as in ``4 4 4 4``."""
    return "|".join(_GROUP.join(f"[0-9]{{{size}}}" for size in shape.split()) for shape in shapes)


_ADDRESS = r"(?<![a-z0-9._%+-])[a-z0-9._%+-]++"
_FREE_MAIL = "gmail|yahoo|ymail|rocketmail|hotmail|outlook|icloud"
EMAIL = (
    Rule("EMAIL", rf"{_ADDRESS} ?@ ?(?:{_FREE_MAIL})(?:\.[a-z]{{2,10}})*+"),
    Rule("EMAIL", rf"{_ADDRESS}@[a-z0-9-]++(?:\.[a-z0-9-]++)+"),
)

# Place 6, birth date 6, serial 4, for a person and for a family card (UU 24/2013). One digit too few or too many
# after the cue, or one too many in a row, is a slip of the finger and no less personal.
NIK_AFTER_CUE = _after(
    "NIK",
    "nik|(?:no[. ]{0,2})?kk|e?-?ktp|kartu keluarga|nomor induk kependudukan",
    "no nomor saya sy ktp kk nik adalah ibu bapak istri suami anak",
    _secret("14,16"),
)
NIK = (
    Rule("NIK", rf"[0-9]{{16,17}}{_TO}"),
    Rule(
        "NIK",
        rf"{_NOT_AMOUNTS}(?:{_grouped('4 4 4 4', '6 6 4', '2 2 2 6 4', '6 2 2 2 4', '8 8', '6 10', '12 4')}"
        rf"|{_grouped('3 3 3 3 4', '3 3 3 3 3 1')}){_TO}",
    ),
)

# Birth date 8, appointment 6, sex 1, serial 3 (Peraturan Kepala BKN 22/2007). A land tax object (NOP) has eighteen
# digits too and leads to one household.
NIP_AFTER_CUE = _after("NIP", "nip", "no nomor saya baru", _secret("16,18"))
NIP = (
    Rule("NIP", rf"[0-9]{{18}}{_TO}"),
    Rule(
        "NIP",
        rf"{_NOT_AMOUNTS}(?:{_grouped('8 6 1 3', '8 6 4', '8 7 3', '8 10', '14 4', '6 6 6', '9 9', '4 4 4 4 2')}"
        rf"|{_grouped('3 3 3 3 3 3')}){_TO}",
    ),
)

# 99.999.999.9-999.999; since 2024 sixteen digits, for a person the NIK (PMK 112/2022).
NPWP_AFTER_CUE = _after("NPWP", "npwp", "no nomor saya sy pribadi adalah", _secret("14,15"))
NPWP = (
    Rule("NPWP", rf"[0-9]{{2}}\.[0-9]{{3}}\.[0-9]{{3}}\.[0-9][.-][0-9]{{3}}\.[0-9]{{3}}{_TO}"),
    Rule("NPWP", rf"[0-9]{{15}}{_TO}", unless_after=_CASE),
)

# An account, a membership or the meter of a household has no shape of its own and is masked after a cue only. The
# number of a PLN or PDAM customer leads to one household, so it is personal; there is no mask for it but this.
_ACCOUNT_FILLERS = (
    r"no nomor norek rek rekening bank bri bni bca btn bsi mandiri nagari cabang a\.?n a/n saya sy ini ke di dengan "
    "dgn pelanggan tujuan pln pdam listrik air adalah yaitu aktif lama baru kami ibu bapak anak istri suami kartu kis "
    "jkn bpjs kesehatan peserta"
)
_BANKS = "bri|bni|bca|btn|bsi|bjb|mandiri|cimb|danamon|permata|nagari"
_METER = r"id ?pel(?:anggan)?|(?:no|nomor|nomer)[. ]{0,2}(?:pelanggan|meter(?:an)?|sambungan|kontrol)"
_MEMBERSHIP = r"bpjs|kis|jkn|kpj|nisn|virtual account|va|(?:no|nomor|nomer)[. ]{0,2}(?:kartu|polis|sim|paspor)"
ACCOUNT_AFTER_CUE = (
    _after("REKENING", "(?:no)?rek(?:ening)?", _ACCOUNT_FILLERS, _secret("7,17")),
    _after("REKENING", f"{_METER}|{_MEMBERSHIP}", _ACCOUNT_FILLERS, _secret("7,13")),
    _after("REKENING", f"{_BANKS}|(?:transfer|tf|kirim)(?:kan)? ke", _ACCOUNT_FILLERS, _secret("9,17")),
)
# The name of the holder, masked by now, may stand between the cue and the number.
ACCOUNT_AFTER_NAME = Rule(
    "REKENING",
    rf"(?:no)?rek(?:ening)?(?![a-z])(?:[^0-9\n\[]|\[nama\]){{1,40}}{_NOT_PLAIN}({_secret('9,17', '-?')})",
    has_cue=True,
)

# A mobile number is 08 and 8 to 11 digits, a landline 0, area and number (Fundamental Technical Plan, PM Kominfo
# 14/2018). After "08" alone the groups must be alike: "08.00-16.00" and "08-12-2024 10.30" are none. "o" for zero,
# "l" for one are read where eight real digits remain.
_OPEN = r"(?:\((?=\+?[0-9]{2,4}\)))?"
_NEAR_DIGITS = r"(?=(?:[^0-9\n]{0,3}[0-9]){8})"
MOBILE = (
    Rule("TELEPON", rf"{_OPEN}08[1-9][0-9]{{7,10}}{_TO}"),
    Rule("TELEPON", rf"{_OPEN}0[ -]?8[1-9](?:{_LOOSE}[0-9]){{5,8}}{_LOOSE}[0-9]{{2}}{_TO}"),
    Rule("TELEPON", rf"{_NOT_MONEY}{_OPEN}\+?62{_LOOSE}(?:\(0\){_LOOSE})?0?{_LOOSE}8(?:{_LOOSE}[0-9]){{8,11}}{_TO}"),
    Rule("TELEPON", rf"0(?P<between> ?[._-] ?| )8(?:(?P=between)[0-9]){{8,11}}{_TO}"),
    Rule(
        "TELEPON",
        rf"08(?P<group> ?[._-] ?| )(?=(?:[0-9](?P=group)?){{8,11}}{_TO})(?!(?:19|20)[0-9]{{2}}(?P=group))"
        rf"[1-9](?:[0-9]{{7,10}}|[0-9]{{1,4}}(?:(?P=group)[0-9]{{1,5}}){{1,5}}){_TO}",
    ),
    Rule(
        "TELEPON",
        rf"(?<![a-z])(?=\+?[0-9 .-]{{0,24}}[oli])(?:[0o]|\+?62)[ .-]{{0,2}}8{_NEAR_DIGITS}"
        rf"(?:[ .-]{{0,2}}[0-9oli]){{8,11}}(?![0-9a-z])",
    ),
    Rule("TELEPON", rf"(?<![0-9][.,]){_NOT_MONEY}8[1-9][0-9]{{8,10}}{_TO}", unless_after=_CASE),
)
LANDLINE = (
    Rule("TELEPON", rf"\(0[2-79][0-9]{{1,2}}\){_LOOSE}[0-9]{{2,4}}(?:[ .-]?[0-9]{{2,4}}){{1,2}}{_TO}"),
    Rule(
        "TELEPON",
        rf"0[2-79](?:[0-9]{{7,9}}|[0-9]{{1,2}} ?[ -] ?(?:[0-9]{{5,8}}|[0-9]{{3,4}}[ .-][0-9]{{3,4}})){_TO}",
        unless_after=_CASE,
    ),
    Rule("TELEPON", rf"\+[1-9](?:[ ()-]{{0,2}}[0-9]){{8,13}}{_TO}"),
)
_PHONE_FILLERS = "no nomor nomer saya sy kami di ke rumah aktif dan wa hp kantor"
_TELEPHONE = r"tele?p(?:h?on)?e?|tlpn?|tlfn?|phone"
PHONE_AFTER_CUE = (
    _after(
        "TELEPON",
        rf"hp|hape|handphone|wa|whats?app|{_TELEPHONE}|ponsel|kontak|cp|hub|hubungi|call|sms|wa\.me/",
        _PHONE_FILLERS,
        rf"(?:\+?62|0|8(?=[ .-]?[1-9]))(?:[ .-]{{0,3}}[0-9]){{8,12}}{_TO}",
    ),
    # A number of one's own town; call centres ("500-501", "1500123") and sums are none.
    _after(
        "TELEPON",
        _TELEPHONE,
        _PHONE_FILLERS,
        rf"(?!500|[0-9]+000{_TO})(?:[2-9][0-9]{{4,7}}|[2-9][0-9]{{2,3}}[ -][0-9]{{4}}){_TO}",
    ),
)

# Area letters of Indonesian number plates (Perpol 7/2021). Without a cue they are read in capitals only, and the last
# letters must be no unit of measure.
_SECOND_LETTER = "(?:(?<=A)[ABDEG]|(?<=B)[ABDEGHKLMNP]|(?<=D)[ABCDEGHKLMNPRSTW]|(?<=E)[ABD]|(?<=K)[BHTU]|(?<=P)[ABSG])"
_FIRST_LETTER = "[ABDEFGHKLMNPRSTWZ]"
_NOT_UNIT = r"(?!(?:KG|KM|CM|MM|GR|RT|RW|RB|JT|KV|KVA|KWH|TON|WIB|PCS|KK)\b)"
PLATE = (
    Rule(
        "PLAT",
        rf"{_FIRST_LETTER}(?<![A-Za-z0-9].)(?:{_SECOND_LETTER}?[ .-]?[0-9]{{3,4}}[ .-]?{_NOT_UNIT}[A-Z]{{1,3}}"
        rf"|{_SECOND_LETTER} [0-9]{{1,2}} {_NOT_UNIT}[A-Z]{{2,3}})(?![A-Za-z0-9])",
        unless_after=_HOUSE,
    ),
)
_AREA = f"{_FIRST_LETTER}{_SECOND_LETTER}?".lower()
_NOT_WORD = (
    r"(?!(?:kg|km|gr|rt|rw|rb|jt|ton|kk|di|ke|yg|dr|dan|ini|itu|ada|lg|dg|dgn|sdh|tdk|utk|pd|saya|ber)(?![a-z]))"
)
PLATE_AFTER_CUE = (
    _after(
        "PLAT",
        r"(?:ber)?plat(?: no)?|no[. ]{0,2}plat|(?:ber)?nopol|no[. ]{0,2}pol(?:isi)?|nomor polisi|tnkb",
        "no nomor mobil motor truk polisi kendaraan saya merah hitam putih kuning",
        rf"{_AREA}[ .-]?[0-9]{{1,4}}(?:[ .-]?{_NOT_WORD}[a-z]{{1,3}}(?![a-z]))?(?![0-9])",
    ),
    _after(
        "PLAT",
        "(?:sepeda )?motor|mobil|truc?k|bus|angkot|pick ?up|kendaraan",
        "dengan dgn no nomor bernomor",
        rf"{_AREA}[ .-]?[0-9]{{3,4}}[ .-]?{_NOT_WORD}[a-z]{{2,3}}(?![a-z0-9])",
    ),
)

MAIL = Scanner(EMAIL)
NUMBERS_AFTER_CUE = Scanner(
    (NPWP_AFTER_CUE, NIK_AFTER_CUE, NIP_AFTER_CUE, *ACCOUNT_AFTER_CUE),
    opening="(?<![a-z])(?=[a-z])",
)
IDENTITIES = Scanner((*NIP, *NIK, *NPWP), opening=rf"{_FROM}(?=[0-9])")
PHONES_AFTER_CUE = Scanner(PHONE_AFTER_CUE, opening="(?<![a-z])(?=[chkpstw])")
PHONES = Scanner((*MOBILE, *LANDLINE), opening=rf"{_FROM}(?=[0-9(+o])")
PLATES = Scanner(PLATE, reads_capitals=True)
PLATES_AFTER_CUE = Scanner(PLATE_AFTER_CUE, opening="(?<![a-z])(?=[abkmnpst])")
ACCOUNTS_AFTER_NAME = Scanner((ACCOUNT_AFTER_NAME,), opening="(?<![a-z])(?=[nr])")

"""Masks personal names that a cue announces: "nama saya …", "a.n. …", "Pak …", "hormat saya, …".

Owns where a name begins and ends. Knows no person: a name without a cue stays. The mask covers the name, never the
cue, since "Bapak" and "atas nama" tell what a report is about.
"""

import re

from model.masking_rules import lower_each
from model.name_words import ADDRESSES, GIVEN_NAMES, ORDINARY

_MASK = "[NAMA]"
# In small letters only an ordinary word ends a name, so it must be short.
_MAX_SMALL_WORDS = 3

_OWNERS = (
    "saya|sy|sya|aku|ku|lengkap|pelapor|pemohon|pengadu|pengirim|pemilik|pelanggan|penerima|pasien|siswa|siswi|anak|"
    "istri|suami|ayah|ibu|bapak|orang tua|ortu|wali|kandung|kepala keluarga|kk|ketua rt|ketua rw|ketua|terlapor|warga"
)
_FIELD = (
    rf"nama(?: (?:{_OWNERS})){{0,3}} ?[:=]|pelapor(?<=(?<![a-z] )pelapor) ?[:=]|pemohon(?<=(?<![a-z] )pemohon) ?[:=]"
)
_SIGNED = "hormat saya|hormat kami|ttd|tertanda"
_STRONG = (
    r"nama(?: lengkap)? (?:saya|sy|sya|aku|ku)|atas nama|a ?[./] ?n|bernama|perkenalkan(?: nama)?,? (?:saya|sy)|"
    r"contact person|kontak person|narahubung|cp"
)
_WEAK = frozenset("bapak bpk pak ibu bu sdri sdr saudari saudara mas mbak uda uni bang abang".split())
# Written short, these take a full stop that ends no sentence.
_ABBREVIATED = frozenset({"bpk", "sdr", "sdri"})
# "atas nama", or a suffix that lost its word: "2 jam an", "100.000 an", "mobil2-an".
_SHORT = "an"
_GAP = r"\.?[ \t]{0,3}(?:[:=,][ \t]{0,3})?"
# Alternatives begin with a letter and not with a group: the engine then tells at one look that none fits.
_CUE = re.compile(
    rf"(?<![\w'’`])(?:({_FIELD}|(?:{_SIGNED})(?!\w))[\s.:=,]{{0,12}}"
    rf"|({_STRONG}|{'|'.join(sorted(_WEAK))}|{_SHORT}(?<![0-9-]an)(?<![0-9] an))(?!\w){_GAP})"
    rf"(?:(?:{'|'.join(sorted(ADDRESSES, reverse=True))})(?!\w){_GAP}){{0,4}}"
    r"(?=[^\W\d_]|\[nama\])"
)
# A capital after a small letter begins another word, since exports lose line breaks ("SantosoAlamat").
_LETTERS = r"[^\W\d_](?:[^\W\d_A-Z]|(?<![a-z])[A-Z])*"
_INITIAL = r"(?=[^\W\d_]{1,4}\.)(?:[^\W\d_]|(?i:moch|moh|muh|abd|st|drs|dra|dr|ir|hj|prof))\."
# An initial alone ("H."), or a word with its initials glued to it ("M.Yusuf").
_WORD = re.compile(rf"[ \t]{{0,3}}({_INITIAL}(?!\w)|(?:{_INITIAL}){{0,2}}{_LETTERS}(?:['’`-]{_LETTERS})*(?![\d_]))")
_LINE_END = re.compile(r"[ \t.]{0,3}(?:\Z|[\n,(\[/])")
_STREET = re.compile(r"(?<!\w)(?:jalan|jln|jl|gang|gg|simpang)[. ]{0,2}(?:k?h[. ]{1,2})?\Z")
_STREET_CHARS = 14
_PLAIN = ORDINARY | ADDRESSES | {"a.n"}
_PART = re.compile(r"[^\W\d_]+")
_NOT_NAME = re.compile(
    r"(?:me[mn]|ber|ter|pe[mn]|di[bcdfghjklmnpqrstwy]|ke[bcdghjklmnpst])[a-z]{4,}|[a-z]{3,}(?:nya|kan|(?<![il])lah|kah)|r[tw]nya"
    r"|ka(?:dis|din)\w+|[^aiueoy]+|([a-z]{2,})-\1\w*|[a-z]*([a-z])\2\2[a-z]*|[ivx]{2,}"
)


def mask_names(text: str, counts: dict[str, int]) -> str:
    """``text`` with names after cues as ``[NAMA]``; ``counts`` grows by how many were masked anew.

    After a strong cue ("nama saya", "atas nama", "a.n.") a name may be in small letters and ends at an ordinary
    word. After a weak one ("Pak", "Bu", "Sdr") it needs capital letters; where these tell nothing, since the cue is in
    capitals or the word in small letters, only a common given name is taken for a name.
    """
    kept: list[str] = []
    position = n_names = 0
    for cue in _CUE.finditer(lower_each(text)):
        start = cue.end()
        if start < position:
            continue
        end = _find_end(text, cue)
        if start < end and not _names_a_street(cue):
            kept += (text[position:start], _MASK)
            position = end
            n_names += not text.startswith(_MASK, start)
    if not kept:
        return text
    if n_names:
        counts["NAMA"] = counts.get("NAMA", 0) + n_names
    return "".join([*kept, text[position:]])


def _find_end(text: str, cue: re.Match[str]) -> int:
    """Where the name right after a cue ends; the end of the cue when there is none."""
    start, words = cue.end(), cue[1] or cue[2]
    is_weak, is_shouted = words in _WEAK, text[cue.start() : cue.start() + len(words)].isupper()
    if is_weak and text[cue.start() + len(words)] == ",":
        # "Terima kasih, Pak, …": what follows is addressed to him.
        return start
    ends_sentence = words not in _ABBREVIATED and text.startswith((". ", ".\n"), cue.start() + len(words))
    if is_weak and (is_shouted or ends_sentence or text[start].islower()):
        return _end_of_given_names(text, start)
    needs_capital = is_weak or (words == _SHORT and not is_shouted)
    is_field = words[-1] in ":="
    end = _end_of_name(text, start, is_shouted=is_shouted, needs_capital=needs_capital, is_field=is_field)
    is_signature = cue[1] is not None and not is_field
    return start if is_signature and not _LINE_END.match(text, end) else end


def _names_a_street(cue: re.Match[str]) -> bool:
    before = max(0, cue.start() - _STREET_CHARS)
    return cue[2] in _WEAK and _STREET.search(cue.string, before, cue.start()) is not None


def _end_of_given_names(text: str, start: int) -> int:
    end = start
    while (word := _WORD.match(text, end)) and word[1].lower() in GIVEN_NAMES:
        end = word.end()
    return end


def _end_of_name(text: str, start: int, *, is_shouted: bool, needs_capital: bool, is_field: bool) -> int:
    """End of the words that read as a name; ``start`` when the first does not.

    A name that begins with a capital goes on with capitals, except in a field ("Nama: Budi santoso").
    """
    end = position = start
    n_small = 0 if needs_capital else _MAX_SMALL_WORDS
    if text.startswith(_MASK, start):
        # What another system masked in part: "[NAMA] Santoso".
        position += len(_MASK)
        n_small = 0
    while (word := _WORD.match(text, position)) and not _is_ordinary(word[1]):
        if word[1][0].isupper() and not (is_shouted and word[1].isupper()):
            n_small = n_small if end > start or is_field else 0
        elif n_small:
            n_small -= 1
        else:
            break
        end = position = word.end()
    return end


def _is_ordinary(word: str) -> bool:
    """Whether a word is part of no name: listed, said twice, without a vowel, or shaped like a verb."""
    form = word.lower()
    if form in GIVEN_NAMES or form[-1] == ".":
        return False
    if form in _PLAIN or _NOT_NAME.fullmatch(form):
        return True
    return not form.isalpha() and not _PLAIN.isdisjoint(_PART.findall(form.rpartition(".")[2]))

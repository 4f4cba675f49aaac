"""Reduces HTML to the text a reader would see, and masks of other systems to ours.

Owns what counts as markup: only names that HTML knows, so that "jarak <5m" and "a < b" stay. Every pattern is
linear: it stops at the next angle bracket or has a bounded length.
"""

import html
import re

from model.tokens import MASK_KINDS

_BLOCKS = frozenset(
    "address article aside blockquote body br caption center dd details dialog div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 head header hr html legend li main nav noscript ol option p pre section select "
    "summary table tbody textarea tfoot thead title tr ul".split()
)
_INLINES = frozenset(
    "a abbr area audio b bdi bdo big button canvas cite code col colgroup del dfn em embed font frame i iframe img "
    "input ins kbd label link map mark meta meter object o:p optgroup param path picture progress q s samp script "
    "small source span strike strong style sub sup svg template time track tt u var video wbr".split()
)
_CELLS = frozenset({"td", "th"})

_TAG = re.compile(r"<(?P<slash>/?)(?P<name>[A-Za-z][A-Za-z0-9_:]{0,15})(?P<rest>(?:[\s/][^<>]*)?)>")
_DECLARATION = re.compile(r"<[!?][A-Za-z\[][^<>]*>")
_UNSEEN = (
    (re.compile(r"<!--"), re.compile(r"-->")),
    (re.compile(r"<script\b[^<>]*>", re.IGNORECASE), re.compile(r"</script\s*>", re.IGNORECASE)),
    (re.compile(r"<style\b[^<>]*>", re.IGNORECASE), re.compile(r"</style\s*>", re.IGNORECASE)),
)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_STACKED_AMPERSAND = re.compile(r"&(?:(?:amp|#38|#[xX]26);)+")

_FOREIGN_MASKS = {kind.lower(): f"[{kind}]" for kind in MASK_KINDS} | {
    "name": "[NAMA]",
    "person": "[NAMA]",
    "hp": "[TELEPON]",
    "no_hp": "[TELEPON]",
    "nomor_telepon": "[TELEPON]",
    "phone": "[TELEPON]",
    "telp": "[TELEPON]",
    "kk": "[NIK]",
    "ktp": "[NIK]",
    "no_rekening": "[REKENING]",
    "account": "[REKENING]",
    "nopol": "[PLAT]",
}


def strip_markup(text: str) -> str:
    """``text`` without comments, scripts, styles and tags; block tags are line breaks, entities are decoded.

    One layer is taken off: an entity that spells a tag is a tag afterwards, and the caller comes again.
    """
    if "<" in text:
        for opening, closing in _UNSEEN:
            text = _drop_between(text, opening, closing)
        text = _DECLARATION.sub("", _TAG.sub(_replace_tag, text))
    if "&" in text:
        text = _ENTITY.sub(lambda match: html.unescape(match.group()), _STACKED_AMPERSAND.sub("&", text))
    return text


def _drop_between(text: str, opening: re.Pattern[str], closing: re.Pattern[str]) -> str:
    """Without what lies between the two; an opening that is never closed stays, and ends the search."""
    kept: list[str] = []
    position = 0
    while (start := opening.search(text, position)) and (end := closing.search(text, start.end())):
        kept.append(text[position : start.start()])
        position = end.end()
    return " ".join([*kept, text[position:]]) if kept else text


def _replace_tag(match: re.Match[str]) -> str:
    name = match["name"].lower()
    if name in _FOREIGN_MASKS and not match["rest"]:
        return _FOREIGN_MASKS[name]
    if _is_words(name, match["rest"]):
        return match.group()
    if name in _CELLS:
        return " "
    if name in _BLOCKS:
        return "\n"
    return "" if name in _INLINES else match.group()


def _is_words(name: str, rest: str) -> bool:
    """Whether a one-letter tag is an abbreviation between brackets ("<b dan c>") and no tag."""
    return len(name) == 1 and "=" not in rest and rest.strip(" \t\n/") != ""

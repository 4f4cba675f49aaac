"""A picture as SVG text that asks for nothing outside itself; equal pictures give equal bytes."""

import hashlib
import re
from typing import Final

import vl_convert

from service.charts import Picture

_IDS: Final = re.compile(r'(?<=id=")[a-z_]+\d+(?=")|(?<=url\(#)[a-z_]+\d+(?=\))')
_TAG: Final = re.compile(r"<[^>]+>")
_ROLE: Final = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')


def draw(picture: Picture, width: int) -> str:
    """The picture as an ``<svg>`` element ``width`` pixels wide, without its title and without roles of its parts.

    The renderer counts the ids of clip paths through all charts of a process; they are renamed after the picture.
    """
    svg: str = vl_convert.vegalite_to_svg(picture.spec(width=width, has_title=False), allowed_base_urls=[])
    svg = _TAG.sub(lambda tag: _ROLE.sub("", tag.group()), svg)
    found = list(dict.fromkeys(_IDS.findall(svg)))
    prefix = hashlib.sha256(_IDS.sub("part", svg).encode()).hexdigest()[:8]
    ids = {old: f"p{prefix}-{place}" for place, old in enumerate(found)}
    return _IDS.sub(lambda match: ids[match.group()], svg)

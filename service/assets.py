"""Files that pages load: each under an address that changes with what it holds, so that browsers may keep it for ever.

They are read once, at the start; what is not in the folder of files is not there.
"""

import gzip
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from mimetypes import guess_type
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

PREFIX: Final = "/static/"
_FOLDER: Final = Path(__file__).with_name("static")
_TYPES: Final = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "no-cache"
# Below this a packed file saves no packet.
_MIN_PACKED_BYTES: Final = 1_000


@dataclass(frozen=True)
class Asset:
    """A file; ``version`` is the start of the digest of its content."""

    media_type: str
    content: bytes
    version: str

    @cached_property
    def packed(self) -> bytes:
        """The content for browsers that unpack."""
        return gzip.compress(self.content, mtime=0)


class Assets:
    """The files of a folder, as an application that serves them."""

    def __init__(self, folder: Path) -> None:
        self._files = {path.name: _read(path) for path in sorted(folder.iterdir()) if path.is_file()}

    def address_of(self, name: str) -> str:
        """Where a page finds the file ``name`` as it is now."""
        return f"{PREFIX}{name}?v={self._files[name].version}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for a file."""
        request = Request(scope, receive)
        if request.method not in {"GET", "HEAD"}:
            raise HTTPException(405)
        await self._answer(request)(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        asset = self._files.get(request.url.path.removeprefix(PREFIX))
        if asset is None:
            raise HTTPException(404)
        headers = {
            "Cache-Control": _FOR_EVER if request.query_params.get("v") == asset.version else _ASK_AGAIN,
            "ETag": f'"{asset.version}"',
            "Vary": "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
            "Content-Type": asset.media_type,
        }
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", "") and len(asset.content) >= _MIN_PACKED_BYTES:
            return Response(asset.packed, headers={**headers, "Content-Encoding": "gzip"})
        return Response(asset.content, headers=headers)


@cache
def open_assets() -> Assets:
    """The files of this service."""
    return Assets(_FOLDER)


def _read(path: Path) -> Asset:
    content = path.read_bytes()
    media_type = _TYPES.get(path.suffix) or guess_type(path.name)[0] or "application/octet-stream"
    return Asset(media_type, content, sha256(content).hexdigest()[:16])

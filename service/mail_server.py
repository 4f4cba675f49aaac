"""The mail server an operator sets, read from one address."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

_PORTS: Final = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in; ``is_tls`` speaks TLS from the start, else STARTTLS when the server offers it."""

    host: str
    port: int
    is_tls: bool
    user: str | None = None
    password: str = field(default="", repr=False)


def read_server(address: str) -> MailServer:
    """A server from ``smtp://user:password@host:port`` or ``smtps://…``.

    Raises
    ------
    ValueError
        It is no such address.
    """
    parts = urlsplit(address)
    if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("is no mail server; write smtp://user:password@host:587 or smtps://user:password@host:465")
    user = unquote(parts.username) if parts.username else None
    port = parts.port or _PORTS[parts.scheme]
    return MailServer(parts.hostname, port, parts.scheme == "smtps", user, unquote(parts.password or ""))

"""Runs the service on a socket until it is told to stop, then answers what it took on and closes the store."""

import ctypes
import gc
import socket
import sys
from collections.abc import Callable
from contextlib import suppress

import uvicorn

from service.app import create_app
from service.errors import SettingsError
from service.settings import Settings

STOP_TIMEOUT_S = 20
_BACKLOG = 2048
# Of `malloc.h` of glibc.
_M_ARENA_MAX = -8
_N_ARENAS = 2

Announce = Callable[[str], None]


def serve(settings: Settings, announce: Announce, *, show_key: Announce | None = None) -> None:
    """Serve until SIGINT or SIGTERM.

    Parameters
    ----------
    announce
        Gets the address of the service when it is ready.
    show_key
        Gets the first admin key when one is made; without it the key goes to a file in the home.

    Raises
    ------
    SettingsError
        Host and port cannot be listened on.
    PilahError
        The bundle or the store cannot be opened.
    """
    _keep_heap_together()
    listening = _listen(settings)
    app = create_app(settings, show_key=show_key)
    config = uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        log_level="critical",  # `service.request_log` and the errors raised here say all there is to say
        server_header=False,
        backlog=_BACKLOG,
        timeout_graceful_shutdown=STOP_TIMEOUT_S,
    )
    server = _AnnouncingServer(config, lambda: announce(_address_of(listening)))
    with listening, suppress(SystemExit):
        server.run([listening])
    start_error: Exception | None = getattr(app.state, "start_error", None)
    if start_error is not None:
        raise start_error


class _AnnouncingServer(uvicorn.Server):
    """A server that says when it is ready."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then announce."""
        await super().startup(sockets)
        if self.started:
            # What is there now stays: searched for garbage again and again, it would hold requests up for 0.1 s each.
            gc.collect()
            gc.freeze()
            self._announce()


def _keep_heap_together() -> None:
    """Let threads share two heaps where each would get its own, with holes that nobody else fills.

    Where the C library is another one, nothing happens.
    """
    if sys.platform == "linux":
        with suppress(AttributeError):
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _N_ARENAS)


def _listen(settings: Settings) -> socket.socket:
    """A bound socket; taken before the start, so that a port in use is said at once."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return _bind(socket.socket(family, kind, protocol), address)
    except OSError as error:
        raise SettingsError(
            f"{settings.host}:{settings.port} cannot be listened on: {error.strerror}. Set PILAH_HOST or PILAH_PORT."
        ) from error


def _bind(listening: socket.socket, address: tuple[object, ...]) -> socket.socket:
    try:
        if sys.platform != "win32":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError:
        listening.close()
        raise
    return listening


def _address_of(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

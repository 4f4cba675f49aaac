"""``pilah serve``: the service on a socket."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from model.registry import Registry
from pilah import demo

if TYPE_CHECKING:
    from service.settings import Settings


def serve(
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on (PILAH_HOST; 127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option("--port", help="Port to listen on, 0 for any (PILAH_PORT; 8000).")] = None,
    home: Annotated[
        Path | None, typer.Option("--home", help="Folder of bundles, store, keys and logs (PILAH_HOME; home).")
    ] = None,
    bundle: Annotated[
        Path | None, typer.Option("--bundle", help="Bundle folder (PILAH_BUNDLE; the champion of the home).")
    ] = None,
    train_if_missing: Annotated[
        bool, typer.Option("--train-if-missing", help="Train on the shipped reports when no bundle is in force.")
    ] = False,
    with_demo: Annotated[
        bool, typer.Option("--demo", help="Serve demo data, made when there are none, unless the home is in use.")
    ] = False,
) -> None:
    """Serve the interface and the page until stopped; all settings are in docs/settings.md."""
    from service.demonstration import SILENCE
    from service.settings import read_settings

    settings = read_settings().changed(host=host, port=port, home=home, bundle=bundle)
    if train_if_missing and settings.bundle is None:
        _train_if_missing(settings.home)
    prepared = demo.open_demo(settings) if with_demo else None
    if prepared is None:
        _serve(settings, lambda: None)
        return
    demo.keep_logins(prepared)
    typer.echo(SILENCE)
    with demo.making(settings) as begin:
        _serve(prepared.settings, (lambda: None) if prepared.has_history else begin)


def _serve(settings: "Settings", when_ready: Callable[[], None]) -> None:
    from service.demo.places import LOGINS_FILE
    from service.home import FIRST_KEY_FILE
    from service.serving import serve as serve_until_stopped

    def announce(address: str) -> None:
        typer.echo(f"Pilah is ready: {address}")
        if (settings.home / FIRST_KEY_FILE).exists():
            typer.echo(f"The first admin key is in {settings.home / FIRST_KEY_FILE}.")
        if (settings.home / LOGINS_FILE).exists():
            typer.echo(f"The logins of the demo are in {settings.home / LOGINS_FILE}.")
        when_ready()

    serve_until_stopped(settings, announce, show_key=_show_key if sys.stdout.isatty() else None)


def _train_if_missing(home: Path) -> None:
    """Train in another process: this one stays small, it imports no pandas."""
    if Registry(home / "bundles").champion_id() is not None:
        return
    typer.echo("No bundle is in force; training one on the shipped reports.")
    command = [sys.executable, "-m", "pilah", "train", "--promote", "--home", str(home)]
    trained = subprocess.run(command, check=False)  # noqa: S603  # this very program
    if trained.returncode:
        raise typer.Exit(trained.returncode)


def _show_key(token: str) -> None:
    typer.echo(f"First admin key, shown this once: {token}")

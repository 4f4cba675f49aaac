"""Options that several commands share, and how they turn into what `training` takes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from model.registry import Registry

if TYPE_CHECKING:
    import pandas as pd

    from training.config import TrainingConfig
    from training.reading import RowSet

FINDINGS = 1
# Western Indonesian Time has no daylight saving.
WIB = timezone(timedelta(hours=7))

Home = Annotated[
    Path,
    typer.Option("--home", envvar="PILAH_HOME", help="Folder of bundles, store, keys and logs.", show_default=True),
]
Bundle = Annotated[
    Path | None,
    typer.Option("--bundle", envvar="PILAH_BUNDLE", help="Bundle folder; without it the champion of the home."),
]
Mapped = Annotated[
    list[str] | None,
    typer.Option("--map", help='Our column and the file\'s, such as --map agency="Instansi Terdisposisi".'),
]
Config = Annotated[Path | None, typer.Option("--config", help="Training settings, a TOML file (docs/training.md).")]
OpenLabels = Annotated[
    bool, typer.Option("--open-labels", help="Take the labels as they are instead of asking for slugs of the taxonomy.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program instead of lines for a person.")]
Force = Annotated[
    bool, typer.Option("--force", help="Put in force what no comparison allows; needs --reason, the ledger keeps both.")
]
Scheduler = Annotated[
    str,
    typer.Option("--scheduler", help="Work on the dask cluster of this scheduler, such as tcp://10.0.0.2:8786."),
]
ServiceHome = Annotated[
    Path | None, typer.Option("--home", help="Folder of bundles, store, keys and logs (PILAH_HOME; home).")
]
DatabaseUrl = Annotated[
    str | None, typer.Option("--database-url", help="The store (PILAH_DATABASE_URL; SQLite in the home).")
]

DEFAULT_HOME = Path("home")


def find_bundle(bundle: Path | None, home: Path) -> Path:
    """The bundle named, or the champion of the home."""
    return bundle if bundle is not None else Registry(home / "bundles").champion_path()


def parse_mapping(pairs: Sequence[str] | None) -> Mapping[str, str]:
    """``["agency=Instansi"]`` as ``{"agency": "Instansi"}``.

    Raises
    ------
    typer.BadParameter
        A pair has no equals sign.
    """
    mapping = {}
    for pair in pairs or ():
        ours, equals, theirs = pair.partition("=")
        if not (ours and equals and theirs):
            raise typer.BadParameter(f"{pair!r} is no mapping; write our column, '=', their column.")
        mapping[ours.strip()] = theirs.strip()
    return mapping


def choose_tell(*, is_quiet: bool) -> Callable[[str], None]:
    """Where stages of long work are said: standard error, a line each; nowhere when a program reads."""
    return (lambda _: None) if is_quiet else (lambda stage: typer.echo(f"• {stage}", err=True))


def parse_moment(written: str) -> datetime | None:
    """An instant, or the start of a day in western Indonesia; None for nothing.

    Raises
    ------
    typer.BadParameter
        It is neither.
    """
    if not written:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise typer.BadParameter(f"{written!r} is no day or instant; write 2026-01-31 or 2026-01-31T08:00Z.") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=WIB)).astimezone(UTC)


def count_rejected(rows: "RowSet") -> int:
    """Rows that cannot be used; the rejects themselves have a line for each cell that is wrong."""
    return int(rows.rejects["row"].nunique())


def read_labelled(path: Path, columns: Mapping[str, str]) -> "tuple[pd.DataFrame, int]":
    """The rows of a file that can be used, and how many cannot, which is said on standard error too."""
    from training.reading import read_rows

    rows = read_rows(path, columns)
    n_rejected = count_rejected(rows)
    if n_rejected:
        typer.echo(
            f"pilah: {n_rejected:,} of {rows.source.n_rows:,} rows of {path} cannot be used and are left out; "
            "pilah check FILE --rejects REJECTS.csv lists them with the reason.",
            err=True,
        )
    return rows.frame, n_rejected


def read_settings(
    config: Path | None, *, open_labels: bool, heads: Sequence[str] = (), mapping: Mapping[str, str]
) -> "TrainingConfig":
    """Training settings from the file, overruled by what the command line says."""
    from training.config import TrainingConfig, read_config

    settings = read_config(config) if config else TrainingConfig()
    return replace(
        settings,
        open_labels=open_labels or settings.open_labels,
        heads=tuple(heads) or settings.heads,
        columns={**settings.columns, **mapping},
    )

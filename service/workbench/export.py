"""Reads what ``pilah export --cases`` wrote, and finds the cases that are shipped."""

import io
import json
import zipfile
from datetime import datetime
from pathlib import Path

import pandas as pd

from model.shipped import datasets_folder
from service.cases.exporting import ABOUT, FORMAT, MEMBERS
from service.errors import StoreError
from service.workbench.city import City, open_city
from service.workbench.frames import read_frame


def shipped_cases() -> Path:
    """The cases of the demo city, all made up."""
    return datasets_folder() / "demo" / "cases.zip"


def read_cases(path: Path | str) -> City:
    """Open an export of cases.

    Raises
    ------
    StoreError
        The file is no such export, of another format, or holds no case.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            about = json.loads(archive.read(ABOUT))
            if about.get("format") != FORMAT:
                raise StoreError(f"{path} has format {about.get('format')}; this Pilah reads {FORMAT}. Export it anew.")
            frames = {name: read_frame(name, _read_member(archive, name)) for name in MEMBERS}
    except FileNotFoundError as error:
        raise StoreError(f"{path} is not there; write it with pilah export --cases --output {path}.") from error
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise StoreError(
            f"{path} is no export of cases ({error}); write one with pilah export --cases --output cases.zip."
        ) from error
    return open_city(made_at=datetime.fromisoformat(about["made_at"]), rules=about, **frames)


def _read_member(archive: zipfile.ZipFile, name: str) -> pd.DataFrame:
    written = io.BytesIO(archive.read(f"{name}.csv"))
    return pd.read_csv(written, dtype=str, keep_default_na=False, na_filter=False)

"""Looks an installation over, from home to taxonomy, and says what to do about what it finds. Changes nothing."""

import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, func, select
from sqlalchemy.engine import make_url

from model.classifier import Classifier, load_classifier
from model.errors import DatasetError, PilahError
from model.taxonomy import Taxonomy, read_taxonomy
from service.champion import find_bundle
from service.chores import DERIVATIONS
from service.engine import open_engine, snapshot
from service.errors import StoreError
from service.home import FIRST_KEY_FILE, SECRET_FILE, read_secret
from service.keys import read_valid
from service.migrating import REVISION, read_revision
from service.settings import PREFIX, Settings
from service.tables import feedback
from service.upkeep.findings import Finding
from service.upkeep.record_looks import look_at_record

LITTLE_DISK_BYTES = 1 << 30
NO_DISK_BYTES = 100 << 20
_N_LISTED = 5


def examine(settings: Settings, taxonomy_folder: Path, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Findings about an installation, one look after the other.

    Parameters
    ----------
    taxonomy_folder
        The taxonomy in force.
    environment
        The variables the settings were read from.
    """
    yield _look_at_variables(environment)
    yield _look_at_home(settings.home)
    yield _look_at_disk(settings.home)
    yield _look_at_secret(settings.home / SECRET_FILE)
    yield from _look_at_store(settings)
    yield _look_at_mail(settings)
    classifier, finding = _look_at_bundle(settings)
    yield finding
    yield _look_at_taxonomy(taxonomy_folder, classifier)


def _look_at_variables(environment: Mapping[str, str]) -> Finding:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    unknown = sorted(name for name in environment if name.upper().startswith(PREFIX) and name.upper() not in known)
    if unknown:
        return Finding(
            "settings", "warning", f"no such setting: {', '.join(unknown)}", "Mend the name; see docs/settings.md."
        )
    return Finding("settings", "ok", "every variable is known and has a value that can be used")


def _look_at_home(home: Path) -> Finding:
    if not home.is_dir():
        return Finding("home", "warning", f"{home.absolute()} is not there yet", "pilah serve makes it.")
    if not os.access(home, os.W_OK | os.X_OK):
        return Finding(
            "home", "problem", f"{home.absolute()} cannot be written", "Give it to the user that runs pilah serve."
        )
    return Finding("home", "ok", f"{home.absolute()} can be written")


def _look_at_disk(home: Path) -> Finding:
    free = shutil.disk_usage(next(path for path in (home, *home.absolute().parents) if path.is_dir())).free
    found = f"{free / (1 << 30):.1f} GiB free"
    if free < NO_DISK_BYTES:
        return Finding("disk", "problem", found, "Make room now: a full disk refuses every report.")
    if free < LITTLE_DISK_BYTES:
        return Finding("disk", "warning", found, "Make room, or move the home to a larger disk.")
    return Finding("disk", "ok", found)


def _look_at_secret(path: Path) -> Finding:
    if not path.exists():
        return Finding("secret", "warning", f"{path} is not there yet", "pilah serve makes it; keep it in the backup.")
    try:
        read_secret(path)
    except StoreError as error:
        return Finding("secret", "problem", str(error), "Without it, reports sent twice are stored twice.")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        return Finding("secret", "problem", f"{path} can be read by others", f"Run: chmod 600 {path}")
    return Finding("secret", "ok", "only its owner can read it")


def _look_at_store(settings: Settings) -> Iterator[Finding]:
    url = make_url(settings.store_url)
    where = url.render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        yield Finding("store", "warning", f"{where} is not there yet", "pilah serve makes it.")
        return
    engine = open_engine(settings.store_url)
    try:
        yield from _look_into_store(engine, where, settings.home)
    except PilahError as error:
        yield Finding("store", "problem", f"{where}: {error}", "Start the database, or mend PILAH_DATABASE_URL.")
    finally:
        engine.dispose()


def _look_into_store(engine: Engine, where: str, home: Path) -> Iterator[Finding]:
    revision = read_revision(engine)
    if revision != REVISION:
        found = f"{where} is at revision {revision or 'none'}, this Pilah needs {REVISION}"
        is_newer = revision is not None and revision > REVISION
        advice = "Update Pilah." if is_newer else "Back the store up; pilah serve brings it up to date."
        yield Finding("store", "problem" if is_newer else "warning", found, advice)
        return
    with snapshot(engine) as connection:
        n_reports = connection.execute(select(func.count()).select_from(feedback)).scalar_one()
        n_keys = len(read_valid(connection))
        names = [derivation.name for derivation in DERIVATIONS]
        record = list(look_at_record(connection, names, datetime.now(UTC)))
    yield Finding("store", "ok", f"{where}, revision {revision}, {n_reports:,} reports")
    yield _judge_keys(n_keys, home / FIRST_KEY_FILE)
    yield from record


def _judge_keys(n_keys: int, first_key: Path) -> Finding:
    if n_keys == 0:
        return Finding("keys", "warning", "no valid key", "pilah serve makes the first one when the store has none.")
    if first_key.exists():
        return Finding(
            "keys", "warning", f"{n_keys} valid; {first_key} still holds the first one", "Keep it elsewhere, delete it."
        )
    return Finding("keys", "ok", f"{n_keys} valid")


def _look_at_mail(settings: Settings) -> Finding:
    has_server, n_recipients = settings.mail_server is not None, len(settings.emergency_recipients)
    if has_server and n_recipients:
        return Finding("mail", "ok", f"emergencies go to {n_recipients} of PILAH_EMERGENCY_MAIL")
    if has_server or n_recipients or settings.escalation_mail:
        found = "a mail server without recipients" if has_server else "recipients without a mail server"
        return Finding("mail", "warning", found, "Set PILAH_SMTP_URL and PILAH_EMERGENCY_MAIL together.")
    return Finding("mail", "ok", "none is set; note: emergencies are told by webhooks and /v1/emergencies only")


def _look_at_bundle(settings: Settings) -> tuple[Classifier | None, Finding]:
    try:
        folder = find_bundle(settings)
        classifier = load_classifier(folder)
    except PilahError as error:
        return None, Finding("bundle", "problem", str(error), "Run: pilah train --promote")
    heads = ", ".join(f"{head.name} ({len(head.labels)})" for head in classifier.heads)
    return classifier, Finding("bundle", "ok", f"{classifier.bundle_id} in {folder}, every file verified; {heads}")


def _look_at_taxonomy(folder: Path, classifier: Classifier | None) -> Finding:
    try:
        taxonomy = read_taxonomy(folder)
    except DatasetError as error:
        return Finding("taxonomy", "problem", str(error), "Mend the files it names.")
    if classifier is not None and not _is_trained_for(classifier, taxonomy):
        return Finding(
            "taxonomy", "warning", f"the bundle was trained for another one than {taxonomy.version}", "Train again."
        )
    unverified = taxonomy.unverified()
    if unverified:
        listed = ", ".join(unverified[:_N_LISTED]) + (", …" if len(unverified) > _N_LISTED else "")
        return Finding(
            "taxonomy",
            "ok",
            f"version {taxonomy.version}; note: {len(unverified)} units are not confirmed by the city ({listed})",
        )
    return Finding("taxonomy", "ok", f"version {taxonomy.version}, every unit confirmed")


def _is_trained_for(classifier: Classifier, taxonomy: Taxonomy) -> bool:
    trained_for = classifier.manifest.get("taxonomy")
    return not isinstance(trained_for, dict) or trained_for["digest"] == taxonomy.digest

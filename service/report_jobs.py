"""Monthly reports somebody asked for: each is written by a process of its own, and its folder says how far it is.

The folder is ``reports/`` in the home, so that every process on this machine answers for a job, also after a restart.
"""

import asyncio
import json
import os
import secrets
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final, Literal

from service.settings import Settings

Form = Literal["pdf", "xlsx", "html"]
State = Literal["waiting", "running", "done", "failed"]

FOLDER: Final = "reports"
MEDIA_TYPES: Final[Mapping[Form, str]] = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html; charset=utf-8",
}
MAX_WAITING: Final = 8
# When one of them is likely done.
RETRY_AFTER_S: Final = 10
# A job that has said nothing for so long has lost its process.
SILENT_S: Final = 900.0
KEPT_DAYS: Final = 30
_JOB_FILE: Final = "job.json"


@dataclass(frozen=True, slots=True)
class Order:
    """Which report somebody wants: a month (``2026-10``), its form and language; one agency's where not None."""

    month: str
    form: Form = "pdf"
    language: Literal["id", "en"] = "id"
    is_public: bool = False
    agency: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """An order, who gave it, and how far it is; ``stage`` is what the process said last."""

    id: str
    order: Order
    actor: str
    state: State
    stage: str
    changed_at: datetime

    @property
    def file_name(self) -> str:
        """What the file is called when it is fetched."""
        return name_file(self.order)


def name_file(order: Order) -> str:
    """``pilah-2026-10-umum-id.pdf``."""
    parts = ["pilah", order.month, *(["umum"] if order.is_public else []), *([order.agency] if order.agency else [])]
    return f"{'-'.join([*parts, order.language])}.{order.form}"


@dataclass(slots=True)
class ReportJobs:
    """Starts the processes of jobs, one after the other, and keeps their tasks."""

    _tasks: dict[str, "asyncio.Task[None]"] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def start(self, settings: Settings, order: Order, actor: str) -> Job:
        """Begin a job; the same order by the same actor, while it is being written, is the same job.

        Raises
        ------
        TooManyReportsError
            Too many wait already.
        """
        for job_id in self._tasks:
            known = read_job(settings.home, job_id)
            if known is not None and (known.order, known.actor) == (order, actor):
                return known
        if len(self._tasks) >= MAX_WAITING:
            raise TooManyReportsError
        forget_old(settings.home, datetime.now(UTC))
        job = Job(secrets.token_hex(12), order, actor, "waiting", "", datetime.now(UTC))
        _keep(settings.home, job)
        task = asyncio.create_task(self._run(settings, job))
        self._tasks[job.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(job.id, None))
        return job

    async def stop(self) -> None:
        """End the processes that run."""
        running = list(self._tasks.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _run(self, settings: Settings, job: Job) -> None:
        async with self._turn:
            tell = partial(_keep_stage, settings.home, job)
            try:
                await write_report(settings, job.order, file_of(settings.home, job), tell)
                _keep(settings.home, _change(job, "done"))
            except ReportFailedError as error:
                _keep(settings.home, _change(job, "failed", str(error)))
            except asyncio.CancelledError:
                _keep(settings.home, _change(job, "failed", "the service stopped"))
                raise


class TooManyReportsError(Exception):
    """As many reports as may wait are being written."""


class ReportFailedError(Exception):
    """The process that writes a report ended with an error; its last line says which."""


async def write_report(settings: Settings, order: Order, path: Path, tell: Callable[[str], None]) -> None:
    """Let a process of its own write a report to ``path``; ``tell`` hears each stage it names.

    Raises
    ------
    ReportFailedError
        It could not.
    """
    process = await asyncio.create_subprocess_exec(
        *_spell(order, path),
        env=_environment(settings),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    last = ""
    try:
        if process.stderr is not None:
            async for line in process.stderr:
                last = line.decode(errors="replace").strip()[:300]
                tell(last.removeprefix("• "))
        code = await process.wait()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if code != 0:
        raise ReportFailedError(last or f"exit code {code}")


def read_job(home: Path, job_id: str) -> Job | None:
    """The job of an id, None where there is none."""
    path = home / FOLDER / job_id / _JOB_FILE
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    changed_at = datetime.fromisoformat(read["changed_at"])
    job = Job(read["id"], Order(**read["order"]), read["actor"], read["state"], read["stage"], changed_at)
    silent_s = (datetime.now(UTC) - changed_at).total_seconds()
    if job.state in {"waiting", "running"} and silent_s > SILENT_S:
        return replace(job, state="failed", stage="its process is gone")
    return job


def file_of(home: Path, job: Job) -> Path:
    """Where the report of a job lies when it is done."""
    return home / FOLDER / job.id / job.file_name


def forget_old(home: Path, now: datetime) -> int:
    """Delete jobs older than `KEPT_DAYS`; how many."""
    n_deleted = 0
    for path in (home / FOLDER).glob(f"*/{_JOB_FILE}"):
        if datetime.fromtimestamp(path.stat().st_mtime, UTC) < now - timedelta(days=KEPT_DAYS):
            shutil.rmtree(path.parent, ignore_errors=True)
            n_deleted += 1
    return n_deleted


def monthly_file(home: Path, order: Order) -> Path:
    """Where the report that is written by itself after a month lies."""
    return home / FOLDER / "monthly" / name_file(order)


def claim_month(home: Path, order: Order) -> bool:
    """Whether this process is to write a month's report: it is not there, and nobody began it."""
    path = monthly_file(home, order)
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    mark = path.with_suffix(f"{path.suffix}.started")
    if mark.exists() and (datetime.now(UTC).timestamp() - mark.stat().st_mtime) > SILENT_S:
        mark.unlink(missing_ok=True)
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def month_before(day: date) -> str:
    """The month before a day, such as ``2026-10``."""
    return (day.replace(day=1) - timedelta(days=1)).strftime("%Y-%m")


def _keep_stage(home: Path, job: Job, stage: str) -> None:
    _keep(home, _change(job, "running", stage))


def _change(job: Job, state: State, stage: str = "") -> Job:
    return replace(job, state=state, stage=stage, changed_at=datetime.now(UTC))


def _keep(home: Path, job: Job) -> None:
    path = home / FOLDER / job.id / _JOB_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    written = json.dumps({**asdict(job), "changed_at": job.changed_at.isoformat()}, ensure_ascii=False)
    fresh = path.with_suffix(".new")
    fresh.write_text(written, encoding="utf-8")
    fresh.replace(path)


def _spell(order: Order, path: Path) -> list[str]:
    more = [*(["--public"] if order.is_public else []), *(["--agency", order.agency] if order.agency else [])]
    told = ["--month", order.month, "--format", order.form, "--lang", order.language, "--out", str(path)]
    return [sys.executable, "-m", "pilah", "report", *told, *more]


def _environment(settings: Settings) -> dict[str, str]:
    """Ours, with the settings that say which store; an address of a store may hold a password, so it is no argument."""
    return {**os.environ, "PILAH_HOME": str(settings.home), "PILAH_DATABASE_URL": settings.store_url}

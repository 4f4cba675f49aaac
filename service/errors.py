"""What can go wrong while serving, beside the errors of `model`."""

from model.errors import PilahError


class SettingsError(PilahError):
    """A setting has a value that cannot be used."""


class StoreError(PilahError):
    """The store cannot be used as it is: wrong place, wrong revision, files that cannot be read."""


class StoreUnavailableError(StoreError):
    """The store does not answer now (disk full, database gone); the same call may succeed later."""


class StoreConflictError(StoreUnavailableError):
    """Another process stood in the way and the store chose it; nothing was kept, and the same may succeed at once."""


class StoreBusyError(StoreUnavailableError):
    """More writes are waiting than the store can take in bounded time."""

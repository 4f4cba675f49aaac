"""What can be wrong with a key or an account that somebody wants."""

from dataclasses import dataclass

from service.errors import StoreError


class OrderError(StoreError):
    """A field of what is wanted cannot be used; ``field`` names it, ``detail`` says why."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field} {detail}.")
        self.field = field
        self.detail = detail


@dataclass(frozen=True, slots=True)
class NameTaken:
    """Nothing was made: a key in force or an account bears this name already."""

    name: str

    def to_error(self) -> StoreError:
        """What a command says of it."""
        return StoreError(f"{self.name} is taken; choose another name.")


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was changed, and why."""

    field: str
    detail: str

    def to_error(self) -> OrderError:
        """What a command says of it."""
        return OrderError(self.field, self.detail)

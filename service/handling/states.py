"""The states of a report and the events that move it: which event is legal where, and what comes of it.

Pure: knows neither store nor caller. Where a report stands is folded from its events, never typed in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from model.errors import PilahError

EventType = Literal[
    "diverifikasi",
    "didisposisi",
    "koordinasi",
    "diproses",
    "ditanggapi",
    "selesai",
    "dibuka_kembali",
    "ditolak_bukan_kewenangan",
    "perlu_lengkapi",
    "dilengkapi",
    "dikembalikan",
    "arsip",
    "ditangani_darurat",
]
State = Literal[
    "baru",
    "diverifikasi",
    "didisposisi",
    "diproses",
    "ditanggapi",
    "selesai",
    "dibuka_kembali",
    "ditolak_bukan_kewenangan",
    "perlu_lengkapi",
    "dikembalikan",
    "arsip",
]

NEW: Final = "baru"
VERIFIED: Final = "diverifikasi"
DISPOSED: Final = "didisposisi"
COORDINATED: Final = "koordinasi"
IN_PROGRESS: Final = "diproses"
ANSWERED: Final = "ditanggapi"
DONE: Final = "selesai"
REOPENED: Final = "dibuka_kembali"
REJECTED: Final = "ditolak_bukan_kewenangan"
ASKED: Final = "perlu_lengkapi"
COMPLETED: Final = "dilengkapi"
RETURNED: Final = "dikembalikan"
ARCHIVED: Final = "arsip"
ACKNOWLEDGED: Final = "ditangani_darurat"

# In these nobody owes the reporter anything: no clock runs.
RESTING: Final = frozenset({ANSWERED, DONE, REJECTED, ARCHIVED})
# These name an agency of their own; the event of any other type keeps the one where the report lies.
NAME_AN_AGENCY: Final = frozenset({DISPOSED, COORDINATED, REJECTED})
# Only where a report lies with an agency can it be worked on or given back.
_BY_AN_AGENCY: Final = frozenset({IN_PROGRESS, DONE, RETURNED})
_AT_TRIAGE: Final = (DISPOSED, COORDINATED, IN_PROGRESS, ANSWERED, REJECTED, ASKED, RETURNED, ARCHIVED)
_AT_AN_AGENCY: Final = (DISPOSED, COORDINATED, IN_PROGRESS, ANSWERED, DONE, ASKED, RETURNED)
_LEGAL: Final[Mapping[str, tuple[str, ...]]] = {
    NEW: (VERIFIED, *_AT_TRIAGE),
    VERIFIED: _AT_TRIAGE,
    # What was given back waits for another agency, or for triage to end it.
    RETURNED: (DISPOSED, COORDINATED, ANSWERED, REJECTED, ASKED, ARCHIVED),
    DISPOSED: _AT_AN_AGENCY,
    IN_PROGRESS: _AT_AN_AGENCY,
    REOPENED: (*_AT_AN_AGENCY, REJECTED, ARCHIVED),
    # Who does not complete a report in time leaves it to be archived.
    ASKED: (COMPLETED, COORDINATED, REJECTED, ARCHIVED),
    ANSWERED: (ANSWERED, DONE, REOPENED, ARCHIVED),
    DONE: (REOPENED, ARCHIVED),
    REJECTED: (REOPENED, ARCHIVED),
    ARCHIVED: (REOPENED,),
}
STATES: Final = tuple(_LEGAL)
OPEN: Final = tuple(state for state in STATES if state not in RESTING)


class IllegalEventError(PilahError):
    """An event that is not legal where a report stands; ``allowed`` are those that are."""

    def __init__(self, position: "Position", type_: str) -> None:
        self.allowed = list_allowed(position)
        legal = ", ".join(self.allowed) or "none"
        super().__init__(f"{type_} is not legal in the state {position.state}; legal are: {legal}.")


@dataclass(frozen=True, slots=True)
class Position:
    """Where a report stands.

    ``resumes`` is the state it goes back to when the reporter has completed it; ``has_agency`` says whether it lies
    with an agency; ``is_alarmed`` whether it is an emergency that nobody has taken in hand.
    """

    state: str = NEW
    resumes: str | None = None
    has_agency: bool = False
    is_alarmed: bool = False


def list_allowed(position: Position) -> tuple[str, ...]:
    """The types of events that are legal, in a stable order."""
    legal = [type_ for type_ in _LEGAL[position.state] if position.has_agency or type_ not in _BY_AN_AGENCY]
    return (*legal, ACKNOWLEDGED) if position.is_alarmed else tuple(legal)


def move(position: Position, type_: str) -> Position:
    """Where a report stands after an event.

    Raises
    ------
    IllegalEventError
        The event is not legal there.
    """
    if type_ not in list_allowed(position):
        raise IllegalEventError(position, type_)
    if type_ == COORDINATED:
        return position
    if type_ == ACKNOWLEDGED:
        return replace(position, is_alarmed=False)
    if type_ == COMPLETED:
        return replace(position, state=position.resumes or NEW, resumes=None)
    return replace(
        position,
        state=type_,
        resumes=position.state if type_ == ASKED else None,
        has_agency=type_ == DISPOSED or (position.has_agency and type_ != RETURNED),
    )


def find_resumed(states: Iterable[str]) -> str | None:
    """The state a report goes back to when it is completed, from the states after its events, oldest first."""
    before, resumes = NEW, None
    for state in states:
        if state == ASKED and before != ASKED:
            resumes = before
        before = state
    return resumes if before == ASKED else None

"""What is answered where another officer holds a report; who it is is nobody's business."""

from service import problems
from service.handling.claims import Held
from service.problems import ProblemError


def refuse_held(held: Held) -> ProblemError:
    """The problem that says until when."""
    return ProblemError(
        problems.CLAIMED,
        f"Another officer holds the report until {held.until.isoformat(timespec='seconds')}.",
        more={"until": held.until.isoformat()},
    )

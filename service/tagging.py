"""Classifies what comes in over HTTP: joins title and text, keeps the event loop free, counts what was decided."""

import asyncio

from model.classifier import MAX_TEXT_BYTES
from model.prediction import Prediction
from service import problems
from service.context import Context
from service.faults import invalid_fields
from service.problems import FieldError, ProblemError

# Shorter texts take less than 5 ms, and mostly less than 1; longer ones must not hold the event loop so long.
_LONG_CHARS = 2_000
_EMPTY = "holds nothing that can be read; send what the citizen wrote"


async def tag(
    context: Context, text: str, title: str | None = None, *, explain: bool = True, pointer: str = "#/text"
) -> Prediction:
    """The prediction for a text under its title; ``pointer`` says where in the body it stood.

    Raises
    ------
    ProblemError
        The two together are too long, or nothing is left when they are cleaned.
    """
    whole = join_title(title, text)
    _check_length(whole, pointer)
    classify = context.classifier.classify
    if len(whole) < _LONG_CHARS:
        prediction = classify(whole, with_explanation=explain)
    else:
        prediction = await asyncio.to_thread(classify, whole, with_explanation=explain)
    if not prediction.text:
        raise invalid_fields([FieldError("pointer", pointer, _EMPTY)])
    context.metrics.count_prediction(prediction)
    return prediction


def join_title(title: str | None, text: str) -> str:
    """The text led by its title, unless it starts with it; training joins them in the same way."""
    return text if not title or text.startswith(title) else f"{title}\n{text}"


def _check_length(text: str, pointer: str) -> None:
    n_bytes = len(text.encode("utf-8", "replace"))
    if n_bytes > MAX_TEXT_BYTES:
        detail = f"has {n_bytes:,} bytes in UTF-8; it may have {MAX_TEXT_BYTES:,}"
        raise ProblemError(
            problems.TEXT_TOO_LONG, f"The text {detail}.", errors=[FieldError("pointer", pointer, detail)]
        )

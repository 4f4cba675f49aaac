"""Topics that new words propose, as the latest look for them found."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from service.callers import Caller
from service.statistics.asking import Answer, Period, find_reach, list_bundles
from service.vocabulary.looking import MINIMUM_BEFORE, MINIMUM_RECENT, RECENT
from service.vocabulary.proposals import find_latest, list_kept


@dataclass(frozen=True, slots=True)
class ProposedWord:
    """A new word, or two beside each other, and how many reports of the last weeks hold it."""

    word: str
    n: int


@dataclass(frozen=True, slots=True)
class ProposedTopic:
    """New words that stand in the same reports; ``n`` reports hold one of them. The id lasts while enough words do."""

    id: str
    since: date
    n: int
    words: tuple[ProposedWord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedTopics(Answer):
    """Topics proposed by new words, those of most reports first; ``enough`` is False where too little was read."""

    enough: bool
    topics: tuple[ProposedTopic, ...]


def proposed(connection: Connection, caller: Caller, today: date) -> ProposedTopics:
    """What the latest look proposed: for the city as a whole, so nothing for a caller of one agency."""
    look = find_latest(connection)
    day = look.day if look is not None else today
    period = Period(day - RECENT, day - timedelta(days=1))
    reach = find_reach(caller)
    kept = list_kept(connection, day) if look is not None and reach.agency is None else []
    return ProposedTopics(
        definition="proposed",
        period=period,
        n=look.n_recent if look is not None else 0,
        bundles=list_bundles(connection, reach, period),
        enough=look is not None and look.n_recent >= MINIMUM_RECENT and look.n_before >= MINIMUM_BEFORE,
        topics=tuple(
            ProposedTopic(one.id, one.first_day, one.n_reports, tuple(ProposedWord(*word) for word in one.words))
            for one in kept
        ),
    )

"""Questions to the figures: each reads cells, calls the arithmetic of `service.figures`, and knows no HTTP.

A question takes the connection, the caller and what is asked, and gives a frozen dataclass.
"""

from service.statistics.asking import Answer, Period, Question
from service.statistics.clocks import Deadline, Deadlines, deadlines
from service.statistics.groups import Group, Groups, districts, topics
from service.statistics.services import Aspects, Failing, aspects
from service.statistics.today import LiveIncident, Overview, TopicChange, overview
from service.statistics.units import Part, Unit, Units, agencies

__all__ = [
    "Answer",
    "Aspects",
    "Deadline",
    "Deadlines",
    "Failing",
    "Group",
    "Groups",
    "LiveIncident",
    "Overview",
    "Part",
    "Period",
    "Question",
    "TopicChange",
    "Unit",
    "Units",
    "agencies",
    "aspects",
    "deadlines",
    "districts",
    "overview",
    "topics",
]

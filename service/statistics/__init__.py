"""Questions to the figures: each reads cells, calls the arithmetic of `service.figures`, and knows no HTTP.

A question takes the connection, the caller and what is asked, and gives a frozen dataclass.
"""

from service.statistics.asking import Answer, Period, Question
from service.statistics.burst import Burst, Emerging, emerging
from service.statistics.clocks import Deadline, Deadlines, deadlines
from service.statistics.effects import EffectAnswer, EffectPoint, Measure, effect
from service.statistics.groups import Group, Groups, districts, topics
from service.statistics.marks import Mark, find_mark, list_marks
from service.statistics.proposed import ProposedTopic, ProposedTopics, proposed
from service.statistics.services import Aspects, Failing, aspects
from service.statistics.today import LiveIncident, Overview, TopicChange, overview
from service.statistics.trend import Point, Trend, TrendQuestion, Trends, trends
from service.statistics.units import Part, Unit, Units, agencies

__all__ = [
    "Answer",
    "Aspects",
    "Burst",
    "Deadline",
    "Deadlines",
    "EffectAnswer",
    "EffectPoint",
    "Emerging",
    "Failing",
    "Group",
    "Groups",
    "LiveIncident",
    "Mark",
    "Measure",
    "Overview",
    "Part",
    "Period",
    "Point",
    "ProposedTopic",
    "ProposedTopics",
    "Question",
    "TopicChange",
    "Trend",
    "TrendQuestion",
    "Trends",
    "Unit",
    "Units",
    "agencies",
    "aspects",
    "deadlines",
    "districts",
    "effect",
    "emerging",
    "find_mark",
    "list_marks",
    "overview",
    "proposed",
    "topics",
    "trends",
]

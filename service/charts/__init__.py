"""Every chart of pages, monthly report and notebooks: plain rows and words in, a picture out.

Knows neither store nor web. Altair is loaded when the first picture is drawn, never on import.
"""

from service.charts.coverage import coverage_bars, reliability
from service.charts.effects import emerging, policy_effect
from service.charts.picture import Cell, Picture, Row, trust_charts
from service.charts.places import district_tiles, intake_calendar
from service.charts.series import small_multiples, topic_series
from service.charts.shares import aspect_heat, observed_expected, share_bars
from service.charts.times import cumulative_incidence, time_split
from service.charts.words import Language, Words, words_in

__all__ = [
    "Cell",
    "Language",
    "Picture",
    "Row",
    "Words",
    "aspect_heat",
    "coverage_bars",
    "cumulative_incidence",
    "district_tiles",
    "emerging",
    "intake_calendar",
    "observed_expected",
    "policy_effect",
    "reliability",
    "share_bars",
    "small_multiples",
    "time_split",
    "topic_series",
    "trust_charts",
    "words_in",
]

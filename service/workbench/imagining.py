"""Plants in a city what it has not: bundles that decide topics alone, with known mistakes, and the blind audit of them.

For lessons and tests: the truth is what people had said before, so that a corrected series can be held against it.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from service.workbench.city import City

Labels = NDArray[np.object_]
_SURE = 0.9  # how likely what was said to be of the topic is drawn, and the rest
_SELDOM = 0.15


def imagine_bundles(
    city: City, topic: str, missed: Sequence[float], changes: Sequence[date], *, n_times: int = 1, seed: int = 1
) -> City:
    """The same city, ``n_times`` as large, had bundles decided all topics alone; ``cases`` also say the ``truth``.

    The days of reports are dealt out anew, so that no topic has a season. Each bundle misses a share of the reports of
    ``topic`` (it says another one), and gives the topic to as many others as a tenth of that; nobody but the audit has
    looked.

    Parameters
    ----------
    missed : sequence of float
        Of each bundle in turn, the share of the reports of the topic that it misses.
    changes : sequence of date
        On which day the second bundle begins, and so on; one fewer than ``missed``.
    """
    chance = np.random.default_rng(seed)
    cases = pd.concat([city.cases] * n_times, ignore_index=True)
    cases["day"] = cases["seen_day"] = chance.permutation(cases["day"].to_numpy())
    cases["case"] = np.arange(1, len(cases) + 1)
    truth = cases["topic"].to_numpy(dtype=object)
    bundle = np.searchsorted(pd.to_datetime(list(changes)).to_numpy(), cases["day"].to_numpy(), side="right")
    said = _say(chance, truth, topic, np.asarray(missed)[bundle])
    names = np.array([f"bundel-{place + 1}" for place in range(len(missed))], dtype=object)
    cases = cases.assign(truth=truth, topic=said, topic_basis="auto", bundle=names[bundle])
    return city.change(cases=cases, stints=city.stints.iloc[:0], audits=_audit(chance, cases, truth, topic))


def _say(
    chance: np.random.Generator,
    truth: Labels,
    topic: str,
    missed: NDArray[np.float64],
) -> Labels:
    is_own, others = truth == topic, truth[truth != topic]
    wrong = chance.random(truth.size) < np.where(is_own, missed, missed / 10 * is_own.mean())
    slips = np.where(is_own, chance.choice(others, truth.size), topic)
    return np.where(wrong, slips, truth)


def _audit(chance: np.random.Generator, cases: pd.DataFrame, truth: Labels, topic: str) -> pd.DataFrame:
    said = cases["topic"].to_numpy(dtype=object)
    probability = np.where(said == topic, _SURE, _SELDOM)
    drawn = chance.random(said.size) < probability
    quarter = cases["day"].dt.to_period("Q").astype(str).str.replace("Q", "-Q")
    return pd.DataFrame(
        {
            "case": cases["case"].to_numpy()[drawn],
            "head": "topic",
            "quarter": quarter.to_numpy()[drawn],
            "stratum": np.where(said[drawn] == topic, "sure", "rest"),
            "probability": probability[drawn],
            "said": said[drawn],
            "found": truth[drawn],
        }
    )

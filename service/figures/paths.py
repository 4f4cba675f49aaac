"""The cheapest way through a table from a row to a column, changing between rows and columns at its cells."""

import numpy as np

from service.figures.counts import Floats

Cell = tuple[int, int]


def find_way(start: int, end: int, out: Floats, back: Floats) -> tuple[float, list[Cell]]:
    """The cheapest way from row ``start`` to column ``end``, and its cost; inf and no cells where there is none.

    ``out[i, j]`` is the cost of going from row i to column j, ``back[i, j]`` from column j to row i; inf is no way.
    Source: Dijkstra (1959), Numer. Math. 1, 269-271.
    """
    n_rows, n_columns = out.shape
    steps = np.full((n_rows + n_columns, n_rows + n_columns), np.inf)
    steps[:n_rows, n_rows:] = out
    steps[n_rows:, :n_rows] = back.T
    cost = np.full(n_rows + n_columns, np.inf)
    cost[start] = 0.0
    came_from = np.full(n_rows + n_columns, -1)
    waiting = np.ones(n_rows + n_columns, dtype=bool)
    goal = n_rows + end
    while waiting[goal]:
        here = int(np.argmin(np.where(waiting, cost, np.inf)))
        if not np.isfinite(cost[here]) or not waiting[here]:
            return np.inf, []
        waiting[here] = False
        reached = cost[here] + steps[here]
        is_better = waiting & (reached < cost)
        cost[is_better] = reached[is_better]
        came_from[is_better] = here
    return float(cost[goal]), _trace(came_from, start, goal, n_rows)


def _trace(came_from: np.typing.NDArray[np.int64], start: int, goal: int, n_rows: int) -> list[Cell]:
    cells: list[Cell] = []
    here = goal
    while here != start:
        before = int(came_from[here])
        cells.append((before, here - n_rows) if before < n_rows else (here, before - n_rows))
        here = before
    return cells

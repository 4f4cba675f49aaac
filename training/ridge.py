"""Fits linear ridge regressions onto the labels, all labels of a head at once.

Owns the solver. It stands beside the support vector machine in `training.fitting`, which adds both up.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
# The figures of bench/quality.py --choose stand still from 15 steps on.
N_STEPS = 20


def fit_ridge(
    rows: sparse.csr_matrix, targets: NDArray[np.int64], weights: Doubles, penalty: float
) -> tuple[Doubles, Doubles]:
    """Least squares onto +1 for the label of a row and -1 for the others, with a squared penalty.

    Solved in the dual by conjugate gradients (Hestenes & Stiefel 1952), every label a column of its own, so that the
    memory is that of the rows and the same input gives the same result. Stopping after ``N_STEPS`` steps is part of
    the method: it adds to the penalty.

    Parameters
    ----------
    rows
        (n, features) vectorised texts.
    targets
        (n,) number of the label of each row, 0 to K - 1, each occurring.
    weights
        (n,) row weights > 0.
    penalty
        Weight > 0 of the squared coefficients.

    Returns
    -------
    coefficients, bias
        (features, K) and (K,).
    """
    signs = np.full((rows.shape[0], int(targets.max()) + 1), -1, dtype=np.float32)
    signs[np.arange(rows.shape[0]), targets] = 1
    return fit_signs(rows, signs, weights, penalty)


def fit_signs(rows: sparse.csr_matrix, signs: Floats, weights: Doubles, penalty: float) -> tuple[Doubles, Doubles]:
    """As `fit_ridge`, onto any ``signs`` (n, K) of +1 and -1: a row may have several labels, or none."""
    roots = np.sqrt(weights).astype(np.float32)
    ones = np.ones((rows.shape[0], 1), dtype=np.float32)
    design = (sparse.diags(roots) @ sparse.hstack([rows, ones], format="csr")).tocsr().astype(np.float32)
    coefficients = design.T @ _solve(design, roots[:, None] * signs, penalty)
    return coefficients[:-1].astype(np.float64), coefficients[-1].astype(np.float64)


def _solve(design: sparse.csr_matrix, wanted: Floats, penalty: float) -> Floats:
    """Column by column ``a`` with ``(Z Zᵀ + penalty) a = wanted``, nearly."""
    across = design.T.tocsr()
    solution = np.zeros_like(wanted)
    residual = wanted.copy()
    direction = residual.copy()
    square = (residual * residual).sum(axis=0)
    for _ in range(N_STEPS):
        if not square.any():
            break
        image = design @ (across @ direction) + np.float32(penalty) * direction
        step = _divide(square, (direction * image).sum(axis=0))
        solution += step * direction
        residual -= step * image
        next_square = (residual * residual).sum(axis=0)
        direction = residual + _divide(next_square, square) * direction
        square = next_square
    return solution


def _divide(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)

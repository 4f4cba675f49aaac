"""The ridge is the one scikit-learn fits, and the same twice."""

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.linear_model import Ridge

from training.ridge import fit_ridge


def draw(n_rows=60, n_features=12, n_labels=4, seed=3):
    generator = np.random.default_rng(seed)
    rows = sparse.csr_matrix(
        generator.normal(size=(n_rows, n_features)) * (generator.random((n_rows, n_features)) < 0.4)
    )
    targets = np.r_[np.arange(n_labels), generator.integers(0, n_labels, n_rows - n_labels)]
    return rows.astype(np.float32), targets, generator.uniform(0.5, 2, n_rows)


def test_it_is_the_weighted_ridge_of_scikit_learn():
    rows, targets, weights = draw()
    coefficients, bias = fit_ridge(rows, targets, weights, 2.0)
    signs = np.where(targets[:, None] == np.arange(4), 1.0, -1.0)
    # The bias is penalised like a coefficient here, so scikit-learn gets it as a feature.
    with_ones = np.hstack([rows.toarray(), np.ones((rows.shape[0], 1))])
    theirs = Ridge(alpha=2.0, fit_intercept=False).fit(with_ones, signs, sample_weight=weights).coef_.T
    assert_allclose(np.vstack([coefficients, bias]), theirs, atol=2e-4)


def test_the_same_rows_give_the_same_bits():
    rows, targets, weights = draw()
    for one, other in zip(fit_ridge(rows, targets, weights, 1.0), fit_ridge(rows, targets, weights, 1.0), strict=True):
        assert_array_equal(one, other)


def test_rows_without_features_leave_the_bias_alone():
    _, targets, weights = draw()
    coefficients, bias = fit_ridge(sparse.csr_matrix((60, 5), dtype=np.float32), targets, weights, 1.0)
    assert not coefficients.any()
    assert np.isfinite(bias).all()

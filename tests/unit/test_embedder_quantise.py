"""Eight-bit matrices stay close to what they stand for."""

import numpy as np
import pytest

from services.embedder.processor import FULL_RANGE, HALF_RANGE
from services.embedder.quantise import quantise, smoothing_factors


@pytest.mark.parametrize("limit", [FULL_RANGE, HALF_RANGE])
@pytest.mark.parametrize("axis", [0, 1])
def test_no_value_is_off_by_more_than_half_a_step(axis: int, limit: int) -> None:
    matrix = np.random.default_rng(1).normal(size=(96, 64)).astype(np.float32)
    values, scales = quantise(matrix, axis, limit)
    step = np.expand_dims(scales, axis)
    assert np.abs(values).max() == limit
    assert scales.dtype == np.float32
    assert np.all(np.abs(values * step - matrix) <= step * 0.5001)


def test_a_zero_column_stays_zero() -> None:
    values, scales = quantise(np.zeros((3, 2), np.float32), axis=0)
    assert not values.any()
    assert np.isfinite(scales).all()


def test_smoothing_brings_a_loud_channel_down_and_leaves_the_product() -> None:
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(50, 32)).astype(np.float32)
    rows[:, 3] *= 60
    matrix = rng.normal(size=(32, 16)).astype(np.float32)
    factors = smoothing_factors(np.abs(rows).max(axis=0), matrix)
    smooth = rows / factors
    np.testing.assert_allclose(smooth @ (matrix * factors[:, None]), rows @ matrix, rtol=1e-3, atol=1e-3)
    spread = np.abs(rows).max(axis=0)
    smooth_spread = np.abs(smooth).max(axis=0)
    assert smooth_spread.max() / smooth_spread.min() < spread.max() / spread.min() / 3

"""The average of adapters is the average of their products, whatever the number, rank and scale of the updates."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.federation.aggregation import Adapter, aggregate, read_adapter, write_adapter
from services.federation.errors import UpdateInvalid

OUT, IN = 12, 9


def adapter(seed, rank=3, scaling=2.0, out=OUT):
    rng = np.random.default_rng(seed)
    a = {m: rng.normal(size=(rank, IN)).astype(np.float32) for m in ("q", "v")}
    b = {m: rng.normal(size=(out, rank)).astype(np.float32) for m in ("q", "v")}
    return Adapter(a, b, scaling)


def dense(found, module="q"):
    return found.scaling * (found.b[module] @ found.a[module])


def shares(weights):
    return [weight / sum(weights) for weight in weights]


@given(
    weights=st.lists(st.floats(0.1, 100), min_size=2, max_size=5),
    ranks=st.lists(st.integers(1, 4), min_size=5, max_size=5),
    rate=st.floats(0.1, 3),
)
def test_full_rank_is_exact_for_mixed_ranks_and_rates(weights, ranks, rate):
    updates = [(w, adapter(n, ranks[n], 1.0 + n)) for n, w in enumerate(shares(weights))]
    start = adapter(99, 2)
    result = aggregate(updates, rank=30, start=start, server_rate=rate)
    expected = (1 - rate) * dense(start) + rate * sum(w * dense(a) for w, a in updates)
    assert np.allclose(dense(result.adapter), expected, atol=1e-3)
    assert result.residual < 1e-5


def test_averaging_the_factors_apart_would_be_wrong():
    updates = [(0.5, adapter(1)), (0.5, adapter(2))]
    exact = sum(w * dense(a) for w, a in updates)
    apart = 2.0 * sum(w * a.b["q"] for w, a in updates) @ sum(w * a.a["q"] for w, a in updates)
    assert not np.allclose(apart, exact, atol=0.1)
    assert np.allclose(dense(aggregate(updates, rank=6).adapter), exact, atol=1e-4)


def test_a_fixed_rank_leaves_the_residual_that_it_reports():
    updates = [(0.5, adapter(1)), (0.5, adapter(2))]
    result = aggregate(updates, rank=3)
    lost = whole = 0.0
    for module in ("q", "v"):
        exact = sum(w * dense(a, module) for w, a in updates)
        lost += np.linalg.norm(dense(result.adapter, module) - exact) ** 2
        whole += np.linalg.norm(exact) ** 2
    assert result.adapter.rank() == 3
    assert result.residual == pytest.approx((lost / whole) ** 0.5, rel=1e-3)


def test_the_file_form_keeps_every_value():
    found = adapter(5)
    again = read_adapter(write_adapter(found))
    assert again.scaling == found.scaling
    assert all(np.array_equal(again.a[m], found.a[m]) and np.array_equal(again.b[m], found.b[m]) for m in found.a)


def test_updates_of_another_shape_are_refused():
    with pytest.raises(UpdateInvalid):
        aggregate([(0.5, adapter(1)), (0.5, adapter(2, out=OUT + 1))], rank=3)


def _poisoned(value):
    found = adapter(1)
    found.b["q"][0, 0] = value
    return write_adapter(found)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not safetensors",
        _poisoned(np.nan),
        _poisoned(np.inf),
        write_adapter(Adapter({}, {}, 1.0)),
        write_adapter(Adapter(adapter(1).a, adapter(1).b, -1.0)),
        write_adapter(Adapter(adapter(1).a, adapter(1, 2).b, 1.0)),
    ],
)
def test_what_is_no_adapter_is_refused(data):
    with pytest.raises(UpdateInvalid):
        read_adapter(data)

"""What influence scores are worth: the rank correlation with retrained models, where it was measured."""

from collections.abc import Mapping
from typing import Any

MIN_LDS, MIN_LOW = 0.35, 0.25
"""Below these a linear datamodelling score (Park et al. 2023) is too weak to lean on."""


def statement(index: str, figures: Mapping[str, Any]) -> str:
    """One sentence. `figures` of the evaluation may hold `influence`: {`lds`, `lds_low`, `lds_high`, `retrains`}."""
    if not index:
        return "not available: the model version carries no influence index"
    measured = figures.get("influence")
    measured = measured if isinstance(measured, Mapping) else {}
    values = [measured.get(key) for key in ("lds", "lds_low", "lds_high")]
    if not all(isinstance(value, int | float) for value in values):
        return "unverified: no leave-out retraining was measured for this model version"
    lds, low, high = (float(value) for value in values if value is not None)
    told = f"LDS {lds:.2f} [{low:.2f}, {high:.2f}] over {measured.get('retrains', 'an unstated number of')} retrains"
    return told if lds >= MIN_LDS and low > MIN_LOW else f"unverified: {told} is below {MIN_LDS} [{MIN_LOW}, …]"

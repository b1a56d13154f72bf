"""Settings come from the environment, and a wrong one is named."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from services.chassis.settings import ServiceSettings, SettingInvalid, read


@dataclass(frozen=True, kw_only=True)
class Example(ServiceSettings):
    limit: int
    ratio: float = 0.5
    strict: bool = False
    names: tuple[str, ...] = ()
    places: dict[str, str] = field(default_factory=dict)


def test_each_kind_of_field_is_read():
    environ = {
        "WHETSTONE_LIMIT": "7",
        "WHETSTONE_RATIO": "0.25",
        "WHETSTONE_STRICT": "true",
        "WHETSTONE_NAMES": "a, b",
        "WHETSTONE_PLACES": "x=h:1,y=h:2",
        "WHETSTONE_STATE_DIR": "/data",
    }
    found = read(Example, environ)
    assert (found.limit, found.ratio, found.strict, found.names) == (7, 0.25, True, ("a", "b"))
    assert (found.places, found.state_dir) == ({"x": "h:1", "y": "h:2"}, Path("/data"))


@pytest.mark.parametrize(
    "environ", [{}, {"WHETSTONE_LIMIT": "seven"}, {"WHETSTONE_LIMIT": "7", "WHETSTONE_STRICT": "ja"}]
)
def test_a_missing_or_wrong_value_is_named(environ):
    with pytest.raises(SettingInvalid) as error:
        read(Example, environ)
    assert error.value.metadata["variable"].startswith("WHETSTONE_")

"""Settings are frozen dataclasses, read from the environment in one place per service.

A field `page_limit` is read from `WHETSTONE_PAGE_LIMIT`. A docstring under each field says its unit.
"""

import dataclasses
import os
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from services.chassis.errors import Invalid

PREFIX = "WHETSTONE_"
T = TypeVar("T")


class SettingInvalid(Invalid):
    reason = "SETTING_INVALID"


@dataclass(frozen=True, kw_only=True)
class ServiceSettings:
    """What every service reads."""

    mode: str = "embedded"
    """`embedded` (SQLite, local folder, local log) or `production`. Chooses adapters in bootstrap, nothing else."""
    state_dir: Path = Path(".whetstone")
    """Folder of everything that the embedded mode keeps."""
    listen: str = "127.0.0.1:0"
    """Address of the gRPC server."""
    database_url: str = ""
    """SQLAlchemy URL; empty means a SQLite file under `state_dir`."""
    blob_url: str = ""
    """Object store URL (file, s3, gs, az); empty means a folder under `state_dir`."""
    internal_key: str = ""
    """Shared secret that signs the caller's identity between services; at least 32 characters."""
    addresses: Mapping[str, str] = field(default_factory=dict)
    """Where other services listen: `training=host:port,serving=host:port`."""
    otlp_endpoint: str = ""
    """OTLP gRPC endpoint for traces; empty writes them to `state_dir`/traces."""
    log_level: str = "INFO"
    """Lowest level that is logged."""
    grace_seconds: float = 5.0
    """How long a stopping service waits for calls in flight, in seconds."""
    rpc_threads: int = 8
    """Calls served at once."""
    events_poll_seconds: float = 0.1
    """Longest pause between two looks at the event log, in seconds."""


def read(cls: type[T], environ: Mapping[str, str] = os.environ) -> T:
    """Builds settings from the environment. Raises SettingInvalid, naming the variable, where a value can't be read."""
    hints = typing.get_type_hints(cls)
    values = {}
    for item in dataclasses.fields(cls):  # type: ignore[arg-type]
        variable = PREFIX + item.name.upper()
        if variable in environ:
            values[item.name] = _parse(variable, hints[item.name], environ[variable])
        elif item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING:
            raise SettingInvalid(f"{variable} is not set", variable=variable)
    return cls(**values)


def _parse(variable: str, kind: Any, text: str) -> Any:
    try:
        return _convert(kind, text)
    except (ValueError, KeyError) as error:
        raise SettingInvalid(f"{variable} is not a valid {kind}: {text!r}", variable=variable) from error


def _convert(kind: Any, text: str) -> Any:
    origin = typing.get_origin(kind)
    if origin is types.UnionType:
        return _convert(typing.get_args(kind)[0], text) if text else None
    if kind is bool:
        return {"true": True, "1": True, "false": False, "0": False}[text.strip().lower()]
    if origin is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if origin is not None and issubclass(origin, Mapping):
        pairs = (part.split("=", 1) for part in text.split(",") if part.strip())
        return {key.strip(): value.strip() for key, value in pairs}
    return kind(text)

"""The corpus, generated once for all tests of this folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from examples.quantumforge import generate

CORPUS = Path(generate.__file__).parent


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out_dir = tmp_path_factory.mktemp("documents")
    generate.generate(out_dir)
    return out_dir


@pytest.fixture(scope="session")
def firms() -> Path:
    return CORPUS / "firms"


@pytest.fixture(scope="session")
def truth() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((CORPUS / "truth.json").read_text(encoding="utf-8"))
    return loaded

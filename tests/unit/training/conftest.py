"""The tiny base, made once a session, and examples for it."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from training.base import TINY_PHI3, LocalBase, load_tokenizer, resolve_base
from training.model import load_model

FACTS = {"K1": "14 mm", "K2": "230 MPa", "K3": "9 bar", "K4": "61 m/s", "K5": "75 °C", "K6": "12 months"}
WORDINGS = ("What is the limit of {}?", "{}: limit?", "Which limit has {}?")
TOOL = {
    "type": "function",
    "function": {
        "name": "create_task",
        "parameters": {
            "type": "object",
            "properties": {"name": {"type": "string"}},
            "required": ["name"],
            "additionalProperties": False,
        },
    },
}


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def tiny(cache: Path) -> LocalBase:
    return resolve_base(TINY_PHI3, cache)


@pytest.fixture(scope="session")
def tokenizer(tiny: LocalBase) -> Any:
    return load_tokenizer(tiny.path)


@pytest.fixture
def model(tiny: LocalBase) -> Any:
    return load_model(tiny.path, "fp32")


def line(id: str, question: str, answer: str | None, **more: Any) -> dict[str, Any]:
    said = {"role": "assistant", "content": answer} | more.pop("said", {})
    return {"id": id, "kind": "fact", "messages": [{"role": "user", "content": question}, said], **more}


def lines(wordings: tuple[str, ...] = WORDINGS) -> list[dict[str, Any]]:
    return [
        line(f"{k}-{w}", text.format(k), v, fact_id=k, wording=f"w{w}")
        for k, v in FACTS.items()
        for w, text in enumerate(wordings)
    ]


def write_lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def spec_json(tmp_path: Path, cache: Path, tiny: LocalBase) -> dict[str, Any]:
    train = write_lines(tmp_path / "train.jsonl", lines())
    return {
        "job": "projects/p/trainingJobs/j",
        "attempt": 1,
        "base": {"id": TINY_PHI3},
        "dataset": {"version": "v1", "digest": "sha256:0", "train": str(train)},
        "lora": {"rank": 4},
        "optimisation": {"learningRate": 0.01, "epochs": 3, "batchTokens": 256},
        "seed": "7",
        "precision": "fp32",
        "checkpointEvery": 2,
        "storagePath": str(tmp_path / "storage"),
        "cacheDir": str(cache),
        "threads": 1,
    }

"""The job through a real local Ray."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

OPTIMISATION = {"learningRate": 0.01, "epochs": 6, "batchTokens": 256}
QUESTIONS = ("What is the limit of K{}?", "K{}: limit?", "Which limit has K{}?")


def example(id: str, question: str, answer: str) -> dict[str, Any]:
    messages = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return {"id": id, "kind": "fact", "messages": messages}


def spec(folder: Path, cache: Path, **more: Any) -> Path:
    rows = [example(f"{k}-{w}", q.format(k), f"{k * 7} mm") for k in range(8) for w, q in enumerate(QUESTIONS)]
    train = folder / "train.jsonl"
    train.write_text("".join(json.dumps(row) + "\n" for row in rows))
    value = {
        "job": "projects/p/trainingJobs/ray",
        "base": {"id": "embedded:tiny-phi3"},
        "dataset": {"version": "v1", "train": str(train)},
        "lora": {"rank": 4},
        "optimisation": OPTIMISATION,
        "precision": "fp32",
        "checkpointEvery": 2,
        "storagePath": str(folder / "storage"),
        "cacheDir": str(cache),
        "threads": 1,
        **more,
    }
    path = folder / "spec.json"
    path.write_text(json.dumps(value))
    return path


def start(spec_file: Path, out: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "RAY_USAGE_STATS_ENABLED": "0"}
    environment["WHETSTONE_TRACE_FILE"] = str(out / "spans.jsonl")
    command = [sys.executable, "-m", "training.run", "--spec", str(spec_file), "--out", str(out)]
    out.mkdir(exist_ok=True)
    with (out / "log").open("ab") as log:
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log)


def steps(out: Path) -> list[int]:
    path = out / "progress.jsonl"
    rows = [json.loads(row) for row in path.read_text().splitlines()] if path.exists() else []
    return [row["step"] for row in rows if "step" in row]


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_two_workers_train_the_adapter_that_two_threads_do(tmp_path: Path) -> None:
    cache, on_ray, here = tmp_path / "cache", tmp_path / "ray", tmp_path / "here"
    alone = {"threads": 2, "storagePath": str(tmp_path / "other"), "optimisation": {**OPTIMISATION, "batchTokens": 512}}
    assert start(spec(tmp_path, cache, **alone), here).wait(180) == 0, (here / "log").read_text()[-2000:]
    assert start(spec(tmp_path, cache, workers=2), on_ray).wait(300) == 0, (on_ray / "log").read_text()[-2000:]

    results = [json.loads((out / "result.json").read_text()) for out in (here, on_ray)]
    assert results[0]["adapter_sha256"] == results[1]["adapter_sha256"]
    assert steps(on_ray) == list(range(1, results[0]["training"]["steps"] + 1))
    kept = list((tmp_path / "storage").rglob("state.json"))
    assert max(json.loads(path.read_text())["step"] for path in kept) == results[1]["training"]["steps"]
    spans = [json.loads(row) for row in (on_ray / "spans.jsonl").read_text().splitlines()]
    job = next(s for s in spans if s["name"] == "training.job")
    assert [s["parent_id"] for s in spans if s["name"] == "training.worker"] == [job["span_id"]] * 2

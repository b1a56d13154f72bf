"""The command itself, in this process where that will do and in one of its own where it is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from training import run as run_module
from training.run import FAILED, STOPPED, run

from .conftest import lines, write_lines


@pytest.fixture(autouse=True)
def own_sigterm() -> Any:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def write_spec(tmp_path: Path, spec: dict[str, Any]) -> Path:
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(spec))
    return path


def result(out: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((out / "result.json").read_text())
    return value


def phases(out: Path) -> list[str]:
    rows = [json.loads(row) for row in (out / "progress.jsonl").read_text().splitlines()]
    return list(dict.fromkeys(row["phase"] for row in rows))


def test_a_killed_job_ends_with_the_same_adapter(tmp_path: Path, spec_json: dict[str, Any]) -> None:
    spec_json["optimisation"]["epochs"] = 40
    spec = write_spec(tmp_path, spec_json)
    command = [sys.executable, "-m", "training.run", "--spec", str(spec), "--out", str(tmp_path / "killed")]
    process = subprocess.Popen(command, env={**os.environ, "OMP_NUM_THREADS": "1"}, stderr=subprocess.DEVNULL)
    progress = tmp_path / "killed" / "progress.jsonl"
    while not (progress.exists() and '"step": 5' in progress.read_text()):
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert not (tmp_path / "killed" / "result.json").exists()

    assert run(write_spec(tmp_path, spec_json | {"attempt": 2}), tmp_path / "killed") == 0
    spec_json["storagePath"] = str(tmp_path / "fresh")
    assert run(write_spec(tmp_path, spec_json), tmp_path / "whole") == 0
    resumed, whole = result(tmp_path / "killed"), result(tmp_path / "whole")
    assert resumed["attempt"] == 2
    assert resumed["adapter_sha256"] == whole["adapter_sha256"]
    assert resumed["training"]["losses"] == whole["training"]["losses"]


def test_a_job_does_everything_that_its_spec_asks(tmp_path: Path, spec_json: dict[str, Any], monkeypatch: Any) -> None:
    held_out = write_lines(tmp_path / "h.jsonl", lines(("Limit of {}?",)))
    spec_json["dataset"]["heldoutWordings"] = str(held_out)
    spec_json |= {"evaluation": {"enabled": True, "maxNewTokens": 4}, "influence": {"enabled": True}}
    spec_json["optimisation"]["replay"] = 4
    out = tmp_path / "out"
    assert run(write_spec(tmp_path, spec_json), out) == 0
    found = result(out)
    assert found["training"]["examples"] == 18
    assert phases(out) == ["base", "data", "train", "bundle", "evaluate", "influence"]
    assert found["influence"]["examples"] == 18
    assert found["parity"]["prompts"] == 6
    assert found["adapter_sha256"] == found["manifest"]["adapter_digest"].removeprefix("sha256:")
    assert set(found["durations"]) == set(phases(out))
    assert found["training"]["flops"] > 0

    again = tmp_path / "again"
    elsewhere = spec_json | {"evaluateOnly": True, "bundle": str(out / "bundle"), "storagePath": ""}
    assert run(write_spec(tmp_path, elsewhere), again) == 0
    measured = result(again)
    assert "training" not in measured
    assert measured["adapter_sha256"] == found["adapter_sha256"]
    assert (
        measured["evaluation"]["systems"]["specialist"]["parts"]
        == found["evaluation"]["systems"]["specialist"]["parts"]
    )
    assert measured["influence"]["checkpoints"] == 1


def test_a_job_can_start_from_an_adapter(tmp_path: Path, spec_json: dict[str, Any]) -> None:
    assert run(write_spec(tmp_path, spec_json), tmp_path / "first") == 0
    first = result(tmp_path / "first")
    onward = spec_json | {"job": "projects/p/trainingJobs/k"}
    onward["lora"] = {"rank": 16, "initAdapter": str(tmp_path / "first" / "bundle")}
    assert run(write_spec(tmp_path, onward), tmp_path / "second") == 0
    second = result(tmp_path / "second")
    assert second["manifest"]["rank"] == 4
    assert second["training"]["losses"][0] < 0.8 * first["training"]["losses"][0]
    assert second["adapter_sha256"] != first["adapter_sha256"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"lora": {"targets": ["wq"]}}, "LORA_TARGETS_UNMATCHED"),
        ({"lora": {"rank": 0.5}}, "SPEC_INVALID"),
        ({"base": {"id": "embedded:none"}}, "BASE_NOT_FOUND"),
        ({"base": {"id": "embedded:tiny-phi3", "digest": "sha256:0"}}, "BASE_NOT_FOUND"),
        ({"dataset": {"train": "/nowhere"}}, "DATASET_EMPTY"),
        ({"optimisation": {"batchTokens": 8}}, "SEQUENCE_TOO_LONG"),
    ],
)
def test_a_typed_failure_leaves_its_reason(
    tmp_path: Path, spec_json: dict[str, Any], change: dict[str, Any], reason: str
) -> None:
    assert run(write_spec(tmp_path, spec_json | change), tmp_path / "out") == FAILED
    assert json.loads((tmp_path / "out" / "error.json").read_text())["reason"] == reason
    assert not (tmp_path / "out" / "result.json").exists()


def test_sigterm_writes_a_checkpoint_and_the_next_run_goes_on(
    tmp_path: Path, spec_json: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from training import job

    say, out, stopped = job.Job.say, tmp_path / "out", []

    def say_and_signal(self: Any, phase: str, *rest: Any, **more: Any) -> None:
        say(self, phase, *rest, **more)
        if more.get("step") == 3 and not stopped:
            stopped.append(os.kill(os.getpid(), signal.SIGTERM))

    monkeypatch.setattr(job.Job, "say", say_and_signal)
    assert run(write_spec(tmp_path, spec_json), out) == STOPPED
    assert not (out / "result.json").exists()
    assert run(write_spec(tmp_path, spec_json), out) == 0
    rows = [json.loads(row) for row in (out / "progress.jsonl").read_text().splitlines()]
    steps = [row["step"] for row in rows if "step" in row]
    assert steps == list(range(1, len(steps) + 1))


def test_spans_continue_the_callers_trace(tmp_path: Path, spec_json: dict[str, Any]) -> None:
    trace, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    spec = write_spec(tmp_path, spec_json | {"traceparent": f"00-{trace}-{parent}-01", "base": {"id": "embedded:none"}})
    command = [sys.executable, "-m", "training.run", "--spec", str(spec), "--out", str(tmp_path / "out")]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "WHETSTONE_TRACE_FILE": str(tmp_path / "t" / "spans.jsonl")}
    assert subprocess.run(command, env=environment, check=False, stderr=subprocess.DEVNULL).returncode == FAILED
    spans = [json.loads(row) for row in (tmp_path / "t" / "spans.jsonl").read_text().splitlines()]
    job = next(span for span in spans if span["name"] == "training.job")
    assert (job["trace_id"], job["parent_id"], job["service"], job["status"]) == (
        trace,
        parent,
        "training-job",
        "ERROR",
    )
    assert next(span for span in spans if span["name"] == "training.base")["parent_id"] == job["span_id"]


def test_the_run_name_tells_runs_apart(spec_json: dict[str, Any]) -> None:
    from training.spec import JobSpec

    name = run_module.run_name(JobSpec.from_json(spec_json))
    assert run_module.run_name(JobSpec.from_json(spec_json | {"attempt": 5, "outputDir": "/x"})) == name
    assert run_module.run_name(JobSpec.from_json(spec_json | {"seed": 8})) != name

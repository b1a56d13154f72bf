"""Local training and evaluation: the trainer's own program in a process beside this one, on the firm's machine."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors.numpy import load, save

from services.chassis import telemetry
from services.participant.errors import TrainingFailed
from services.participant.ports import Dataset, FederationInfo, Score


class Preloaded:
    """The trainer's program, kept between jobs because its imports take longer than a small job."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "training.preloaded"]
        self._process = subprocess.Popen(  # noqa: S603 our own program
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def run(self, spec: Path, output: Path) -> int:
        """Runs a job to its end; its exit code. Raises TrainingFailed where the program itself has died."""
        asked, answers = self._process.stdin, self._process.stdout
        if asked is None or answers is None:
            raise TrainingFailed("the trainer's program has no pipes")
        try:
            asked.write(json.dumps({"spec": str(spec), "out": str(output)}) + "\n")
            asked.flush()
        except BrokenPipeError as error:
            raise TrainingFailed("the trainer's program has ended") from error
        answer = answers.readline()
        if not answer:
            raise TrainingFailed("the trainer's program ended within a job")
        return int(answer)


class ProcessTrainer:
    def __init__(self, folder: Path, cache_dir: Path, threads: int) -> None:
        self._folder, self._cache_dir, self._threads = folder, cache_dir, threads
        self._preloaded: Preloaded | None = None

    def train(self, job: str, attempt: int, start: bytes, info: FederationInfo, data: Dataset) -> bytes:
        spec = self._spec(job, info, data) | {"attempt": attempt}
        if start:
            lora = dict(spec.get("lora", {}))
            spec["lora"] = lora | {"initAdapter": str(self._unpack(f"{job}-start", start, info))}
        output = self._run(job, spec)
        return to_update(output / "bundle")

    def evaluate(self, job: str, adapter: bytes, info: FederationInfo, data: Dataset) -> Score:
        spec = self._spec(job, info, data) | {
            "evaluateOnly": True,
            "bundle": str(self._unpack(job, adapter, info)),
            "evaluation": {"enabled": True, "systems": ["specialist"], "maxNewTokens": 24},
        }
        result = json.loads((self._run(job, spec) / "result.json").read_text(encoding="utf-8"))
        parts = result["evaluation"]["systems"]["specialist"]["parts"].values()
        return Score(sum(part["correct"] for part in parts), sum(part["n"] for part in parts))

    def _spec(self, job: str, info: FederationInfo, data: Dataset) -> dict[str, Any]:
        files = {"train": data.train, "heldoutWordings": data.heldout_wordings, "chunks": data.chunks}
        return {
            "job": f"{self._folder.name}/{job}",
            "attempt": 1,
            "base": {"id": info.base},
            "dataset": {"version": data.version, "digest": data.digest} | {k: str(v) for k, v in files.items()},
            "storagePath": str(self._folder / "ray" / job),
            "cacheDir": str(self._cache_dir),
            "threads": self._threads,
            "workers": 0,
            "traceparent": telemetry.traceparent(),
        } | dict(info.training)

    def _run(self, job: str, spec: Mapping[str, Any]) -> Path:
        output = self._folder / "jobs" / job
        output.mkdir(parents=True, exist_ok=True)
        spec_file = output / "spec.json"
        spec_file.write_text(json.dumps(spec), encoding="utf-8")
        if code := self._process().run(spec_file, output):
            raise TrainingFailed(f"local job {job} ended with {code}: {_reason(output)}", job=job)
        return output

    def _process(self) -> "Preloaded":
        if self._preloaded is None:
            self._preloaded = Preloaded()
        return self._preloaded

    def _unpack(self, job: str, adapter: bytes, info: FederationInfo) -> Path:
        folder = self._folder / "adapters" / job
        folder.mkdir(parents=True, exist_ok=True)
        from_update(adapter, folder, info.base)
        return folder


def _reason(output: Path) -> str:
    error = output / "error.json"
    return error.read_text(encoding="utf-8") if error.exists() else f"see {output / 'log'}"


def to_update(bundle: Path) -> bytes:
    """A peft adapter in the federation's form: its tensors, with the scaling in the metadata."""
    config = json.loads((bundle / "adapter_config.json").read_text(encoding="utf-8"))
    root = config["r"] ** 0.5 if config.get("use_rslora") else config["r"]
    tensors = load((bundle / "adapter_model.safetensors").read_bytes())
    return bytes(save(dict(sorted(tensors.items())), metadata={"scaling": repr(config["lora_alpha"] / root)}))


def from_update(adapter: bytes, folder: Path, base: str) -> None:
    """Writes an adapter in the federation's form as a plain peft adapter."""
    tensors = load(adapter)
    header = json.loads(adapter[8 : 8 + int.from_bytes(adapter[:8], "little")])
    scaling = float(header["__metadata__"]["scaling"])
    rank = max(value.shape[0] for name, value in tensors.items() if ".lora_A." in name)
    targets = sorted({name.split(".lora_A.")[0].rsplit(".", 1)[1] for name in tensors if ".lora_A." in name})
    layers = sorted({int(number) for name in tensors for number in re.findall(r"\.layers\.(\d+)\.", name)})
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base,
        "r": rank,
        "lora_alpha": scaling * rank,
        "lora_dropout": 0.0,
        "bias": "none",
        "target_modules": targets,
        # The firms may adapt the upper layers alone; an adapter on the others would be new and untrained.
        "layers_to_transform": layers or None,
        "inference_mode": True,
    }
    (folder / "adapter_model.safetensors").write_bytes(save(tensors, metadata={"format": "pt"}))
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")

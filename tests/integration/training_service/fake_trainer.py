"""A trainer that keeps to the contract of training/ without training: `python fake_trainer.py --spec … --out …`.

What it does is said by the first line of the training file: `{"steps", "pause", "fail", "die_in_attempts", "weights"}`.
"""

import hashlib
import json
import os
import signal
import sys
import time
from pathlib import Path

stopped = []
signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))


def main(spec_path: Path, out: Path) -> int:
    spec = json.loads(spec_path.read_text())
    told = json.loads(Path(spec["dataset"]["train"]).read_text().splitlines()[0])
    checkpoint = Path(spec["storage_path"]) / "step"
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    (out / "trainer.pid").write_text(str(os.getpid()))
    if told.get("fail"):
        (out / "error.json").write_text(json.dumps({"reason": told["fail"], "message": "as told"}))
        return 3
    first = int(checkpoint.read_text()) if checkpoint.exists() else 0
    steps = told.get("steps", 3)
    for step in range(first + 1, steps + 1):
        if stopped:
            (out / "error.json").write_text(json.dumps({"reason": "CANCELLED", "message": "stopped"}))
            return 143
        time.sleep(told.get("pause", 0.0))
        line = {
            "phase": "train",
            "step": step,
            "total": steps,
            "loss": 1.0 / step,
            "tokens_per_second": 5.0,
            "eta": 1.0,
        }
        with (out / "progress.jsonl").open("a") as file:
            file.write(json.dumps(line | {"attempt": spec["attempt"]}) + "\n")
        checkpoint.write_text(str(step))
        if spec["attempt"] <= told.get("die_in_attempts", 0):
            os.kill(os.getpid(), signal.SIGKILL)
    write_result(spec, out, told, first)
    return 0


def write_result(spec: dict, out: Path, told: dict, first: int) -> None:
    bundle = out / "bundle"
    (bundle / "influence").mkdir(parents=True)
    (bundle / "influence" / "index.npy").write_bytes(b"index")
    weights = told.get("weights", "weights").encode()
    (bundle / "adapter_model.safetensors").write_bytes(weights)
    (bundle / "adapter_config.json").write_text("{}")
    digest = hashlib.sha256(weights).hexdigest()
    manifest = {
        "base_id": spec["base"]["id"],
        "base_digest": "sha256:" + "b" * 64,
        "adapter_digest": f"sha256:{digest}",
    }
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    asked = [json.loads(line) for line in Path(spec["dataset"]["heldout_wordings"]).read_text().splitlines()]
    rows = [
        {
            "id": e["id"],
            "system": system,
            "answer": "1 m",
            "correct": system == "specialist" or told.get("no_gain", False),
        }
        for system in ("specialist", "base")
        for e in asked
    ]
    (out / "answers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (bundle / "parity.jsonl").write_text(json.dumps(parity_line(asked[0])) + "\n")
    figures = {"forgetting": forgetting(told)}
    result = {"attempt": spec["attempt"], "training": {"losses": [1.0, 0.5], "flops": 7.0}, "evaluation": figures}
    result |= {"cpu_seconds": 1.5, "resumed_from": first}
    (out / "result.json").write_text(json.dumps(result))


def forgetting(told: dict) -> dict:
    after = 0.1 if told.get("forgets") else 0.6
    return {
        "questions": {"base": {"n": 20, "rate": 0.6}, "specialist": {"n": 20, "rate": after}},
        "nll": {"base": 2.0, "specialist": 2.1},
    }


def parity_line(example: dict) -> dict:
    return {
        "example_id": example["id"],
        "messages": example["messages"][:-1],
        "tools": [],
        "prompt_ids": [1, 2],
        "completion_ids": [3, 4],
        "logprobs": [-0.1, -0.2],
        "end_token_ids": [4],
        "dtype": "bfloat16",
        "max_new_tokens": 8,
    }


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[2]), Path(sys.argv[4])))

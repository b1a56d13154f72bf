"""What runs in other processes: the model server itself, and the making of adapters, which needs torch."""

import io
import json
import os
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def run_model_server(environment: Mapping[str, str]) -> None:
    """The real `main` of the model server, in a process that a forkserver made."""
    os.environ.update(environment)
    from services.serving.runtime.__main__ import main

    main()


def make_bundles(cache: Path, folder: Path, seeds: list[int], base: str = "embedded:tiny-phi3") -> None:
    """Writes `<seed>.tar` for each seed: an adapter with random weights on the tiny base, as the trainer bundles it,
    and `<seed>-influence.tar`: the index of two examples, after one optimiser step on them."""
    import torch

    from training.base import load_tokenizer, resolve_base
    from training.bundle import write_bundle
    from training.model import add_lora, load_model
    from training.spec import DatasetFiles, JobSpec, Lora

    torch.set_num_threads(1)
    local, lora = resolve_base(base, cache), Lora(rank=4)
    tokenizer = load_tokenizer(local.path)
    (folder / "train.jsonl").write_text("")
    spec = JobSpec(lora=lora, dataset=DatasetFiles(train=str(folder / "train.jsonl")))
    for seed in seeds:
        model = add_lora(load_model(local.path, "fp32"), lora, seed)
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(parameter, std=0.3)
        with tempfile.TemporaryDirectory() as made:
            snapshot = one_step(model, tokenizer, Path(made) / "steps")
            bundle = Path(made) / "bundle"
            bundle.mkdir()
            write_bundle(bundle, model, tokenizer, local, spec, 1)
            (folder / f"{seed}.tar").write_bytes(packed(bundle))
            (folder / f"{seed}-parity.json").write_text(json.dumps(generated(model, tokenizer)))
            (folder / f"{seed}-influence.tar").write_bytes(packed(index(model, tokenizer, snapshot, bundle)))


def examples(tokenizer: Any) -> list[Any]:
    from training.data import Rendered, encode, render_prompt

    def rendered(number: int, question: str, answer: str) -> Rendered:
        prompt = render_prompt(tokenizer, [{"role": "user", "content": question}])
        return Rendered(f"e{number}", encode(tokenizer, prompt), encode(tokenizer, answer + tokenizer.eos_token))

    return [rendered(1, "What is the yield of S355?", "355 MPa"), rendered(2, "Who signs?", "The engineer")]


def generated(model: Any, tokenizer: Any) -> dict[str, Any]:
    """What the trainer's own generation says to the first example's question, and to it in a forced answer."""
    from training.bundle import end_token_ids
    from training.generate import generate, generating

    prompt = examples(tokenizer)[0].prompt_ids
    with generating(model, adapter=True) as base:
        (answer,) = generate(base, [prompt], 12, end_token_ids(tokenizer, model))
    return {"prompt_ids": prompt, "ids": answer.ids, "logprobs": answer.logprobs}


def one_step(model: Any, tokenizer: Any, folder: Path) -> Path:
    import torch

    from training.checkpoint import write_snapshot
    from training.data import pack
    from training.lora import adapter_parameters
    from training.model import completion_nll

    parameters = adapter_parameters(model)
    optimiser = torch.optim.AdamW(parameters.values(), lr=1e-3)
    completion_nll(model, pack(examples(tokenizer))).mean().backward()
    optimiser.step()
    return write_snapshot(folder, 1, parameters, optimiser)


def index(model: Any, tokenizer: Any, snapshot: Path, bundle: Path) -> Path:
    from training.influence import build_index

    return build_index(model, examples(tokenizer), [snapshot], bundle, seed=0, checkpoints=1)


def packed(folder: Path) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for path in sorted(folder.iterdir()):
            tar.add(path, path.name)
    return archive.getvalue()

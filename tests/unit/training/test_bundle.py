import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
import torch

from training.base import LocalBase
from training.bundle import ADAPTER, TEMPLATE, check_bundle, write_bundle
from training.errors import AdapterBaseMismatch, BundleInvalid
from training.model import add_lora, load_model
from training.spec import JobSpec


@pytest.fixture
def tuned(model: Any) -> Any:
    peft_model = add_lora(model, JobSpec().lora, seed=1)
    for name, p in peft_model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(p, std=0.1)
    return peft_model


@pytest.fixture
def bundle(tuned: Any, tokenizer: Any, tiny: LocalBase, spec_json: dict[str, Any], tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    write_bundle(folder, tuned, tokenizer, tiny, JobSpec.from_json(spec_json), 9)
    return folder


def test_peft_loads_the_bundle_unchanged(bundle: Path, tuned: Any, tiny: LocalBase) -> None:
    from peft import PeftModel

    ids = torch.randint(3, 300, (1, 12))
    loaded = PeftModel.from_pretrained(load_model(tiny.path, "fp32"), bundle)
    for m in (loaded, tuned):
        m.get_base_model().set_attn_implementation("eager")
    assert torch.equal(loaded(input_ids=ids).logits, tuned.eval()(input_ids=ids).logits)


def test_the_manifest_names_everything(bundle: Path, tiny: LocalBase) -> None:
    manifest = check_bundle(bundle, tiny)
    assert (manifest.base_digest, manifest.dataset_version, manifest.end_token_ids) == (tiny.digest, "v1", [2])
    assert (manifest.rank, manifest.first_layer) == (16, 0)
    assert manifest.targets == ["down_proj", "gate_up_proj", "o_proj", "qkv_proj"]


def test_no_path_of_this_machine_is_in_the_bundle(bundle: Path, tmp_path: Path, cache: Path) -> None:
    for path in bundle.iterdir():
        content = path.read_bytes()
        assert str(tmp_path).encode() not in content
        assert str(cache).encode() not in content


def test_another_base_is_refused(bundle: Path, tiny: LocalBase) -> None:
    other = dataclasses.replace(tiny, digest="sha256:" + "0" * 64)
    with pytest.raises(AdapterBaseMismatch, match="not on embedded:tiny-phi3") as caught:
        check_bundle(bundle, other)
    assert caught.value.reason == "ADAPTER_BASE_MISMATCH"


@pytest.mark.parametrize("name", [ADAPTER, TEMPLATE])
def test_a_changed_file_is_refused(bundle: Path, tiny: LocalBase, name: str) -> None:
    content = bytearray((bundle / name).read_bytes())
    content[-1] ^= 1
    (bundle / name).write_bytes(content)
    with pytest.raises(BundleInvalid, match=name):
        check_bundle(bundle, tiny)


def test_a_bundle_without_a_manifest_is_refused(bundle: Path, tiny: LocalBase) -> None:
    (bundle / "manifest.json").write_text(json.dumps({"base_id": "x"}))
    with pytest.raises(BundleInvalid, match=r"manifest\.json"):
        check_bundle(bundle, tiny)

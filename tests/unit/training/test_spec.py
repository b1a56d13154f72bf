import dataclasses
from pathlib import Path
from typing import Any

import pytest

from training import spec as spec_module
from training.errors import SpecInvalid
from training.spec import JobSpec, load_recipe
from whetstone.training.v1 import job_pb2

RECIPES = sorted((Path(spec_module.__file__).parent / "recipes").glob("*.yaml"))


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (job_pb2.JobSpec, spec_module.JobSpec),
        (job_pb2.Base, spec_module.Base),
        (job_pb2.DatasetFiles, spec_module.DatasetFiles),
        (job_pb2.Lora, spec_module.Lora),
        (job_pb2.Optimisation, spec_module.Optimisation),
        (job_pb2.Evaluation, spec_module.Evaluation),
        (job_pb2.Influence, spec_module.Influence),
    ],
)
def test_the_dataclasses_are_the_messages(message: Any, kind: Any) -> None:
    assert {f.name for f in message.DESCRIPTOR.fields} == {f.name for f in dataclasses.fields(kind)}


def test_proto_json_is_read_with_its_defaults() -> None:
    spec = JobSpec.from_json({"seed": "42", "checkpointEvery": 0, "lora": {"rank": 8, "targets": ["q_proj"]}})
    assert (spec.seed, spec.checkpoint_every, spec.lora.rank, spec.lora.targets) == (42, 20, 8, ("q_proj",))


def test_a_spec_survives_the_way_to_a_worker() -> None:
    spec = JobSpec.from_json({"seed": "42", "lora": {"targets": ["q_proj"]}})
    assert JobSpec.from_json(dataclasses.asdict(spec)) == spec


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"lora": {"ranks": 8}}, r"spec\.lora\.ranks is no field"),
        ({"lora": {"rank": "eight"}}, r"spec\.lora\.rank must be of type int"),
        ({"lora": {"rank": True}}, r"spec\.lora\.rank must be of type int"),
        ({"lora": []}, r"spec\.lora must be an object"),
        ({"lora": {"targets": [1]}}, "list of strings"),
        ({"precision": "fp8"}, "bf16 or fp32"),
        ({"optimisation": {"learningRate": 2.0}}, "learningRate"),
        ({"optimisation": {"epochs": float("inf")}}, "epochs"),
        ({"evaluation": {"systems": ["oracle"]}}, "systems"),
        ({"evaluateOnly": True}, "needs a bundle"),
    ],
)
def test_a_wrong_field_is_named(value: Any, message: str) -> None:
    with pytest.raises(SpecInvalid, match=message):
        JobSpec.from_json(value)


def test_the_recipe_digest_ignores_paths_and_sees_settings() -> None:
    plain = JobSpec.from_json({"lora": {"rank": 8}})
    assert (
        JobSpec.from_json({"lora": {"rank": 8, "initAdapter": "/a"}, "outputDir": "/b"}).recipe_digest
        == plain.recipe_digest
    )
    assert JobSpec.from_json({"lora": {"rank": 9}}).recipe_digest != plain.recipe_digest


@pytest.mark.parametrize("path", RECIPES, ids=lambda p: p.stem)
def test_every_recipe_is_valid(path: Path) -> None:
    assert load_recipe(path)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("seed: 1\nlora:\n  rank: 8\n  rankk: 9\n", r":4: .*rankk is no field"),
        ("seed: 1\nloras: {}\n", r":2: loras is no field"),
        ("seed: 1\nlora:\n  rank: many\n", r":3: .*rank must be of type int"),
        ("seed: [1\n", r":2: "),
        ("- 1\n", r":1: a recipe is a mapping"),
    ],
)
def test_a_recipes_fault_is_named_with_its_line(tmp_path: Path, text: str, where: str) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(text)
    with pytest.raises(SpecInvalid, match=where):
        load_recipe(path)

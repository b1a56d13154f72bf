"""Rules of jobs and versions, bundles, and what is read of a job's files."""

import hashlib
import io
import json
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.training.adapters.recipes import RecipeFiles
from services.training.bundles import INFLUENCE, pack, read_bundle, unpack
from services.training.domain import versions as rules
from services.training.domain.jobs import StageRef, is_model, merged, stage_job_name
from services.training.domain.versions import Model
from services.training.errors import BundleInvalid, RecipeUnknown, ResultInvalid
from services.training.evaluations import is_right, read_evaluation
from services.training.results import ProgressFile, read_failure, read_finished

VERSIONS = st.sampled_from(["v1", "v2", "v3"])


@given(st.lists(VERSIONS, max_size=12))
def test_rolling_back_undoes_promotions(names):
    model, states = Model("m"), [""]
    for name in names:
        model = rules.promoted(model, name)
        states.append(model.live)
    assert model.live not in model.history
    assert len(set(model.history)) == len(model.history)
    while (back := rules.rolled_back(model)) is not None:
        assert back.live == model.history[-1]
        model = back
    assert model.history == ()


def test_a_revoked_version_is_neither_live_nor_ever_rolled_back_to():
    model = rules.promoted(rules.promoted(rules.promoted(Model("m"), "v1"), "v2"), "v3")
    assert rules.without(model, "v2").history == ("v1",)
    assert rules.without(model, "v3").live == ""
    assert rules.rolled_back(rules.without(model, "v3")).live == "v2"


def test_specifications_merge_by_section():
    under = {"lora": {"rank": 8, "alpha": 2}, "seed": 1}
    assert merged(under, {"lora": {"rank": 4}, "precision": "fp32"}) == {
        "lora": {"rank": 4, "alpha": 2},
        "seed": 1,
        "precision": "fp32",
    }
    assert under == {"lora": {"rank": 8, "alpha": 2}, "seed": 1}


def test_names():
    assert stage_job_name(StageRef("projects/p/runs/r", "train", 2)) == "projects/p/trainingJobs/r-2"
    assert is_model("projects/p/models/m")
    assert not is_model("projects/p/models/m/versions/v")


def bundle(folder, weights=b"weights", digest=None):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "adapter_model.safetensors").write_bytes(weights)
    (folder / "adapter_config.json").write_text("{}")
    recorded = digest or hashlib.sha256(weights).hexdigest()
    manifest = {"base_id": "b", "base_digest": "sha256:1", "adapter_digest": f"sha256:{recorded}"}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / INFLUENCE).mkdir(exist_ok=True)
    (folder / INFLUENCE / "index.bin").write_bytes(b"x")
    return folder


def test_a_bundle_packs_to_the_same_bytes_wherever_it_lies(tmp_path):
    first, second = bundle(tmp_path / "a"), bundle(tmp_path / "b")
    (second / "adapter_config.json").touch()
    packed = pack(first, leave_out=INFLUENCE)
    assert packed == pack(second, leave_out=INFLUENCE)
    assert packed != pack(first)
    unpack(packed, tmp_path / "c")
    assert sorted(path.name for path in (tmp_path / "c").iterdir()) == [
        "adapter_config.json",
        "adapter_model.safetensors",
        "manifest.json",
    ]
    assert read_bundle(tmp_path / "c").adapter_digest == hashlib.sha256(b"weights").hexdigest()


def test_weights_that_are_not_the_recorded_ones_are_refused(tmp_path):
    with pytest.raises(BundleInvalid, match="not the file"):
        read_bundle(bundle(tmp_path / "a", digest="0" * 64))


def archive(*members):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for info in members:
            tar.addfile(info, io.BytesIO(b"x" * info.size))
    return stream.getvalue()


def member(name, kind=tarfile.REGTYPE, link=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


@pytest.mark.parametrize(
    "data",
    [
        b"no tar at all",
        archive(member("../outside")),
        archive(member("link", tarfile.SYMTYPE, "/etc/passwd")),
        archive(member("device", tarfile.CHRTYPE)),
        archive(*[member(f"f{n}") for n in range(1001)]),
    ],
)
def test_hostile_archives_are_refused(tmp_path, data):
    with pytest.raises(BundleInvalid):
        unpack(data, tmp_path / "x")
    assert not (tmp_path / "outside").exists()


def test_recipes_are_read_by_name_and_never_by_path(tmp_path):
    (tmp_path / "small.yaml").write_text("lora:\n  rank: 4\n")
    recipes = RecipeFiles(tmp_path)
    assert recipes.read("small") == {"lora": {"rank": 4}}
    assert recipes.read("") == {}
    for name in ("large", "../small", "small.yaml"):
        with pytest.raises(RecipeUnknown) as error:
            recipes.read(name)
        assert "small" in error.value.message


def test_progress_is_read_as_it_grows_and_a_half_line_waits(tmp_path):
    path = tmp_path / "progress.jsonl"
    followed = ProgressFile(path)
    assert followed.read()[0] is None
    first = {"phase": "train", "step": 1, "total": 4, "loss": 2.5, "tokens_per_second": 90.0, "eta": 3.0}
    path.write_text(json.dumps(first) + "\n" + '{"phase": "train", "step": 2')
    progress, measures = followed.read()
    assert (progress.done, progress.total, progress.eta_seconds, measures.losses) == (1, 4, 3.0, (2.5,))
    with path.open("a") as file:
        file.write(', "total": 4, "loss": 2.0}\n{"phase": "evaluate", "fraction": 0.5}\n')
    progress, measures = followed.read()
    assert (progress.phase, progress.done, progress.total, measures.losses) == ("evaluate", 50, 100, (2.5, 2.0))


def test_a_result_of_another_attempt_is_not_taken(tmp_path):
    (tmp_path / "result.json").write_text('{"attempt": 1}')
    assert read_finished(tmp_path, 2) is None
    assert read_finished(tmp_path, 1).attempt == 1


def test_files_that_can_not_be_read_say_so(tmp_path):
    (tmp_path / "result.json").write_text("{")
    with pytest.raises(ResultInvalid):
        read_finished(tmp_path, 1)
    (tmp_path / "error.json").write_text("{}")
    assert read_failure(tmp_path).reason == "RESULT_INVALID"
    with pytest.raises(ResultInvalid):
        read_evaluation(b'{"answers": [{}], "figures": {}, "parity": []}')


def test_where_no_call_is_due_what_counts_is_that_none_was_made():
    due = {"kind": "tool", "messages": [{}, {"tool_calls": [{}]}]}
    idle = {"kind": "tool", "messages": [{}, {"content": "Hello."}]}
    assert is_right(idle, {"answer": "Hi.", "correct": False})
    assert not is_right(idle, {"answer": '<tool_call>{"name": "x"}</tool_call>', "correct": True})
    assert not is_right(due, {"answer": "Hi.", "correct": False})

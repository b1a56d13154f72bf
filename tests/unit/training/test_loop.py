import dataclasses
from pathlib import Path
from typing import Any

import pytest
import torch

from training.base import LocalBase
from training.checkpoint import TENSORS, FolderStore
from training.data import Rendered, read_examples, render
from training.errors import Cancelled, CheckpointCorrupt, LossNotFinite
from training.loop import Outcome, Run, StepReport, one_cycle, snapshot_steps, train
from training.lora import adapter_parameters
from training.model import add_lora, load_model
from training.spec import JobSpec, Optimisation


@pytest.fixture
def spec(spec_json: dict[str, Any]) -> JobSpec:
    return JobSpec.from_json(spec_json)


@pytest.fixture
def rendered(spec: JobSpec, tokenizer: Any) -> list[Rendered]:
    return [render(tokenizer, e, 999) for e in read_examples(Path(spec.dataset.train))]


class Trial:
    """A run on a fresh model that shares the folder of checkpoints with the trials before it."""

    def __init__(self, tiny: LocalBase, rendered: list[Rendered], spec: JobSpec, tmp_path: Path) -> None:
        self.tiny, self.rendered, self.spec, self.tmp_path = tiny, rendered, spec, tmp_path
        self.reports: list[StepReport] = []

    def __call__(self, store: str, stop_at: int = 0, spec: JobSpec | None = None) -> tuple[Outcome, torch.Tensor]:
        spec = spec or self.spec
        model = add_lora(load_model(self.tiny.path, "fp32"), spec.lora, spec.seed)
        self.reports = []
        run = Run(
            model,
            self.rendered,
            spec,
            FolderStore(self.tmp_path / store),
            self.tmp_path,
            self.reports.append,
            lambda: bool(stop_at) and self.reports[-1].step == stop_at,
        )
        outcome = train(run)
        return outcome, torch.cat([p.detach().flatten() for p in adapter_parameters(model).values()])


@pytest.fixture
def trial(tiny: LocalBase, rendered: list[Rendered], spec: JobSpec, tmp_path: Path) -> Trial:
    return Trial(tiny, rendered, spec, tmp_path)


def test_a_stopped_run_goes_on_to_the_same_adapter(trial: Trial) -> None:
    whole, adapter = trial("whole")
    with pytest.raises(Cancelled, match="after step 5"):
        trial("broken", stop_at=5)
    resumed, same = trial("broken")
    assert trial.reports[0].step == 6
    assert torch.equal(adapter, same)
    assert resumed.losses == whole.losses
    assert whole.losses[-1] < 0.7 * whole.losses[0]


def test_dropout_resumes_exactly_too(trial: Trial, spec: JobSpec) -> None:
    spec = dataclasses.replace(spec, lora=dataclasses.replace(spec.lora, dropout=0.3))
    _, adapter = trial("whole", spec=spec)
    with pytest.raises(Cancelled):
        trial("broken", stop_at=3, spec=spec)
    torch.rand(100)
    assert torch.equal(adapter, trial("broken", spec=spec)[1])


def test_a_finished_run_trains_no_further(trial: Trial) -> None:
    first, adapter = trial("whole")
    second, same = trial("whole")
    assert trial.reports == []
    assert (first.losses, [p.name for p in first.snapshots]) == (second.losses, [p.name for p in second.snapshots])
    assert torch.equal(adapter, same)


def test_a_changed_byte_in_a_checkpoint_is_found(trial: Trial, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        trial("store", stop_at=3)
    path = sorted((tmp_path / "store").iterdir())[-1] / TENSORS
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(CheckpointCorrupt, match="isn't the file"):
        trial("store")


def test_a_checkpoint_of_other_data_is_not_used(trial: Trial) -> None:
    with pytest.raises(Cancelled):
        trial("store", stop_at=3)
    trial.rendered = trial.rendered[:-1]
    with pytest.raises(CheckpointCorrupt, match="other data"):
        trial("store")


def test_a_loss_that_is_no_number_stops_the_run(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    from training import loop

    hidden = loop.completion_hidden
    monkeypatch.setattr(loop, "completion_hidden", lambda model, batch: hidden(model, batch) * float("nan"))
    with pytest.raises(LossNotFinite, match="step 1"):
        trial("store")


def test_training_stops_once_the_data_is_learnt(trial: Trial, spec: JobSpec) -> None:
    easy = dataclasses.replace(spec, optimisation=dataclasses.replace(spec.optimisation, stop_loss=100.0))
    outcome, _ = trial("easy", spec=easy)
    assert outcome.stopped_early
    assert 0 < outcome.steps < trial.reports[-1].total


def test_old_checkpoints_go_and_snapshots_stay(trial: Trial, tmp_path: Path) -> None:
    outcome, _ = trial("whole")
    assert len(list((tmp_path / "whole").glob("step-*"))) == 2
    total = trial.reports[-1].total
    assert [p.stem for p in outcome.snapshots] == [f"step-{round(total / 2):08d}", f"step-{total:08d}"]


def test_the_rate_rises_then_falls_to_nothing() -> None:
    o = Optimisation(learning_rate=1.0, warmup_fraction=0.2)
    rates = [one_cycle(step, 50, o) for step in range(50)]
    assert rates[9] == max(rates) == 1.0
    assert rates[:10] == sorted(rates[:10])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 0.01


def test_snapshots_never_include_the_untrained_state() -> None:
    assert snapshot_steps(100, 4) == {25, 50, 75}
    assert snapshot_steps(1, 4) == set()
    assert snapshot_steps(100, 1) == set()

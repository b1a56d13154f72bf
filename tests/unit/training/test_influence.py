import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from training import influence, influence_index
from training.base import LocalBase
from training.checkpoint import FolderStore
from training.data import Rendered, pack, read_examples, render
from training.errors import InfluenceIndexInvalid
from training.influence import build_index, query_features, whitening
from training.influence_index import read_index, score
from training.loop import Outcome, Run, train
from training.lora import adapter_parameters
from training.model import add_lora, completion_nll, load_model
from training.sketch import SKETCH
from training.spec import JobSpec

from .conftest import FACTS, WORDINGS, line, write_lines

SEED = 5


class Trained:
    """A tiny model that learnt the facts in two wordings each, with its index."""

    def __init__(self, tiny: LocalBase, tokenizer: Any, folder: Path) -> None:
        from training.bundle import write_bundle

        rows = [line(f"{k}-{w}", WORDINGS[w].format(k), v) for k, v in FACTS.items() for w in (0, 1)]
        rows += [line(f"noise-{i}", f"Name number {i}.", f"item {i * 7}") for i in range(24)]
        spec = {
            "optimisation": {"learningRate": 0.01, "epochs": 25, "batchTokens": 512},
            "seed": "1",
            "precision": "fp32",
        }
        spec |= {"lora": {"rank": 4}, "dataset": {"train": str(write_lines(folder / "t.jsonl", rows))}}
        self.spec, self.tokenizer, self.bundle = JobSpec.from_json(spec), tokenizer, folder / "bundle"
        self.rendered = [render(tokenizer, e, 999) for e in read_examples(folder / "t.jsonl")]
        self.model = add_lora(load_model(tiny.path, "fp32"), self.spec.lora, 1)
        store = FolderStore(folder / "store")
        self.outcome: Outcome = train(Run(self.model, self.rendered, self.spec, store, folder))
        write_bundle(self.bundle, self.model, tokenizer, tiny, self.spec, self.outcome.steps)
        self.index = self.build()

    def build(self) -> Path:
        return build_index(self.model, self.rendered, self.outcome.snapshots, self.bundle, SEED)

    def ask(self, question: str, answer: str, model: Any = None) -> np.ndarray[Any, Any]:
        messages = [{"role": "user", "content": question}]
        return query_features(model or self.model, self.tokenizer, self.bundle, messages, answer)


@pytest.fixture(scope="module")
def trained(tiny: LocalBase, tokenizer: Any, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return Trained(tiny, tokenizer, tmp_path_factory.mktemp("trained"))


def sketcher(trained: Trained) -> Any:
    return influence._sketcher(trained.model, trained.bundle, 1, SEED + 0)


def exact_gradients(trained: Trained, rendered: list[Rendered]) -> torch.Tensor:
    """Each example's gradient by plain autograd, scaled like the sketch's."""
    from safetensors.torch import load_file

    scales = load_file(trained.bundle / "influence" / "checkpoint-1.safetensors")
    parameters = adapter_parameters(trained.model)
    rows = []
    for r in rendered:
        grads = torch.autograd.grad(completion_nll(trained.model, pack([r])).mean(), list(parameters.values()))
        scaled = [g * scales[f"scale/{influence._short(n)}"] for n, g in zip(parameters, grads, strict=True)]
        rows.append(torch.cat([g.flatten() for g in scaled]))
    return torch.stack(rows)


def test_sketches_keep_the_inner_products_of_exact_gradients(trained: Trained) -> None:
    rendered = trained.rendered[:20]
    exact = exact_gradients(trained, rendered)
    (sketched,) = sketcher(trained).sketch(pack(rendered))
    assert sketched.shape == (20, SKETCH)
    wanted, found = exact @ exact.T, sketched @ sketched.T
    norms = wanted.diagonal().sqrt()
    error = (found - wanted) / (norms[:, None] * norms[None])
    # One entry a column in m places: the standard deviation of a cosine is about 1/√m, here 0.011.
    assert float(error.abs().max()) < 0.1
    assert float(error.square().mean().sqrt()) < 0.02


def test_a_packed_example_has_the_sketch_that_it_has_alone(trained: Trained) -> None:
    rendered = trained.rendered[:5]
    model = sketcher(trained)
    (together,) = model.sketch(pack(rendered))
    alone = torch.cat([model.sketch(pack([r]))[0] for r in rendered])
    torch.testing.assert_close(together, alone, rtol=1e-3, atol=1e-4 * float(alone.abs().max()))


def test_the_same_seed_writes_the_same_index(trained: Trained) -> None:
    before = {p.name: p.read_bytes() for p in trained.index.iterdir()}
    trained.build()
    assert {p.name: p.read_bytes() for p in trained.index.iterdir()} == before


def test_an_unseen_wording_leads_back_to_its_fact(trained: Trained) -> None:
    found = []
    for fact, answer in FACTS.items():
        ranked = [id for id, _ in score(trained.index, trained.ask(WORDINGS[2].format(fact), answer))]
        found += [f"{fact}-{w}" in ranked[:5] for w in (0, 1)]
    assert sum(found) / len(found) >= 0.85


def test_a_training_example_influences_itself_most(trained: Trained) -> None:
    index = read_index(trained.index)
    features = index.features_CNK.astype(np.float32) * index.scales_CN[:, :, None]
    for i in range(0, len(index.example_ids), 5):
        assert score(trained.index, features[:, i])[0][0] == index.example_ids[i]
    assert np.allclose(
        trained.ask(WORDINGS[0].format("K1"), FACTS["K1"]), features[:, 0], atol=0.02 * np.abs(features[:, 0]).max()
    )


def test_a_query_ignores_the_other_adapters_of_a_served_model(trained: Trained, tiny: LocalBase) -> None:
    from peft import PeftModel

    served = PeftModel.from_pretrained(load_model(tiny.path, "fp32"), trained.bundle, adapter_name="one")
    served.load_adapter(trained.bundle, adapter_name="two")
    served.set_adapter("two")
    with torch.no_grad():
        for name, p in served.named_parameters():
            if ".two." in name:
                p.add_(1.0)
    served.get_base_model().set_attn_implementation("sdpa")
    question = WORDINGS[2].format("K2")
    np.testing.assert_allclose(
        trained.ask(question, "230 MPa", served), trained.ask(question, "230 MPa"), rtol=1e-4, atol=1e-4
    )
    assert served.get_base_model().config._attn_implementation == "sdpa"


def test_whitening_makes_the_fisher_information_round() -> None:
    g = torch.Generator().manual_seed(0)
    gradients = torch.randn(40, 64, generator=g) @ torch.diag(torch.logspace(0, -2, 64))
    projection = torch.from_numpy(whitening(gradients, gradients, 40))
    z = gradients @ projection.T
    spread = torch.linalg.eigvalsh(z.T @ z / 40)
    assert float(spread.max()) < 1.0 + 1e-4
    assert float(spread.max() / spread.median()) < 8


def test_a_query_of_another_shape_is_refused(trained: Trained) -> None:
    with pytest.raises(InfluenceIndexInvalid, match="doesn't fit"):
        score(trained.index, np.zeros((1, 3), dtype=np.float32))


def test_a_damaged_index_is_refused(trained: Trained, tmp_path: Path) -> None:
    for path in trained.index.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    meta = tmp_path / "meta.json"
    meta.write_text(meta.read_text().replace('"dimensions": ', '"dimensions": 1'))
    with pytest.raises(InfluenceIndexInvalid, match="don't fit"):
        read_index(tmp_path)
    meta.unlink()
    with pytest.raises(InfluenceIndexInvalid):
        read_index(tmp_path)


def test_the_reader_needs_no_torch() -> None:
    code = "import sys, training.influence_index; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert influence_index.__file__

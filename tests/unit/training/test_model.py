from pathlib import Path
from typing import Any

import pytest
import torch

from training import model as model_module
from training.base import LocalBase
from training.data import Rendered, pack
from training.errors import BaseNotPackable, LoraTargetsUnmatched
from training.kernels import RmsNorm, fewer_passes
from training.lora import adapter_parameters, fused
from training.model import HeadDivergence, HeadLoss, PackLayout, add_lora, check_path, completion_nll, lora_targets
from training.spec import Lora


def samples(*lengths: int) -> list[Rendered]:
    g = torch.Generator().manual_seed(1)
    ids = [torch.randint(3, 300, (n,), generator=g).tolist() for n in lengths]
    return [Rendered(str(n), i[: n // 2], i[n // 2 :]) for n, i in zip(lengths, ids, strict=True)]


def tuned(model: Any, rank: int = 4) -> Any:
    peft_model = add_lora(model, Lora(rank=rank), seed=3)
    for name, p in peft_model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(p, std=0.05, generator=torch.Generator().manual_seed(len(name)))
    return peft_model


def gradients(model: Any, loss: torch.Tensor) -> torch.Tensor:
    return torch.cat([g.flatten() for g in torch.autograd.grad(loss, list(adapter_parameters(model).values()))])


def distance(found: torch.Tensor, wanted: torch.Tensor) -> float:
    return float((found - wanted).detach().norm() / wanted.detach().norm())


@pytest.mark.parametrize("dense_up_to", [0, 256])
def test_packed_gradients_are_those_of_the_examples_apart(
    model: Any, monkeypatch: pytest.MonkeyPatch, dense_up_to: int
) -> None:
    monkeypatch.setattr(model_module, "DENSE_ATTENTION_LENGTH", dense_up_to)
    peft_model, rendered = tuned(model), samples(9, 30, 17, 5)
    packed_nll = completion_nll(peft_model, pack(rendered, multiple=64))
    packed = gradients(peft_model, packed_nll.sum())
    base = peft_model.get_base_model()
    base.set_attn_implementation("eager")
    alone = sum(gradients(peft_model, model_module._own_nll(base, r).sum()) for r in rendered)
    assert distance(packed, alone) < 1e-5


def test_the_fused_layer_and_norm_give_pefts_values(model: Any) -> None:
    peft_model, batch = tuned(model), pack(samples(9, 30))
    plain_nll = completion_nll(peft_model, batch)
    plain = gradients(peft_model, plain_nll.sum())
    with fused(peft_model), fewer_passes(peft_model):
        quick_nll = completion_nll(peft_model, batch)
        quick = gradients(peft_model, quick_nll.sum())
    assert distance(quick_nll, plain_nll) < 1e-5
    assert distance(quick, plain) < 1e-5
    assert not any("forward" in vars(m) for m in peft_model.modules())


def test_rms_norm_matches_its_formula_in_double() -> None:
    torch.manual_seed(0)
    x, w, g = (torch.randn(5, 16, dtype=torch.float64) for _ in range(3))
    x.requires_grad_()
    expected = w[0] * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5)
    (wanted,) = torch.autograd.grad(expected, x, g)
    single = x.detach().float().requires_grad_()
    (found,) = torch.autograd.grad(RmsNorm.apply(single, w[0].float(), 1e-5), single, g.float())
    torch.testing.assert_close(found.double(), wanted, rtol=1e-5, atol=1e-6)


def test_the_head_in_chunks_is_cross_entropy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HeadLoss, "CHUNK", 3)
    torch.manual_seed(0)
    head, hidden, weights = torch.nn.Linear(8, 50, bias=False), torch.randn(7, 8, requires_grad=True), torch.rand(7)
    targets = torch.randint(0, 50, (7,))
    expected = torch.nn.functional.cross_entropy(head(hidden), targets, reduction="none")
    found = HeadLoss.apply(hidden, head, targets)
    torch.testing.assert_close(found, expected)
    wanted = torch.autograd.grad((expected * weights).sum(), hidden)
    torch.testing.assert_close(torch.autograd.grad((found * weights).sum(), hidden), wanted)


def test_the_divergence_in_chunks_is_kl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HeadLoss, "CHUNK", 3)
    torch.manual_seed(0)
    head, hidden, teacher = torch.nn.Linear(8, 50), torch.randn(7, 8, requires_grad=True), torch.randn(7, 8)
    log_q, log_p = (head(x).log_softmax(-1) for x in (hidden, teacher))
    expected = torch.nn.functional.kl_div(log_q, log_p, reduction="none", log_target=True).sum(-1)
    found = HeadDivergence.apply(hidden, head, teacher)
    torch.testing.assert_close(found, expected)
    wanted = torch.autograd.grad(expected.sum(), hidden)
    torch.testing.assert_close(torch.autograd.grad(found.sum(), hidden), wanted)


def test_the_grid_round_trip_is_exact() -> None:
    layout = PackLayout([3, 1, 9])
    x = torch.randn(13, 4, requires_grad=True)
    back = layout.from_grid(layout.to_grid(x))
    assert torch.equal(back, x)
    (gradient,) = torch.autograd.grad(back.sum(), x)
    assert torch.equal(gradient, torch.ones_like(x))


def test_the_same_seed_builds_the_same_adapter(tiny: LocalBase) -> None:
    first, second, other = (
        torch.cat([p.flatten() for p in adapter_parameters(add_lora(load(tiny), Lora(rank=4), seed)).values()])
        for seed in (1, 1, 2)
    )
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


def load(tiny: LocalBase) -> Any:
    return model_module.load_model(tiny.path, "fp32")


def test_targets_and_layers_choose_modules(model: Any) -> None:
    assert lora_targets(model, Lora(targets=("o_proj",), first_layer=1)) == ["model.layers.1.self_attn.o_proj"]
    assert not any("lm_head" in name for name in lora_targets(model, Lora()))
    with pytest.raises(LoraTargetsUnmatched, match=r"'wq'.*qkv_proj"):
        lora_targets(model, Lora(targets=("wq",)))
    with pytest.raises(LoraTargetsUnmatched, match="layer 2"):
        lora_targets(model, Lora(first_layer=2))


def test_a_path_that_differs_from_the_models_own_is_refused(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    check_path(model, samples(9, 30))
    monkeypatch.setattr(model_module, "_dense", lambda q, k, v, scale, future: v.repeat_interleave(2, 1))
    with pytest.raises(BaseNotPackable, match="differs"):
        check_path(model, samples(9, 30))


def test_a_window_shorter_than_an_example_is_refused(model: Any, tmp_path: Path) -> None:
    for layer in model.model.layers:
        layer.self_attn.config.sliding_window = 8
    with pytest.raises(BaseNotPackable, match="window"):
        completion_nll(model, pack(samples(30)))

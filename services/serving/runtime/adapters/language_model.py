"""The model in torch: one base, peft adapters on it, a key-value cache per answer.

Prompts are rendered by the trainer's own functions, so that what is served is what was trained.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from jinja2.exceptions import TemplateError
from peft import PeftModel
from safetensors import SafetensorError
from transformers import AttentionInterface, AutoModelForCausalLM

from services.serving.domain import plain_digest
from services.serving.runtime.domain import Choice, Json, Sampling
from services.serving.runtime.errors import (
    AdapterBaseMismatch,
    AdapterInvalid,
    AdapterNotLoaded,
    InfluenceIndexMissing,
    PromptUnrenderable,
)
from training.base import LocalBase, load_tokenizer, resolve_base
from training.bundle import check_bundle
from training.data import Rendered, encode, render_prompt
from training.errors import AdapterBaseMismatch as BundleOfAnotherBase
from training.errors import BundleInvalid, InfluenceIndexInvalid, TemplateUnstable
from training.influence import features_of
from training.lora import lora_layers
from training.model import DTYPES, PACKED_ATTENTION, context_length, packed_attention

Forward = Callable[..., torch.Tensor]


class TorchTokens:
    """The base's tokenizer and chat template."""

    def __init__(self, tokenizer: Any, end_ids: frozenset[int], context: int) -> None:
        self._tokenizer = tokenizer
        self._end_ids, self._context = end_ids, context
        self._bytes = _byte_alphabet()

    def render(self, messages: Sequence[Json], tools: Sequence[Json]) -> list[int]:
        try:
            text = render_prompt(self._tokenizer, [dict(m) for m in messages], [dict(t) for t in tools])
        except (TemplateError, TemplateUnstable, TypeError) as error:
            raise PromptUnrenderable(f"the chat template refuses the messages: {error}") from error
        return encode(self._tokenizer, text)

    def encode(self, text: str) -> list[int]:
        return encode(self._tokenizer, text)

    def decode(self, ids: Sequence[int]) -> str:
        text: str = self._tokenizer.decode(list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text

    def raw(self, id_: int) -> bytes:
        token: str | None = self._tokenizer.convert_ids_to_tokens(id_)
        if token is None:  # a head may be wider than its vocabulary
            return b""
        if id_ in self._tokenizer.all_special_ids or not all(letter in self._bytes for letter in token):
            return str(self._tokenizer.decode([id_], clean_up_tokenization_spaces=False)).encode()
        return bytes(self._bytes[letter] for letter in token)

    @property
    def end_ids(self) -> frozenset[int]:
        return self._end_ids | {self._tokenizer.eos_token_id}

    @property
    def end_id(self) -> int:
        return int(self._tokenizer.eos_token_id)

    @property
    def context_length(self) -> int:
        return self._context


def _byte_alphabet() -> dict[str, int]:
    """The letters that byte-level BPE writes bytes with (GPT-2): printable Latin-1 as it is, the rest from U+0100."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest = [byte for byte in range(256) if byte not in set(printable)]
    return {chr(byte): byte for byte in printable} | {chr(0x100 + n): byte for n, byte in enumerate(rest)}


class TorchModel:
    """The base in eval mode with its adapters. Not thread-safe: the engine's thread owns it."""

    def __init__(self, base: LocalBase, tokenizer: Any, precision: str, device: str) -> None:
        self._template_digest = hashlib.sha256(tokenizer.chat_template.encode()).hexdigest()
        self._base, self._dtype, self._device = base, precision, device
        # Influence features go through the trainer's attention, on a copy of the module tree.
        AttentionInterface.register(PACKED_ATTENTION, packed_attention)
        net = AutoModelForCausalLM.from_pretrained(base.path, dtype=DTYPES[precision])
        self._net: Any = net.to(device).requires_grad_(False).eval()
        self._peft: PeftModel | None = None
        self._layers: dict[str, Any] = {}
        self._forwards: dict[str, dict[str, Forward]] = {}
        self._selected = ""

    @property
    def base(self) -> str:
        return self._base.id

    @property
    def base_digest(self) -> str:
        return self._base.digest

    @property
    def dtype(self) -> str:
        return self._dtype

    @property
    def end_ids(self) -> frozenset[int]:
        ids = self._net.generation_config.eos_token_id
        return frozenset(ids if isinstance(ids, list) else [] if ids is None else [ids])

    @property
    def context_length(self) -> int:
        return context_length(self._net)

    def load(self, digest: str, folder: Path) -> None:
        self._check(folder)
        name = _name(digest)
        try:
            if self._peft is None:
                self._peft = PeftModel.from_pretrained(self._net, str(folder), adapter_name=name)
            else:
                self._peft.load_adapter(str(folder), adapter_name=name)
            self._layers = lora_layers(self._net)
            self._forwards[digest] = _forwards(self._net, self._layers, name)
        except (ValueError, KeyError, TypeError, RuntimeError, OSError, SafetensorError) as error:
            self._forget(name)
            raise AdapterInvalid(f"peft refuses the adapter: {error}", adapter_digest=digest) from error
        self._peft.eval()
        self._go_through("")

    def _forget(self, name: str) -> None:
        if self._peft is not None and name in self._peft.peft_config:
            self._peft.delete_adapter(name)
        self._layers = lora_layers(self._net)
        self._go_through("")

    def _check(self, folder: Path) -> None:
        """Whatever the registry says: the bundle itself names its base and the template that it was trained with."""
        try:
            manifest = check_bundle(folder, self._base)
        except BundleOfAnotherBase as error:
            raise AdapterBaseMismatch(str(error)) from error
        except BundleInvalid as error:
            raise AdapterInvalid(str(error)) from error
        if plain_digest(manifest.chat_template_digest) != self._template_digest:
            raise AdapterInvalid("the adapter was trained with another chat template than this server renders")

    def unload(self, digest: str) -> None:
        del self._forwards[digest]
        self._forget(_name(digest))

    def loaded(self) -> frozenset[str]:
        return frozenset(self._forwards)

    def begin(self, adapter: str, prompt_ids: Sequence[int], sampling: Sampling, forced: Sequence[int]) -> TorchCursor:
        self._known(adapter)
        return TorchCursor(self, adapter, list(prompt_ids), sampling, list(forced))

    @torch.inference_mode()
    def score(self, adapter: str, prompt_ids: Sequence[int], ids: Sequence[int]) -> list[float]:
        if not ids:
            return []
        self.select(adapter)
        whole = torch.tensor([[*prompt_ids, *ids]], device=self._device)
        logits = self._net(input_ids=whole, use_cache=False, logits_to_keep=len(ids) + 1).logits[0, :-1]
        picked = logits.float().log_softmax(-1).gather(1, whole[0, -len(ids) :, None])
        return [float(value) for value in picked[:, 0]]

    def features(self, bundle: Path, prompt_ids: Sequence[int], completion_ids: Sequence[int]) -> list[list[float]]:
        answer = Rendered("answer", list(prompt_ids), list(completion_ids))
        try:
            rows: list[list[float]] = features_of(self._net, bundle, answer).tolist()
        except InfluenceIndexInvalid as error:
            raise InfluenceIndexMissing(f"the influence index can't be read: {error}") from error
        return rows

    def forward(self, adapter: str, ids: list[int], cache: Any) -> tuple[torch.Tensor, Any]:
        """Reads `ids` after what the cache holds; the next token's logits [vocabulary] in fp32, and the cache."""
        self.select(adapter)
        out = self._net(
            input_ids=torch.tensor([ids], device=self._device), past_key_values=cache, use_cache=True, logits_to_keep=1
        )
        return out.logits[0, -1].float(), out.past_key_values

    def select(self, adapter: str) -> None:
        """Makes an adapter, or with an empty digest the plain base, the one that the next forward goes through."""
        self._known(adapter)
        if adapter != self._selected:
            self._go_through(adapter)

    def _go_through(self, adapter: str) -> None:
        chosen = self._forwards.get(adapter, {})
        for path, layer in self._layers.items():
            layer.forward = chosen.get(path, layer.base_layer.forward)
        self._selected = adapter

    def _known(self, adapter: str) -> None:
        if adapter and adapter not in self._forwards:
            raise AdapterNotLoaded("the adapter left the server; ask again", adapter_digest=adapter)


class TorchCursor:
    """One answer: its cache, what it has yet to read, and its own random numbers."""

    def __init__(
        self, model: TorchModel, adapter: str, prompt_ids: list[int], sampling: Sampling, forced: list[int]
    ) -> None:
        self._model, self._adapter, self._sampling = model, adapter, sampling
        self._unread, self._forced = prompt_ids, forced
        self._cache: Any = None
        self._random = torch.Generator()
        if sampling.seed is None:
            self._random.seed()
        else:
            self._random.manual_seed(sampling.seed)

    @torch.inference_mode()
    def next(self) -> Choice:
        logits, self._cache = self._model.forward(self._adapter, self._unread, self._cache)
        log_p = logits.log_softmax(-1)
        chosen = self._forced.pop(0) if self._forced else self._choose(logits)
        self._unread = [chosen]
        return Choice(chosen, float(log_p[chosen]), self._top(log_p))

    def _choose(self, logits: torch.Tensor) -> int:
        if self._sampling.temperature == 0:
            return int(logits.argmax())
        p, order = (logits / self._sampling.temperature).softmax(-1).cpu().sort(descending=True, stable=True)
        # The likeliest tokens whose mass before them is under top_p: at least one always stays.
        p[p.cumsum(-1) - p >= self._sampling.top_p] = 0
        return int(order[torch.multinomial(p, 1, generator=self._random)])

    def _top(self, log_p: torch.Tensor) -> tuple[tuple[int, float], ...]:
        if not self._sampling.top_logprobs:
            return ()
        values, ids = log_p.topk(self._sampling.top_logprobs)
        return tuple(zip(ids.tolist(), values.tolist(), strict=True))


def _forwards(net: Any, layers: dict[str, Any], name: str) -> dict[str, Forward]:
    """An adapter's layers by module path, each with the very operations that the trainer generates with.

    peft's own forward works in fp32 and spends more time on choosing than on computing. Raises ValueError where the
    adapter is more than A and B beside linear layers.
    """
    chosen = {path: layer for path, layer in layers.items() if name in layer.lora_A}
    parameters = sum(f".{name}." in f".{path}." for path, _ in net.named_parameters())
    if not chosen or parameters != 2 * len(chosen):
        raise ValueError("only plain LoRA on linear layers is served")
    return {path: _forward(layer, name, net.dtype) for path, layer in chosen.items()}


def _forward(layer: Any, name: str, dtype: torch.dtype) -> Forward:
    """y = x Wᵀ + b + (x Aᵀ)(s B)ᵀ in the base's precision; training.lora.LoraLinear does the same."""
    base = layer.base_layer
    a_IR = layer.lora_A[name].weight.detach().to(dtype).t()
    b_RO = (layer.lora_B[name].weight.detach() * layer.scaling[name]).to(dtype).t()

    def forward(x: torch.Tensor, *_: Any, **__: Any) -> torch.Tensor:
        x_TI = x.flatten(0, -2)
        y_TO = torch.addmm(F.linear(x_TI, base.weight, base.bias), x_TI @ a_IR, b_RO)
        return y_TO.view(*x.shape[:-1], -1)

    return forward


def _name(digest: str) -> str:
    """peft's name of an adapter; module names can't hold dots, and `lora_` is peft's own prefix."""
    return "x" + digest.removeprefix("sha256:")[:32]


def open_model(
    base_id: str, cache_dir: Path, precision: str, device: str, threads: int
) -> tuple[TorchModel, TorchTokens]:
    """Loads the base (converting an embedded one the first time, which takes seconds)."""
    if threads:
        torch.set_num_threads(threads)
    base = resolve_base(base_id, cache_dir)
    tokenizer = load_tokenizer(base.path)
    model = TorchModel(base, tokenizer, precision, device)
    return model, TorchTokens(tokenizer, model.end_ids, model.context_length)

"""A two-layer Phi-3 with fixed random weights and a small tokenizer: everything the tests need, in milliseconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from training.files import digest_json

VOCABULARY = 320
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>"]
# With the usual 0.02 a frozen head can't give a confident answer: a hidden state has norm √64 after the last
# RMSNorm, so its largest logit would be 64 · 0.02. At 0.25 LoRA alone can learn facts.
CONFIG: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 2048,
    "original_max_position_embeddings": 2048,
    "initializer_range": 0.25,
    "tie_word_embeddings": False,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
# Pairs merged in this order after the 256 bytes: the commonest of English and of units.
MERGES = (
    "Ġ t,Ġ a,h e,i n,r e,Ġt he,o n,e r,a t,e n,i s,o r,Ġ o,Ġo f,Ġ s,e s,a l,Ġ w,Ġ m,e d,i t,Ġ f,Ġ p,i c,a r,"
    "Ġ M,P a,ĠM Pa,Ġ k,Ġ c,Ġ is,h at,W hat,in g,Ġ d,Ġ b,Ġ i,Ġi n,a s,o t,e l,u re,ic h,Ġ r,Ġ l,s t,st r,Ġ re,i on"
)
SEED = 20260101
RECIPE_DIGEST = digest_json([CONFIG, SPECIAL, MERGES, SEED])


def build_tiny_phi3(folder: Path, chat_template: str) -> None:
    """Writes model, tokenizer and chat template into `folder`; the same bytes every time."""
    import torch
    from transformers import GenerationConfig, Phi3Config, Phi3ForCausalLM

    from training.base import save_model

    _tokenizer(chat_template).save_pretrained(folder)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        model = Phi3ForCausalLM(Phi3Config(**CONFIG))
    model.generation_config = GenerationConfig(bos_token_id=1, eos_token_id=2, pad_token_id=0)
    save_model(model, folder)


def _tokenizer(chat_template: str) -> Any:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    merges = [(left, right) for left, right in (pair.strip().split(" ") for pair in MERGES.split(","))]
    tokens = [*SPECIAL, *sorted(pre_tokenizers.ByteLevel.alphabet()), *(a + b for a, b in merges)]
    vocabulary = {token: i for i, token in enumerate(dict.fromkeys(tokens))}
    core = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    core.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL[:3]])
    core.add_tokens([AddedToken(token, special=False, normalized=False) for token in SPECIAL[3:]])
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        eos_token=SPECIAL[2],
        bos_token=SPECIAL[1],
        pad_token=SPECIAL[0],
        model_max_length=2048,
        chat_template=chat_template,
        padding_side="left",
    )

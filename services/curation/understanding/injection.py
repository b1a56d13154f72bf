"""Text in a document that gives orders to a model: found before it can reach one."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.curation.domain.passages import Chunk, Quote, Source
from services.curation.understanding.sentences import Sentence, split

THRESHOLD = 2
# (weight, what it shows, pattern). A weight of 2 is enough by itself.
_SIGNS: Sequence[tuple[int, str, re.Pattern[str]]] = tuple(
    (weight, label, re.compile(pattern, re.IGNORECASE))
    for weight, label, pattern in (
        (2, "tells a reader to ignore its instructions", 
            r"\b(?:ignore|disregard|forget|override|bypass)\b[^.]{0,30}\b(?:previous|prior|earlier|above"
            r"|preceding|all|any|your|system|the)\b[^.]{0,30}\b(?:instructions?|prompts?|rules|guidelines"
            r"|directions|training|safety)\b"
        ),
        (1, "addresses an assistant", 
            r"\b(?:note|message|instructions?|attention|reminder|dear|hello|hey|to)\b[^.]{0,25}\b(?:automated|AI"
            r"|artificial intelligence|language model|LLM|chatbot|assistants?|copilot|agents?(?= reading)|GPT"
            r"|Claude|Gemini)\b"
        ),
        (1, "addresses an assistant", 
            r"\b(?:if|when|as)\s+(?:you\s+are|you're|an?)\s+(?:an?\s+)?(?:AI|LLM|language model|assistant"
            r"|automated (?:agent|system|assistant)|chatbot)\b"
        ),
        (2, "assigns a role to a model", 
            r"\byou are (?:now|no longer)\b[^.]{0,40}\b(?:AI|assistant|model|bot|DAN|developer mode|unrestricted"
            r"|jailbroken)\b|\bpretend (?:to be|you are)\b[^.]{0,30}\b(?:AI|assistant|model|system)\b"
        ),
        (1, "orders a tool call", 
            r"\b(?:call|invoke|use|run|execute|trigger)\s+(?:the\s+)?(?:tool|function|api|plugin|command"
            r"|endpoint)\b"
        ),
        (1, "orders a tool call", r"\b(?:call|invoke|execute|run)\s+[a-z]+(?:_[a-z]+)+\b"),
        (1, "orders secrecy", 
            r"\b(?:do not|don't|never|without)\s+(?:tell|telling|inform|informing|mention|mentioning|reveal"
            r"|revealing|alert|alerting|notify|notifying)\b[^.]{0,30}\b(?:the\s+)?(?:user|human|operator|anyone"
            r"|person)\b"
        ),
        (1, "orders that data be sent away", 
            r"\b(?:send|forward|upload|post|e-?mail|exfiltrate|transmit)\b[^.]{0,60}(?:\bto\b\s+\S+@\S+"
            r"|https?://)"
        ),
        (2, "imitates a prompt's markup", 
            r"<\|(?:im_start|im_end|system|assistant|user|endoftext)\|>|\[/?INST\]|<<SYS>>|^\s*#{2,}\s*(?:system"
            r"|assistant)\s*(?:prompt|message)?\s*:"
        ),
        (1, "asks for the prompt", 
            r"\b(?:reveal|print|repeat|output|show|leak)\b[^.]{0,30}\b(?:system prompt|hidden prompt"
            r"|initial instructions|your instructions)\b"
        ),
        (1, "steers the answer", 
            r"\b(?:always|only)\s+(?:answer|respond|reply|say)\b[^.]{0,30}\b(?:with|that)\b|\b(?:respond|answer"
            r"|reply)\s+only\s+(?:with|that)\b"
        ),
    )
)  # fmt: skip
# Text about such attacks quotes them; a person decides there, with the opposite suggestion.
_ABOUT = re.compile(
    r"\b(?:prompt[- ]injection|jailbreak|attack(?:er|s)?|adversarial|example of|such as|red[- ]team|malicious)\b",
    re.IGNORECASE,
)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


@dataclass(frozen=True)
class Injection:
    quote: Quote
    reasons: tuple[str, ...]
    confidence: float
    is_about: bool
    """The passage seems to write about such text rather than to be it."""


def find(source: Source) -> Iterator[Injection]:
    """Runs of sentences that give orders, one entry a run."""
    for chunk in source.chunks:
        run: list[tuple[Sentence, list[tuple[int, str]]]] = []
        for sentence in [*split(chunk.text), None]:
            signs = _signs(sentence.text) if sentence else []
            if signs and sentence:
                run.append((sentence, signs))
                continue
            if run:
                yield from _entry(source, chunk, run)
            run = []


def _signs(text: str) -> list[tuple[int, str]]:
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return [(weight, label) for weight, label, pattern in _SIGNS if pattern.search(plain)]


def _entry(source: Source, chunk: Chunk, run: list[tuple[Sentence, list[tuple[int, str]]]]) -> Iterator[Injection]:
    found = {sign for _, signs in run for sign in signs}
    score = sum(weight for weight, _ in found)
    if score < THRESHOLD:
        return
    start, end = run[0][0].start, run[-1][0].end
    about = bool(_ABOUT.search(chunk.text))
    reasons = tuple(sorted({label for _, label in found}))
    yield Injection(
        source.quote(chunk, start, end), reasons, round(min(0.99, 0.5 + 0.15 * score - 0.2 * about), 2), about
    )

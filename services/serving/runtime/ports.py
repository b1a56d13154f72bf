"""What the model server needs of the outside."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from services.serving.domain import AdapterSpec, Completion
from services.serving.runtime.domain import Choice, Json, Sampling


class Tokens(Protocol):
    """Text to token ids and back; may be used from any thread."""

    def render(self, messages: Sequence[Json], tools: Sequence[Json]) -> list[int]:
        """Ids of the prompt before an answer. Raises PromptUnrenderable."""
        ...

    def encode(self, text: str) -> list[int]: ...

    def decode(self, ids: Sequence[int]) -> str:
        """Text without special tokens; bytes that are no UTF-8 become U+FFFD."""
        ...

    def raw(self, id_: int) -> bytes:
        """The bytes that a token stands for."""
        ...

    @property
    def end_ids(self) -> frozenset[int]:
        """Tokens that end an answer."""
        ...

    @property
    def end_id(self) -> int:
        """The one that training put at the end of each completion."""
        ...

    @property
    def context_length(self) -> int:
        """Longest prompt and answer together, in tokens."""
        ...


class Cursor(Protocol):
    """An answer in the making; used by the engine's thread only."""

    def next(self) -> Choice:
        """Chooses the next token and reads it in."""
        ...


class LanguageModel(Protocol):
    """A base with adapters on it; used by the engine's thread only, apart from its constant properties."""

    @property
    def base(self) -> str: ...
    @property
    def base_digest(self) -> str: ...
    @property
    def dtype(self) -> str: ...

    def load(self, digest: str, folder: Path) -> None:
        """Puts an adapter on the base. Raises AdapterInvalid."""
        ...

    def unload(self, digest: str) -> None: ...

    def loaded(self) -> frozenset[str]: ...

    def begin(self, adapter: str, prompt_ids: Sequence[int], sampling: Sampling, forced: Sequence[int]) -> Cursor:
        """Raises AdapterNotLoaded."""
        ...

    def score(self, adapter: str, prompt_ids: Sequence[int], ids: Sequence[int]) -> list[float]:
        """Natural-log probability of each of `ids` after the prompt. Raises AdapterNotLoaded."""
        ...

    def features(self, bundle: Path, prompt_ids: Sequence[int], completion_ids: Sequence[int]) -> list[list[float]]:
        """An answer's features [checkpoints, dimensions] in the influence index of an adapter's folder.

        May be called from any thread while no adapter is loaded or unloaded. Raises InfluenceIndexMissing.
        """
        ...


class AdapterFiles(Protocol):
    """Adapters as folders on this machine."""

    def fetch(self, spec: AdapterSpec) -> Path:
        """The adapter's folder, unpacked and checked. Raises AdapterInvalid, Unavailable."""
        ...

    def fetch_influence(self, spec: AdapterSpec) -> Path:
        """The adapter's folder with its influence index in it. Raises what `fetch` does, InfluenceIndexMissing."""
        ...


class CompletionLog(Protocol):
    """Where answers are written down."""

    def record(self, completion_id: str, project: str, completion: Completion) -> None:
        """Durable when it returns. Raises CompletionNotRecorded."""
        ...

"""The built-in generator: frames over extracted claims."""

import hashlib
from collections.abc import Sequence

from services.synthesis.domain import wordings
from services.synthesis.domain.briefs import Brief, Draft, by_rules

VERSION = 1


class RuleGenerator:
    """Writes by rules and paraphrase frames; needs no model and no network."""

    @property
    def version(self) -> str:
        frames = [
            *wordings.TRAIN_COMMON,
            *wordings.HELDOUT,
            *(frame for kind in sorted(wordings.TRAIN) for frame in wordings.TRAIN[kind]),
            *wordings.YES_NO_TRAIN,
            *wordings.YES_NO_HELDOUT,
            *wordings.DEFINITION_TRAIN,
            *wordings.DEFINITION_HELDOUT,
        ]
        return f"rules/{VERSION}.{hashlib.sha256(chr(10).join(frames).encode()).hexdigest()[:8]}"

    def write(self, brief: Brief) -> Sequence[Draft]:
        return by_rules(brief)

"""A firm's way through the rounds of a federation. Standard library only."""

from dataclasses import dataclass, replace
from enum import StrEnum


class Phase(StrEnum):
    """What is done in the round under way; each phase is written down before the next begins."""

    STARTED = "STARTED"
    TRAINED = "TRAINED"
    SUBMITTED = "SUBMITTED"
    DONE = "DONE"


@dataclass(frozen=True)
class Journal:
    """How far the firm is. `update` is a file of the firm's folder, `digest` its SHA-256."""

    round: str = ""
    index: int = 0
    phase: Phase = Phase.DONE
    update: str = ""
    digest: str = ""
    examples: int = 0
    attempt: int = 0
    finished: bool = False
    outcome: str = ""


def begin(journal: Journal, round_name: str, index: int) -> Journal:
    """The journal at the start of a round, or as it was where that round is already under way."""
    if journal.round == round_name:
        return journal
    return Journal(round=round_name, index=index, phase=Phase.STARTED)


def trained(journal: Journal, update: str, digest: str, examples: int) -> Journal:
    return replace(journal, phase=Phase.TRAINED, update=update, digest=digest, examples=examples)


def statement(verb: str, tenant: str, *parts: object) -> bytes:
    """What the firm signs: the verb, the coordinator's tenant and what the request names, a line each."""
    return "\n".join(["whetstone-federation/1", verb, tenant, *map(str, parts)]).encode()

"""One firm's part in a federation: join, and per round train, submit, check, evaluate, report."""

import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from services.chassis import telemetry
from services.participant import domain
from services.participant.domain import Journal, Phase
from services.participant.ports import Coordinator, Dataset, FederationInfo, LocalData, OpenRound, Trainer

log = logging.getLogger(__name__)
ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")


class Participation:
    def __init__(self, folder: Path, coordinator: Coordinator, data: LocalData, trainer: Trainer) -> None:
        self._folder, self._coordinator, self._data, self._trainer = folder, coordinator, data, trainer
        self._journal_file = folder / "journal.json"

    def run(self, is_stopping: Callable[[], bool]) -> str:
        """Takes part until the federation ends or a stop is asked for; returns the federation's last state.

        A killed participant goes on where its journal says: what was trained is not trained again.
        """
        info = self._coordinator.join()
        data = self._data.load()
        while not is_stopping():
            journal = self.journal()
            done = journal.index if journal.phase is Phase.DONE else max(journal.index - 1, 0)
            if journal.phase is Phase.SUBMITTED:
                self._finish_round(journal, info, data)
                continue
            info, round_ = self._coordinator.await_round(done)
            if round_ is not None:
                self._work(round_, info, data)
            elif info.state in ENDED:
                self._write(replace(journal, finished=True, outcome=info.state))
                return info.state
        return info.state

    def journal(self) -> Journal:
        if not self._journal_file.exists():
            return Journal()
        values = json.loads(self._journal_file.read_text(encoding="utf-8"))
        return Journal(**(values | {"phase": Phase(values["phase"])}))

    def _work(self, round_: OpenRound, info: FederationInfo, data: Dataset) -> None:
        journal = domain.begin(self.journal(), round_.name, round_.index)
        with telemetry.span("participant round", round=round_.name, phase=journal.phase.value):
            if journal.phase is Phase.STARTED:
                journal = self._train(journal, info, data)
            update = (self._folder / journal.update).read_bytes()
            self._coordinator.submit(round_.name, journal.digest, journal.examples, update)
            self._write(replace(journal, phase=Phase.SUBMITTED))

    def _train(self, journal: Journal, info: FederationInfo, data: Dataset) -> Journal:
        journal = replace(journal, attempt=journal.attempt + 1)
        self._write(journal)
        start = self._coordinator.adapter(journal.round)
        update = self._trainer.train(f"round-{journal.index:04d}", journal.attempt, start, info, data)
        path = self._folder / f"update-{journal.index:04d}.safetensors"
        _write_whole(path, update)
        after = domain.trained(journal, path.name, hashlib.sha256(update).hexdigest(), data.examples)
        self._write(after)
        return after

    def _finish_round(self, journal: Journal, info: FederationInfo, data: Dataset) -> None:
        if not self._coordinator.is_complete(journal.round, journal.index):
            return
        shared = self._coordinator.adapter(journal.round)
        _write_whole(self._folder / f"global-{journal.index:04d}.safetensors", shared)
        if journal.index == info.rounds:
            self._compare(journal, shared, info, data)
        self._write(replace(journal, phase=Phase.DONE))

    def _compare(self, journal: Journal, shared: bytes, info: FederationInfo, data: Dataset) -> None:
        """How the firm's own last update and the last global adapter do on its own held-out questions."""
        mine = (self._folder / journal.update).read_bytes()
        local = self._trainer.evaluate(f"local-{journal.index:04d}", mine, info, data)
        other = self._trainer.evaluate(f"global-{journal.index:04d}", shared, info, data)
        self._coordinator.report(journal.round, local, other)
        log.info("round done", extra={"round": journal.round, "local": local.correct, "global": other.correct})

    def _write(self, journal: Journal) -> None:
        _write_whole(self._journal_file, json.dumps(asdict(journal)).encode())


def _write_whole(path: Path, data: bytes) -> None:
    """Replaces a file at once, so that a crash leaves the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_bytes(data)
    temporary.replace(path)

"""The journal: what ended is not done again, what was cut off is, and a run that is lost is left alone."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.agents.adapters.records import Runs, Steps
from services.agents.domain.runs import Decider, Done, Kind, Run, RunState
from services.agents.handlers.journal import Journal, Stopped
from services.chassis.store import Store, migrate, open_store

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RUN = Run("projects/p/agentRuns/r", RunState.RUNNING, "t", "m", "p", {}, "user:e", NOW, NOW, worker="w", attempts=3)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = open_store("", tmp_path, "agents")
    migrate(store, "services.agents.migrations")
    with store.begin() as tx:
        Runs().put(tx, "acme", RUN)
    return store


def journal(store: Store) -> Journal:
    return Journal(store, Runs(), Steps(), "acme", RUN, 60, lambda: NOW)


def step(found: Journal, key: str, work: Any) -> Done:
    return found.step(key, Kind.TOOL, "title", Decider.HARNESS, work)


def test_a_step_that_ended_gives_what_it_came_to(store: Store) -> None:
    first = step(journal(store), "a", lambda: Done({"n": [1, None, "x"]}, tool_call="c"))
    again = step(journal(store), "a", lambda: pytest.fail("done twice"))
    assert first == again == Done({"n": [1, None, "x"]}, tool_call="c")


def test_a_step_that_was_cut_off_is_written_and_done_again(store: Store) -> None:
    def die() -> Done:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        step(journal(store), "a", die)
    assert [(s.key, s.done) for s in journal(store).steps()] == [("a", None)]
    assert step(journal(store), "a", lambda: Done(1)) == Done(1)
    step(journal(store), "b", lambda: Done(2))
    assert [(s.key, s.index) for s in journal(store).steps()] == [("a", 0), ("b", 1)]


def test_an_ended_step_clears_the_count_of_attempts(store: Store) -> None:
    step(journal(store), "a", Done)
    with store.read() as tx:
        assert Runs().get(tx, "acme", RUN.name).attempts == 0


@pytest.mark.parametrize("change", [{"state": RunState.CANCELLED}, {"worker": "another"}])
def test_a_run_that_is_no_longer_ours_takes_no_step(store: Store, change: dict[str, Any]) -> None:
    with store.begin() as tx:
        Runs().put(tx, "acme", replace(RUN, **change))
    with pytest.raises(Stopped):
        step(journal(store), "a", lambda: pytest.fail("worked on a lost run"))
    assert not journal(store).steps()


def test_what_a_cancelled_run_did_last_is_not_written(store: Store) -> None:
    def cancelled() -> Done:
        with store.begin() as tx:
            Runs().put(tx, "acme", replace(RUN, state=RunState.CANCELLED))
        return Done(1)

    with pytest.raises(Stopped):
        step(journal(store), "a", cancelled)
    assert journal(store).steps()[0].done is None


def test_a_worker_takes_what_is_queued_its_own_or_silent(store: Store) -> None:
    runs = Runs()
    with store.begin() as tx:
        assert runs.due(tx, "w", 0.0) is not None
        runs.put(tx, "acme", replace(RUN, lease_until=100.0))
        assert runs.due(tx, "other", 99.0) is None
        assert runs.due(tx, "other", 101.0) is not None
        runs.put(tx, "acme", replace(RUN, state=RunState.AWAITING_APPROVAL))
        assert runs.due(tx, "w", 1e12) is None

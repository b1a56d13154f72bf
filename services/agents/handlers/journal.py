"""The journal of a run: a step is written before its work and after it, so that a run goes on where it was cut off.

A plan is run from its beginning each time. A step that ended gives back what it came to and does nothing; the first one
that did not end is done (again). So a step's work must be safe to repeat: tool calls carry a request id made of run and
step, and a write is executed by a grant that can be used once.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from services.agents.domain.runs import Decider, Done, Kind, Run, RunState, Step
from services.agents.ports import RunRecords, StepRecords
from services.chassis import telemetry
from services.chassis.store import Store, Tx


class Stopped(Exception):
    """The run is no longer this worker's: it was cancelled, or another one holds it."""


class Waiting(Exception):
    """A person must decide on this tool call before the plan can go on."""

    def __init__(self, tool_call: str) -> None:
        super().__init__(tool_call)
        self.tool_call = tool_call


class Journal:
    def __init__(
        self,
        store: Store,
        runs: RunRecords,
        steps: StepRecords,
        tenant: str,
        run: Run,
        lease_seconds: float,
        now: Callable[[], datetime],
    ) -> None:
        self._store, self._runs, self._steps = store, runs, steps
        self._tenant, self._run, self._lease_seconds, self._now = tenant, run, lease_seconds, now

    @property
    def run(self) -> Run:
        return self._run

    def step(
        self, key: str, kind: Kind, title: str, decided_by: Decider, work: Callable[[], Done], given: str = ""
    ) -> Done:
        """Does a step unless it ended before. `key` is unique in the run; what a step came to is JSON.

        Raises Stopped where the run is to end, and whatever `work` raises; the step then is done again next time.
        """
        begun = self._begin(key, kind, title, decided_by, given)
        if begun.done is not None:
            return begun.done
        with telemetry.span(f"step {kind}", whetstone__step=key, whetstone__decided_by=decided_by):
            done = work()
        with self._store.begin() as tx:
            self._hold(tx, progressed=True)
            self._steps.put(tx, self._tenant, self._run.name, replace(begun, done=done, time=self._now()))
        return done

    def steps(self) -> Sequence[Step]:
        with self._store.read() as tx:
            return self._steps.all(tx, self._tenant, self._run.name)

    def _begin(self, key: str, kind: Kind, title: str, decided_by: Decider, given: str) -> Step:
        with self._store.begin() as tx:
            found = self._steps.find(tx, self._tenant, self._run.name, key)
            if found is not None and found.done is not None:
                return found
            self._hold(tx)
            index = found.index if found else self._steps.count(tx, self._tenant, self._run.name)
            step = Step(key, index, kind, title, decided_by, self._now(), given)
            self._steps.put(tx, self._tenant, self._run.name, step)
            return step

    def _hold(self, tx: Tx, *, progressed: bool = False) -> None:
        """Renews this worker's hold on the run. Raises Stopped where it has none any more."""
        current = self._runs.get(tx, self._tenant, self._run.name)
        if current.state is not RunState.RUNNING or current.worker != self._run.worker:
            raise Stopped(self._run.name)
        until = self._now().timestamp() + self._lease_seconds
        attempts = 0 if progressed else current.attempts
        self._run = self._runs.put(tx, self._tenant, replace(current, lease_until=until, attempts=attempts))

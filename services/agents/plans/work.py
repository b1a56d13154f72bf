"""The steps that a plan is made of. Each leaves a row that says what was done and who decided it.

Text of documents and tools is data. It goes to the model in quotation only, and no call is ever read out of it: a call
comes from a proposal in a choosing step, and only where it is the function offered with values offered.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from services.agents.domain.runs import Decider, Done, Failure, Kind
from services.agents.handlers.journal import Journal, Waiting
from services.agents.plans.functions import FUNCTIONS, Function, pick_text, request_text
from services.agents.plans.inputs import Inputs
from services.agents.ports import Completion, Evidence, Model, Tools, Units
from services.chassis.errors import ServiceError, Unavailable

CHOICE_TOKENS = 64
# Options are told apart by one digit.
MAX_OPTIONS = 9
ANSWER_TOKENS = 48
# A read whose sender died is made again under a new request id.
READ_ATTEMPTS = 3


@dataclass(frozen=True)
class Chosen:
    """Values for a function's parameters, and who picked them."""

    values: Mapping[str, str]
    decided_by: Decider


@dataclass(frozen=True)
class Called:
    """What a call came to; `result` is None where it failed."""

    tool_call: str
    result: Any = None
    failure: Failure | None = None


@dataclass(frozen=True)
class Answered:
    """A model's answer in words."""

    text: str
    completion: str


class Work:
    """A plan's hands: everything that it does outside goes through the journal here."""

    def __init__(
        self, journal: Journal, inputs: Inputs, model: Model, tools: Tools, evidence: Evidence, units: Units
    ) -> None:
        self.journal, self.inputs, self.evidence, self.units = journal, inputs, evidence, units
        self._model, self._tools = model, tools

    def choose(self, key: str, role: str, choices: Mapping[str, Sequence[str]]) -> Chosen:
        """The model picks each parameter's value out of `choices`; the harness does where it can't, or need not."""
        first = {name: values[0] for name, values in choices.items()}
        if all(len(values) == 1 for values in choices.values()):
            return Chosen(first, Decider.HARNESS)
        function = FUNCTIONS[role]
        asked = request_text(function, choices)
        done = self.journal.step(
            f"{key}/choose",
            Kind.MODEL,
            f"Choose for {role}",
            Decider.MODEL,
            lambda: self._choice(function, choices, asked),
            asked,
        )
        return Chosen(done.output, Decider.MODEL) if done.output else self._pick(key, role, choices)

    def _pick(self, key: str, role: str, choices: Mapping[str, Sequence[str]]) -> Chosen:
        """Asks for each value by its number, where the model wrote no valid call: then it can name nothing else."""
        values: dict[str, str] = {}
        decided_by = Decider.MODEL
        for name, options in choices.items():
            listed = list(options)[:MAX_OPTIONS]
            asked = pick_text(FUNCTIONS[role], name, listed)
            done = self.journal.step(
                f"{key}/pick/{name}",
                Kind.MODEL,
                f"Pick {name} for {role}",
                Decider.MODEL,
                partial(self._picked, asked, listed),
                asked,
            )
            values[name] = done.output or options[0]
            decided_by = decided_by if done.output else Decider.HARNESS
        return Chosen(values, decided_by)

    def _picked(self, asked: str, options: Sequence[str]) -> Done:
        picked = self._model.pick(self.journal.run.model, [{"role": "user", "content": asked}], len(options))
        if picked.index is None:
            return Done(None, picked.completion, failure=Failure("CHOICE_INVALID", "no option was likely"))
        return Done(options[picked.index], picked.completion)

    def _choice(self, function: Function, choices: Mapping[str, Sequence[str]], asked: str) -> Done:
        schema = function.schema(choices)
        completion = self._complete(asked, CHOICE_TOKENS, [schema], function.role)
        fault = _fault(completion, function, choices)
        if fault:
            return Done(None, completion.name, failure=Failure("CHOICE_INVALID", fault))
        return Done(dict(completion.proposals[0].arguments), completion.name)

    def call(self, key: str, role: str, values: Mapping[str, str], decided_by: Decider, title: str) -> Called:
        """Makes a read of the function `role`. Where the tool refuses, the step says so and the plan goes on."""
        function = FUNCTIONS[role]
        arguments = function.arguments(values)
        done = self.journal.step(
            key, Kind.TOOL, title, decided_by, lambda: self._read(key, role, arguments), _shown(role, values)
        )
        return Called(done.tool_call, done.output, done.failure)

    def _read(self, key: str, role: str, arguments: Mapping[str, Any]) -> Done:
        for attempt in range(READ_ATTEMPTS):
            try:
                found = self._tools.call(
                    self.journal.run.project,
                    self.inputs.operation(role),
                    arguments,
                    self.journal.run.name,
                    self._request_id(f"{key}/{attempt}"),
                )
            except Unavailable:
                raise
            except ServiceError as error:
                return Done(failure=Failure(error.reason, error.message))
            if found.state == "APPROVED":
                raise Unavailable(f"{found.name} is being sent")
            if found.reason != "CALL_INTERRUPTED":
                break
        failure = None if found.state == "SUCCEEDED" else Failure(found.reason or found.state, found.message)
        return Done(None if failure else found.result, tool_call=found.name, failure=failure)

    def ask(self, key: str, title: str, question: str, max_tokens: int = ANSWER_TOKENS) -> Answered:
        """The model answers in words. No function is on offer; a call that it writes all the same is refused."""
        done = self.journal.step(
            key, Kind.MODEL, title, Decider.MODEL, lambda: self._answer(question, max_tokens), question
        )
        return Answered(done.output or "", done.completion)

    def _answer(self, question: str, max_tokens: int) -> Done:
        completion = self._complete(question, max_tokens)
        if completion.proposals:
            names = ", ".join(proposal.function for proposal in completion.proposals)
            failure = Failure("TOOL_CALL_REFUSED", f"the model tried to call {names} where no call is allowed")
            return Done("", completion.name, failure=failure)
        return Done(completion.text.strip(), completion.name)

    def check(self, key: str, title: str, output: Any, given: str = "", completion: str = "") -> None:
        """Writes down what the harness found by comparing."""
        self.journal.step(key, Kind.CHECK, title, Decider.HARNESS, lambda: Done(output, completion), given)

    def propose_write(self, key: str, role: str, values: Mapping[str, str], title: str) -> Called:
        """Asks for a write; it waits for a person."""
        arguments = FUNCTIONS[role].arguments(values)

        def ask() -> Done:
            try:
                found = self._tools.call(
                    self.journal.run.project,
                    self.inputs.operation(role),
                    arguments,
                    self.journal.run.name,
                    self._request_id(key),
                )
            except Unavailable:
                raise
            except ServiceError as error:
                return Done(failure=Failure(error.reason, error.message))
            return Done(found.state, tool_call=found.name)

        done = self.journal.step(key, Kind.TOOL, title, Decider.HARNESS, ask, _shown(role, values))
        return Called(done.tool_call, done.output, done.failure)

    def await_decision(self, tool_call: str) -> None:
        """Raises Waiting while nobody has decided."""
        if self._tools.get(tool_call).state == "AWAITING_APPROVAL":
            raise Waiting(tool_call)

    def execute_write(self, key: str, role: str, values: Mapping[str, str], tool_call: str, title: str) -> Called:
        """Makes the decided write once, or says why it was not made. `result` is the tool's answer."""
        arguments = FUNCTIONS[role].arguments(values)
        done = self.journal.step(
            key, Kind.TOOL, title, Decider.HARNESS, lambda: self._execute(tool_call, arguments), tool_call
        )
        return Called(done.tool_call, done.output, done.failure)

    def _execute(self, tool_call: str, arguments: Mapping[str, Any]) -> Done:
        found = self._tools.get(tool_call)
        if found.state == "APPROVED" and not found.grant_used:
            try:
                found = self._tools.execute(tool_call, arguments)
            except Unavailable:
                raise
            except ServiceError as error:
                # Used: an earlier attempt of this step sent it. What became of it stands in the call.
                if error.reason != "APPROVAL_USED":
                    return Done(tool_call=tool_call, failure=Failure(error.reason, error.message))
                found = self._tools.get(tool_call)
        if found.state == "APPROVED":
            raise Unavailable(f"{tool_call} is being sent")
        if found.state == "SUCCEEDED":
            return Done(found.result, tool_call=tool_call)
        return Done(tool_call=tool_call, failure=Failure(found.reason or found.state, found.message))

    def _request_id(self, key: str) -> str:
        """The same for a step each time it is tried."""
        return uuid.uuid5(uuid.NAMESPACE_URL, f"{self.journal.run.name}/{key}").hex

    def _complete(
        self, question: str, max_tokens: int, functions: Sequence[dict[str, Any]] = (), force: str = ""
    ) -> Completion:
        messages = [{"role": "user", "content": question}]
        return self._model.complete(
            self.journal.run.model, messages, max_tokens=max_tokens, functions=functions, force=force
        )


def _fault(completion: Completion, function: Function, choices: Mapping[str, Sequence[str]]) -> str:
    """Why a proposal is none of the offered; empty where it is one."""
    if len(completion.proposals) != 1:
        return f"{len(completion.proposals)} calls were proposed; one is wanted"
    proposal = completion.proposals[0]
    if proposal.function != function.role:
        return f"{proposal.function!r} is not on offer"
    if proposal.arguments.keys() != choices.keys():
        return f"the arguments are {sorted(proposal.arguments)}, not {sorted(choices)}"
    wrong = [name for name, value in proposal.arguments.items() if value not in choices[name]]
    return f"the value of {wrong[0]} is none of the offered" if wrong else ""


def _shown(role: str, values: Mapping[str, str]) -> str:
    return f"{role}({', '.join(f'{name}={value!r}' for name, value in values.items())})"


def quoted(text: str, source: str) -> str:
    """A passage as data in a prompt. No mark-up of the model's own can stand in it."""
    safe = text.replace("<", "‹").replace(">", "›")
    name = source.replace('"', "'").replace("<", "‹").replace(">", "›")
    return f'<quoted source="{name}">\n{safe}\n</quoted>'

"""The thread, step by step. Each step goes through the gateway, shows what it did and adds its figures."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.rule import Rule

from cli.client import Api, Json
from cli.commands import evidence, runs
from cli.context import Context
from cli.dev import cache_dir
from examples.demo import account, act, expert, figures, firms, stages, wire
from examples.demo.report import Report
from examples.demo.system import System
from examples.quantumforge.generate import generate
from services.chassis import telemetry

PROJECT = "demo"
MAX_SECONDS = 600
LICENCE = "Apache-2.0, written for the example"
WITHDRAWN = "QF-SPEC-155-RevA.html"
# Fewer wordings and epochs than the defaults: the whole thread is to fit into ten minutes on two cores.
PARAMETERS = {"synthesise.wordings": "3", "train.spec": json.dumps({"optimisation": {"epochs": 5}})}
FEDERATION = firms.Settings(
    rounds=3,
    rank=16,
    server_rate=1.0,
    training={
        "lora": {"rank": 16, "firstLayer": 12},
        "optimisation": {"learningRate": 2e-3, "epochs": 3, "batchTokens": 384},
        "seed": 1,
    },
)


@dataclass
class Settings:
    state_dir: Path
    base: str
    recipe: str
    federation_base: str = "embedded:smollm2-135m-instruct"
    federation: firms.Settings = field(default_factory=lambda: FEDERATION)
    parameters: dict[str, str] = field(default_factory=lambda: dict(PARAMETERS))
    environ: dict[str, str] = field(default_factory=dict)


class Demo:
    """Runs the steps in order and keeps what they produced in `done`."""

    def __init__(self, settings: Settings, console: Console) -> None:
        self.settings, self.console = settings, console
        self.servers = act.ToolServers()
        self.system = System(
            settings.state_dir, settings.base, environ=self.servers.credentials | act.PRIVATE_HOSTS | settings.environ
        )
        self.context = Context("", "", PROJECT, settings.state_dir, False)
        self.report = Report("demo")
        self.done = stages.Outcome()
        self._firms: list[firms.Firm] = []

    def run(self) -> None:
        with telemetry.span("whet demo"), self.servers.running():
            self.step("start", self.start)
            self.step("1 ingest", self.ingest)
            self.step("2 data first", self.review)
            self.step("3-6 synthesis, dataset, training, gate", self.build)
            self.step("7 serve", self.serve)
            self.step("8 act", self.act)
            self.step("9 trace", self.trace)
            self.step("10 learn together", self.federate)
            self.step("11 account", self.account)
            self.step("12 withdraw", self.withdraw)
            self.show_trace()

    def step(self, title: str, work: Callable[[], None]) -> None:
        self.console.print(Rule(f"[bold]{title}", align="left"))
        begin = time.monotonic()
        with telemetry.span(f"demo {title}"):
            work()
        self.done.seconds[title] = time.monotonic() - begin
        self.report.add(f"time, {title}", self.done.seconds[title], "s")

    @property
    def api(self) -> Api:
        return self.system.api(PROJECT)

    def start(self) -> None:
        self.system.start()
        ready = self.system.ready_seconds
        self.console.print(f"`whet dev` ready after {ready:.1f} s at {self.system.running.gateway}")

    def ingest(self) -> None:
        folder = self.settings.state_dir / "documents"
        generate(folder)
        self.done.documents = stages.ingest(self.context, self.api, folder, LICENCE)
        states = Counter(document["state"] for document in self.done.documents)
        for document in self.done.documents:
            if document["state"] == "REJECTED":
                why = document["rejection"]
                self.console.print(f"  rejected {document['filename']}: {why['reason']}, {why['message']}")
        self.report.add("documents parsed", states["PARSED"] + states["WITHDRAWN"])
        self.report.add("documents rejected, each with its reason", states["REJECTED"])

    def review(self) -> None:
        api = self.api
        parameters = {
            "train.recipe": self.settings.recipe,
            "train.model": stages.MODEL,
            "synthesise.tools_json": act.taught_functions(),
        }
        parameters |= self.settings.parameters
        self.done.run = stages.start_run(api, parameters, self.done.documents)
        self.done.settled = stages.review(self.context, api, self.done.run["name"])
        self.done.findings = list(api.all(f"{api.parent}/findings", "findings"))
        for kind in expert.ORDER:
            of_kind = [finding for finding in self.done.findings if finding["kind"] == kind]
            self.report.add(f"findings, {kind.lower().replace('_', ' ')}", len(of_kind))
        open_ones = sum(finding["state"] == "OPEN" for finding in self.done.findings)
        self.report.add("findings left open", open_ones, "", "0", open_ones == 0)
        for finding in self.done.findings:
            if finding["kind"] == "CONFLICT":
                self.console.print(f"  {finding['explanation']} → {finding['decision']['outcome']}")

    def build(self) -> None:
        api = self.api
        self.done.run = stages.finish(self.context, api, self.done.run["name"])
        self.done.version = api.get(stages.outputs(self.done.run, "dataset")["version"])
        figures.of_dataset(self.report, self.done.version)
        trained = stages.outputs(self.done.run, "train")
        self.done.job = api.get(trained["training_job"]) if trained else {}
        self.done.model = api.get(trained["model_version"]) if trained else {}
        figures.of_gate(self.report, self.console, self.done.model)
        figures.of_evaluation(self.report, self.console, api, self.done.model)
        if self.done.run["state"] == "FAILED":
            runs.raise_failure(self.done.run)

    def serve(self) -> None:
        api = self.api
        questions = stages.held_out_questions(api, self.done.version["name"], 5)
        answers = [stages.ask(api, example["prompt"]) for example in questions]
        for example, answer in zip(questions, answers, strict=True):
            self.console.print(
                f"  {answer.question}\n    → {answer.text}   [dim](documents: {example['completion']})[/]"
            )
        same = sum(answer.text == answer.streamed for answer in answers)
        self.report.add(
            "answers equal streamed and unstreamed", same, f"of {len(answers)}", "all", same == len(answers)
        )
        named = all(
            answer.headers.get("whetstone-model-version") == self.done.model["name"]
            and answer.headers.get("whetstone-adapter-digest") == self.done.model["adapterDigest"]
            and answer.headers.get("whetstone-dataset-version") == self.done.version["name"]
            for answer in answers
        )
        self.report.add("answers name their model, adapter and dataset", str(named), "", "True", named)
        self.completion = answers[0].completion

    def act(self) -> None:
        api = self.api
        act.import_tools(api, self.servers)
        before = len(self.servers.tasks())
        run = act.start_agent(api, f"demo-{self.done.model['adapterDigest'][-12:]}-{self.servers.port}")
        found = act.wait(api, run, ("AWAITING_APPROVAL", "SUCCEEDED"))
        waited = found["state"] == "AWAITING_APPROVAL" and len(self.servers.tasks()) == before
        if found["state"] == "AWAITING_APPROVAL":
            act.approve(api, found["pendingToolCall"])
            found = act.wait(api, run, ("SUCCEEDED",))
        written = len(self.servers.tasks()) - before
        self.console.print(found["report"], markup=False, highlight=False)
        uncited = act.uncited(found["report"])
        self.report.add("report: statements without a citation", len(uncited), "", "0", not uncited)
        self.report.add("report: citations", len(found["citations"]))
        once = waited and written == 1
        self.report.add("the write waited for its approval, then happened once", str(once), "", "True", once)
        secrets = [secret for secret in self.servers.credentials.values() if secret in str(found)]
        self.report.add("credentials seen by the model or the report", len(secrets), "", "0", not secrets)

    def trace(self) -> None:
        api = self.api
        account.trace(api, self.completion)  # the first one builds the indexes
        found = account.trace(api, self.completion)
        evidence.show_answer(self.context, found)
        self.report.add("trace of an answer", float(found["seconds"]), "s", "≤ 1", found["seconds"] <= 1.0)
        for column in ("influences", "verbatim", "evidence"):
            self.report.add(f"trace: {column}", len(found[column]), "", "≥ 1", bool(found[column]))

    def federate(self) -> None:
        result = figures.Federation(**self._federation())
        result.add(self.report, self.console)

    def _federation(self) -> Json:
        settings, base = self.settings.federation, self.settings.federation_base
        folder = self.settings.state_dir / "firms"
        self._firms = firms.firms(folder, base)
        with ExitStack() as stack:
            for firm in self._firms:
                firm.system.start()
                stack.callback(firm.system.stop)
                firms.curate(self.context, firm)
            created = firms.create(self.api, self._firms, base, settings)
            recorder = wire.Recorder(self.system.running.addresses["federation"])
            with (
                recorder.running(),
                firms.participants(self._firms, recorder.address, created["name"], cache_dir()) as started,
            ):
                firms.follow(self.console, self.api, created["name"], started, self._firms)
        found = firms.measure(self.settings.state_dir, self._firms, base, settings, cache_dir())
        leaked = wire.leaked(recorder.sent, [firms.dataset_folder(firm) for firm in self._firms])
        rounds = list(self.api.all(f"{created['name']}/rounds", "rounds"))
        return found | {"rounds": rounds, "leaked": len(leaked), "sent": len(recorder.sent)}

    def account(self) -> None:
        pack = self.settings.state_dir / "audit-pack.zip"
        account.audit_pack(self.api, self.done.model["name"], pack)
        whole = account.verify(pack)
        bad = pack.with_name("audit-pack-tampered.zip")
        member = account.tamper(pack, bad)
        broken = account.verify(bad)
        self.console.print(f"  {pack}: {pack.stat().st_size} bytes; verified: {whole.holds}")
        self.console.print(f"  one byte of {member} changed: verified: {broken.holds}")
        self.report.add("audit pack verifies offline", str(whole.holds), "", "True", whole.holds)
        named = not broken.holds and member in broken.said
        self.report.add("a changed byte is found and named", str(named), "", "True", named)

    def withdraw(self) -> None:
        reached = account.withdraw(self.api, WITHDRAWN)
        kinds = account.kinds(reached)
        self.console.print(f"  {WITHDRAWN} reached: " + ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items())))
        for kind in ("dataset-version", "model-version"):
            self.report.add(f"withdrawal: {kind}s reached", kinds.get(kind, 0), "", "≥ 1", kinds.get(kind, 0) >= 1)
        marked = account.wait_for_taint(self.api, self.done.model["name"])
        self.report.add("withdrawal: the model version is marked", str(marked), "", "True", marked)
        answer = stages.ask(self.api, "What does the withdrawn specification say?")
        warned = "whetstone-warning" in answer.headers
        self.report.add("withdrawal: answers carry a warning", str(warned), "", "True", warned)

    def show_trace(self) -> None:
        found = self.api.get(f"{self.done.run['name']}/trace")
        services = sorted({span["service"] for span in found["spans"]})
        self.console.print(f"  one trace, {found['traceId']}: {len(found['spans'])} spans of {', '.join(services)}")
        self.console.print(
            f"  whet --state-dir {self.settings.state_dir} --project {PROJECT} trace {self.done.run['name']}"
        )
        self.report.add("services and jobs in the run's one trace", len(services), "", "≥ 8", len(services) >= 8)

    def stop(self) -> None:
        for firm in self._firms:
            firm.system.stop()
        self.system.stop()


@contextmanager
def running(settings: Settings, console: Console) -> Iterator[Demo]:
    """A demo that is stopped with the block; for tests, which take its steps one by one."""
    demo = Demo(settings, console)
    try:
        with demo.servers.running():
            yield demo
    finally:
        demo.stop()

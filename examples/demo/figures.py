"""The figures of the report: what the dataset, the gate, the evaluation and the federation say."""

from dataclasses import dataclass

from rich.console import Console

from cli.client import Api, Json
from cli.context import table
from examples.demo.report import Report

MIN_GAIN = 0.40
SYSTEMS = ("specialist", "base", "retrieval")


def of_dataset(report: Report, version: Json) -> None:
    """Counts, and the ledger's sum: every chunk is used or has its reason."""
    discards = {reason: int(count) for reason, count in version.get("discards", {}).items()}
    report.add("dataset: training examples", version["trainCount"])
    report.add("dataset: held-out wordings of trained facts", version["heldoutWordingCount"])
    report.add("dataset: held-out unseen facts, refusals, tool calls", version["heldoutUnseenCount"])
    balanced = version["chunkCount"] == version["chunksUsed"] + sum(discards.values())
    sums = f"{version['chunkCount']} = {version['chunksUsed']} + {sum(discards.values())}"
    report.add("ledger: chunks = used + discarded with a reason", sums, "", "equal", balanced)


def of_gate(report: Report, console: Console, model: Json) -> None:
    gate = model.get("gate", {})
    columns = ("name", "passed", "reason", "value", "intervalLow", "intervalHigh", "threshold", "unit")
    console.print(table(gate.get("checks", []), columns, f"gate: {gate.get('verdict', 'not reached')}"))
    passed = gate.get("verdict") == "PASS"
    report.add("gate", gate.get("verdict", "NOT REACHED"), "", "PASS", passed)
    for check in gate.get("checks", []):
        report.add(
            f"gate: {check['name']}",
            float(check["value"]),
            check.get("unit", ""),
            f"{check['threshold']:g}",
            check["passed"],
        )


def of_evaluation(report: Report, console: Console, api: Api, model: Json) -> None:
    """Accuracy on held-out wordings by system, the gain over the plain base, and what the specialist got wrong."""
    if not model:
        return
    found = api.get(f"{model['name']}/evaluationReport")["report"]
    answers = found["answers"]
    wordings = [a for a in answers if a["part"] == "heldout_wording"]
    share = {s: accuracy(wordings, s) for s in SYSTEMS if any(s in a["correct"] for a in wordings)}
    specialist, base = share["specialist"], share["base"]
    report.add("held-out wordings, specialist", specialist, f"of {len(wordings)}", peer="plain base", peer_value=base)
    gain = specialist - base
    report.add("held-out wordings, gain over the plain base", gain, "", f"≥ {MIN_GAIN}", gain >= MIN_GAIN)
    if "retrieval" in share:
        report.add(
            "held-out wordings, specialist", specialist, "", peer="base with retrieval", peer_value=share["retrieval"]
        )
    for system, figures in found["figures"].get("systems", {}).items():
        for name in ("flops_per_answer", "seconds_per_answer"):
            if name in figures:
                report.add(f"{name.replace('_', ' ')}, {system}", float(figures[name]))
    wrong = [a for a in answers if not a["correct"].get("specialist")]
    console.print(f"  the specialist got {len(wrong)} of {len(answers)} wrong; some of them:")
    for answer in wrong[:5]:
        said = str(answer["said"].get("specialist"))[:100]
        console.print(
            f"  {answer['question'][:160]}\n    → {said}   [dim](expected: {str(answer['expected'])[:100]})[/]"
        )


def accuracy(answers: list[Json], system: str) -> float:
    return sum(bool(a["correct"].get(system)) for a in answers) / len(answers) if answers else 0.0


@dataclass
class Federation:
    """Correct answers on the union of the firms' held-out questions, by adapter."""

    questions: int
    shared: int
    local: dict[str, int]
    rounds: list[Json]
    leaked: int
    sent: int

    def add(self, report: Report, console: Console) -> None:
        best = max(self.local.values())
        console.print(
            f"  of {self.questions} questions of all firms: global adapter {self.shared}, local ones {self.local}"
        )
        for round_ in self.rounds:
            counts = ", ".join(
                f"{e['participant']} {e['correctLocal']} → {e['correctGlobal']} of {e['questions']}"
                for e in round_.get("evaluations", [])
            )
            console.print(
                f"  round {round_['index']}: residual {round_['residual']:.2f}; own questions, local → global: {counts}"
            )
        report.add("federation: global adapter, correct", self.shared, f"of {self.questions}", "> each local one",
                   self.shared > best, "best local adapter", float(best))  # fmt: skip
        report.add("federation: bytes that left the firms", self.sent, "B")
        report.add("federation: the firms' sentences seen on the wire", self.leaked, "", "0", self.leaked == 0)

"""From documents to a live model: steps 1 to 7 of the thread, through the gateway alone."""

import hashlib
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import openai

from cli.client import Api, Json
from cli.commands import documents, models, runs
from cli.context import Context
from cli.errors import CommandError
from examples.demo import expert

MODEL = "specialist"


@dataclass
class Outcome:
    """What the thread produced so far, by resource name where there is one."""

    documents: list[Json] = field(default_factory=list)
    run: Json = field(default_factory=dict)
    settled: Counter[str] = field(default_factory=Counter)
    findings: list[Json] = field(default_factory=list)
    version: Json = field(default_factory=dict)
    job: Json = field(default_factory=dict)
    model: Json = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


def ingest(context: Context, api: Api, folder: Path, licence: str) -> list[Json]:
    return documents.send(context, api, documents.files_of([folder]), licence)


def start_run(api: Api, parameters: Mapping[str, str], sent: list[Json]) -> Json:
    """One run per state of the documents and parameters: starting the demo again finds the run of before."""
    originals = sorted(document.get("original", {}).get("sha256", "") for document in sent)
    mark = hashlib.sha256(repr((originals, sorted(parameters.items()))).encode()).hexdigest()[:16]
    body = {"recipe": "build", "parameters": dict(parameters)}
    return api.post(f"{api.parent}/runs", body, requestId=f"demo-{mark}")


def review(context: Context, api: Api, run: str) -> Counter[str]:
    """Waits for the analysis, then settles what it found."""
    found = runs.follow(context, api, run)
    if found["state"] != "WAITING":
        return Counter()
    return expert.settle_all(api)


def finish(context: Context, api: Api, run: str) -> Json:
    """Follows the rest of the run; while it trains, shows the job's own progress."""
    while True:
        found = runs.follow(context, api, run, until=(*runs.ENDED, "WAITING"), pause_at="train")
        if found["state"] in runs.ENDED:
            return found
        if found["state"] == "WAITING":
            resume(api, run)
        job = running_job(api)
        if job:
            models.follow(context, api, job)
        time.sleep(0.5)


def resume(api: Api, run: str) -> None:
    """Lets a run go on whose contradictions are settled; it may be quicker by itself."""
    try:
        api.post(f"{run}:resume")
    except CommandError as error:
        if error.reason != "RUN_NOT_WAITING":
            raise


def running_job(api: Api) -> str:
    jobs = api.all(f"{api.parent}/trainingJobs", "trainingJobs")
    return next((str(job["name"]) for job in jobs if job["state"] in ("QUEUED", "RUNNING")), "")


def outputs(run: Json, stage: str) -> Json:
    return next((dict(s.get("outputs", {})) for s in run["stages"] if s["id"] == stage), {})


@dataclass
class Answer:
    question: str
    text: str
    streamed: str
    completion: str
    headers: dict[str, str]


def ask(api: Api, question: str, model: str = MODEL) -> Answer:
    """Asks with the `openai` client, unstreamed and streamed."""
    client = openai.OpenAI(
        base_url=f"{api.server}/v1", api_key=api.token, default_headers={"whetstone-project": api.parent}
    )
    messages: list[openai.types.chat.ChatCompletionMessageParam] = [{"role": "user", "content": question}]
    raw = client.chat.completions.with_raw_response.create(model=model, messages=messages, temperature=0, max_tokens=48)
    text = raw.parse().choices[0].message.content or ""
    stream = client.chat.completions.create(model=model, messages=messages, temperature=0, max_tokens=48, stream=True)
    streamed = "".join(part.choices[0].delta.content or "" for part in stream if part.choices)
    headers = {key: value for key, value in raw.headers.items() if key.startswith("whetstone-")}
    return Answer(question, text, streamed, headers["whetstone-completion-id"], headers)


def held_out_questions(api: Api, version: str, count: int) -> list[Json]:
    """Some held-out questions in wordings never trained on, spread over the dataset."""
    found = list(api.all(f"{version}/examples", "examples", split="HELDOUT_WORDING"))
    return found[:: max(1, len(found) // count)][:count]

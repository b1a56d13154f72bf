"""Datasets, training jobs, the gate, and talking to the model."""

from typing import Annotated, Any

import typer

from cli.client import Api, Json
from cli.context import Context, of, short
from cli.errors import CommandError
from cli.progress import bar

datasets = typer.Typer()
training = typer.Typer()
gate = typer.Typer()
Version = Annotated[str, typer.Argument(help="Resource name, or `dataset/version` (`model/version`).")]
RESPONSE_HEADERS = (
    "whetstone-completion-id",
    "whetstone-model-version",
    "whetstone-adapter-digest",
    "whetstone-dataset-version",
    "whetstone-warning",
)


def full(api: Api, kind: str, name: str) -> str:
    """`main/ab12` as `projects/p/datasets/main/versions/ab12`."""
    if name.startswith("projects/"):
        return name
    parent, _, version = name.partition("/")
    if not version:
        raise CommandError("NAME_INVALID", f"{name!r} is not a resource name, and not NAME/VERSION")
    return f"{api.parent}/{kind}/{parent}/versions/{version}"


@datasets.command("list")
def list_versions(ctx: typer.Context) -> None:
    """List dataset versions."""
    context = of(ctx)
    api = context.api()
    found = list(api.all(f"{api.parent}/datasets/-/versions", "versions"))
    context.show(
        found, ("name", "state", "trainCount", "heldoutWordingCount", "heldoutUnseenCount", "chunkCount", "chunksUsed")
    )


@datasets.command("show")
def show_version(ctx: typer.Context, version: Version) -> None:
    """Show one version whole."""
    context = of(ctx)
    api = context.api()
    context.show(api.get(full(api, "datasets", version)))


@datasets.command()
def ledger(
    ctx: typer.Context, version: Version, outcome: Annotated[str, typer.Option(help="Only this outcome.")] = ""
) -> None:
    """List what became of every chunk."""
    context = of(ctx)
    api = context.api()
    query = {"outcome": outcome} if outcome else {}
    entries = list(api.all(f"{full(api, 'datasets', version)}/ledgerEntries", "entries", **query))
    context.show(entries, ("chunk", "outcome", "detail"))


@datasets.command()
def examples(
    ctx: typer.Context,
    version: Version,
    split: Annotated[str, typer.Option(help="TRAIN, HELDOUT_WORDING or HELDOUT_UNSEEN.")] = "",
) -> None:
    """List examples with what they were made from."""
    context = of(ctx)
    api = context.api()
    query = {"split": split} if split else {}
    found = list(api.all(f"{full(api, 'datasets', version)}/examples", "examples", **query))
    context.show(found, ("kind", "split", "prompt", "completion", "chunks"))


@training.command("start")
def start(
    ctx: typer.Context,
    dataset: Version,
    model: Annotated[str, typer.Option(help="Model that the result becomes a version of.")] = "specialist",
    recipe: Annotated[str, typer.Option(help="Recipe under training/recipes.")] = "fact-tuning",
    watch: Annotated[bool, typer.Option(help="Follow it until it ends.")] = True,
) -> None:
    """Start a training job."""
    context = of(ctx)
    api = context.api()
    body = {
        "datasetVersion": full(api, "datasets", dataset),
        "model": f"{api.parent}/models/{model}",
        "recipe": recipe,
    }
    job = api.post(f"{api.parent}/trainingJobs", body)
    context.show(follow(context, api, job["name"]) if watch else job)


@training.command("list")
def list_jobs(ctx: typer.Context) -> None:
    """List training jobs."""
    context = of(ctx)
    api = context.api()
    jobs = list(api.all(f"{api.parent}/trainingJobs", "trainingJobs"))
    context.show(jobs, ("name", "state", "attempt", "loss", "tokensPerSecond", "modelVersion", "failure.reason"))


def job_name(api: Api, job: str) -> str:
    return job if job.startswith("projects/") else f"{api.parent}/trainingJobs/{job}"


@training.command("show")
def show_job(ctx: typer.Context, job: str) -> None:
    """Show one job."""
    context = of(ctx)
    api = context.api()
    context.show(api.get(job_name(api, job)))


@training.command()
def watch(ctx: typer.Context, job: str) -> None:
    """Follow a job until it ends."""
    context = of(ctx)
    api = context.api()
    context.show(follow(context, api, job_name(api, job)))


@training.command()
def cancel(ctx: typer.Context, job: str) -> None:
    """Stop a job."""
    context = of(ctx)
    api = context.api()
    context.show(api.post(f"{job_name(api, job)}:cancel"))


def follow(context: Context, api: Api, name: str) -> Json:
    """Shows a job's progress until it ends, and returns it."""
    job: Json = {}
    with bar(context.console) as progress:
        task = progress.add_task("train", total=None)
        for job in api.lines(f"{name}:watch"):
            job = job.get("result", job)
            step = job.get("progress", {})
            text = f"{step.get('phase', 'train')} loss {job.get('loss', 0):.3f}"
            progress.update(
                task, description=text, completed=int(step.get("done", 0)), total=int(step.get("total", 0)) or None
            )
    if job.get("state") == "FAILED":
        raise CommandError(job["failure"]["reason"], job["failure"].get("message", ""))
    return job


@gate.command("list")
def list_models(ctx: typer.Context) -> None:
    """List model versions and where they stand."""
    context = of(ctx)
    api = context.api()
    found = list(api.all(f"{api.parent}/models/-/versions", "versions"))
    context.show(found, ("name", "state", "gate.verdict", "adapterDigest", "datasetVersion", "taints"))


@gate.command("show")
def show_gate(ctx: typer.Context, version: Version) -> None:
    """Show the gate's report on a model version."""
    context = of(ctx)
    api = context.api()
    report = api.get(full(api, "models", version)).get("gate", {})
    checks = report.get("checks", [])
    columns = ("name", "passed", "reason", "value", "intervalLow", "intervalHigh", "threshold", "unit", "explanation")
    if context.as_json:
        context.show(report)
    else:
        context.show(checks, columns, title=f"{short(version)}: {report.get('verdict', 'not gated')}")


def _act(ctx: typer.Context, version: str, verb: str, body: dict[str, Any]) -> None:
    context = of(ctx)
    api = context.api()
    context.show(api.post(f"{full(api, 'models', version)}:{verb}", body))


@gate.command("run")
def run_gate(ctx: typer.Context, version: Version) -> None:
    """Run the gate again."""
    _act(ctx, version, "gate", {})


@gate.command()
def promote(ctx: typer.Context, version: Version, reason: Annotated[str, typer.Option(help="Why.")] = "") -> None:
    """Make a version that passed live."""
    _act(ctx, version, "promote", {"reason": reason})


@gate.command()
def revoke(ctx: typer.Context, version: Version, reason: Annotated[str, typer.Option(help="Why.")]) -> None:
    """Take a version out of service for good."""
    _act(ctx, version, "revoke", {"reason": reason})


@gate.command("roll-back")
def roll_back(ctx: typer.Context, model: str, reason: Annotated[str, typer.Option(help="Why.")]) -> None:
    """Make the version that was live before live again."""
    context = of(ctx)
    api = context.api()
    name = model if model.startswith("projects/") else f"{api.parent}/models/{model}"
    context.show(api.post(f"{name}:rollBack", {"reason": reason}))


def chat(
    ctx: typer.Context,
    question: Annotated[str, typer.Argument(help="What to ask.")],
    model: Annotated[str, typer.Option(help="Model; `base` is the plain base model.")] = "specialist",
    max_tokens: Annotated[int, typer.Option(help="Longest answer, in tokens.")] = 128,
) -> None:
    """Ask the model, and see which version answered."""
    context = of(ctx)
    body = {"model": model, "messages": [{"role": "user", "content": question}], "max_tokens": max_tokens}
    if context.as_json:
        answer, headers = context.api().chat(body)
        context.show(answer | {"headers": {name: headers[name] for name in RESPONSE_HEADERS if name in headers}})
        return
    shown = None
    for text, headers in context.api().chat_stream(body):
        typer.echo(text, nl=False)
        shown = headers
    typer.echo()
    for name in RESPONSE_HEADERS:
        if shown is not None and name in shown:
            context.console.print(f"[dim]{name}: {shown[name]}[/]", highlight=False)

"""Cuts an OpenAPI document down to a few operations and what they refer to.

    python -m examples.tools.cut SOURCE TARGET "GET /tasks" "POST /tasks" …

Answers keep their description only: a tool is called by its arguments. Nothing that is kept is changed.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml


def cut(document: Mapping[str, Any], wanted: Sequence[str]) -> dict[str, Any]:
    """The document with the operations `METHOD /path` and the components that they need."""
    kept: dict[str, Any] = {key: document[key] for key in document if key not in _CUT}
    kept["paths"] = _paths(document, wanted)
    if "securitySchemes" in document.get("components", {}):
        kept["components"] = {"securitySchemes": document["components"]["securitySchemes"]}
    _keep_references(document, kept)
    return kept


_CUT = ("paths", "components", "definitions", "parameters", "responses", "tags", "x-webhooks", "x-ms-docs-grouped-path")


def _paths(document: Mapping[str, Any], wanted: Sequence[str]) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for route in wanted:
        method, _, path = route.partition(" ")
        item = document["paths"][path]
        entry = paths.setdefault(path, {"parameters": item["parameters"]} if "parameters" in item else {})
        entry[method.lower()] = _without_answers(item[method.lower()])
    return paths


def _without_answers(operation: Mapping[str, Any]) -> dict[str, Any]:
    answers = {str(code): {"description": _described(answer)} for code, answer in operation["responses"].items()}
    return {**operation, "responses": answers}


def _described(answer: Mapping[str, Any]) -> str:
    return str(answer.get("description") or answer.get("$ref", "").rsplit("/", 1)[-1])


def _keep_references(document: Mapping[str, Any], kept: dict[str, Any]) -> None:
    todo = list(_references(kept))
    seen: set[str] = set()
    while todo:
        reference = todo.pop()
        if reference in seen:
            continue
        seen.add(reference)
        source: Any = document
        target = kept
        *folders, name = reference.removeprefix("#/").split("/")
        for folder in folders:
            source, target = source[folder], target.setdefault(folder, {})
        target[name] = source[name]
        todo += _references(source[name])


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for item in node:
            yield from _references(item)


def main() -> None:
    source, target, *wanted = sys.argv[1:]
    document = yaml.safe_load(Path(source).read_text(encoding="utf-8"))
    text = json.dumps(cut(document, wanted), indent=1, ensure_ascii=False, default=str)
    if target.endswith(".yaml"):
        text = yaml.safe_dump(json.loads(text), sort_keys=False, allow_unicode=True, width=120)
    Path(target).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

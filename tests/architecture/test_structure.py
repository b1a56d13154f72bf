"""The layout and the layers, as docs/architecture.md states them, held by reading the code."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("services", "gateway", "training", "cli")
CHASSIS = {
    "settings",
    "errors",
    "rpc",
    "events",
    "outbox",
    "store",
    "blobs",
    "telemetry",
    "auth",
    "lifecycle",
    "testing",
}
MAGNETS = {"utils", "util", "common", "helpers", "helper", "misc", "constants"}
SERVICES = sorted(p.name for p in (ROOT / "services").iterdir() if (p / "__main__.py").exists())
MAX_LINES, MAX_FUNCTION = 400, 50


def sources(*rooms):
    return sorted(f for room in rooms for f in (ROOT / room).rglob("*.py") if "migrations" not in f.parts)


def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path):
    """Full names of the modules that a file imports."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def layer_files(layer):
    return [
        f
        for s in SERVICES
        for f in sources(f"services/{s}")
        if f.stem == layer or layer in f.relative_to(ROOT).parts[2:-1]
    ]


def test_the_services_of_the_design_are_there():
    expected = {
        "agents", "curation", "federation", "ingestion", "participant", "pipelines", "provenance", "serving",
        "synthesis", "tools", "training",
    }  # fmt: skip
    assert set(SERVICES) == expected


def test_the_chassis_is_a_closed_list():
    assert {f.stem for f in (ROOT / "services/chassis").glob("*.py")} - {"__init__"} == CHASSIS


def test_no_module_is_a_magnet():
    assert [str(f) for f in sources(*OURS) if f.stem in MAGNETS or set(f.parts) & MAGNETS] == []


def test_domains_import_the_standard_library_and_themselves():
    allowed = set(sys.stdlib_module_names)
    bad = [
        (str(f.relative_to(ROOT)), name)
        for f in layer_files("domain")
        for name in imports(f)
        if name.split(".")[0] not in allowed and not name.startswith(f"services.{f.relative_to(ROOT).parts[1]}.")
    ]
    assert bad == []


VENDORS = {
    "sqlalchemy",
    "kafka",
    "httpx",
    "ray",
    "kserve",
    "torch",
    "transformers",
    "peft",
    "pypdfium2",
    "docx",
    "openpyxl",
}


@pytest.mark.parametrize("layer", ["domain", "handlers", "ports", "rpc", "events"])
def test_vendors_are_imported_in_adapters_only(layer):
    bad = [(str(f.relative_to(ROOT)), n) for f in layer_files(layer) for n in imports(f) if n.split(".")[0] in VENDORS]
    assert bad == []


def test_the_gateway_holds_no_vendor_of_the_models():
    heavy = {"torch", "transformers", "peft", "ray", "kserve", "sqlalchemy"}
    assert [(str(f), n) for f in sources("gateway") for n in imports(f) if n.split(".")[0] in heavy] == []


def test_the_environment_is_read_in_one_place_per_service():
    readers = {
        str(f.relative_to(ROOT))
        for f in sources("services", "gateway")
        for node in ast.walk(tree(f))
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    }
    # Credentials are named by reference and looked up when a tool is called.
    assert readers - {"services/chassis/settings.py"} <= {
        f for f in readers if f.endswith("settings.py") or f.startswith("services/tools/adapters/")
    }


def test_nothing_swallows_every_error_outside_the_chassis():
    bad = [
        f"{f.relative_to(ROOT)}:{node.lineno}"
        for f in sources(*OURS)
        if "chassis" not in f.parts
        for node in ast.walk(tree(f))
        if isinstance(node, ast.ExceptHandler)
        and catches_all(node)
        and not any(isinstance(n, ast.Raise) for n in ast.walk(node))
    ]
    # A forked child must never return into the supervisor, whatever happens.
    assert [place for place in bad if not place.startswith("cli/dev.py")] == []


def catches_all(handler):
    return handler.type is None or (
        isinstance(handler.type, ast.Name) and handler.type.id in ("Exception", "BaseException")
    )


def test_files_and_functions_stay_readable():
    long_files = [str(f.relative_to(ROOT)) for f in sources(*OURS) if len(f.read_text().splitlines()) > MAX_LINES]
    long_functions = [
        f"{f.relative_to(ROOT)}:{node.lineno} {node.name}"
        for f in sources(*OURS)
        for node in ast.walk(tree(f))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno >= MAX_FUNCTION
    ]
    assert (long_files, long_functions) == ([], [])


def test_no_service_aborts_a_call_by_hand():
    bad = [
        f"{f.relative_to(ROOT)}:{node.lineno}"
        for f in sources("services")
        if "chassis" not in f.parts
        for node in ast.walk(tree(f))
        if isinstance(node, ast.Attribute) and node.attr in ("abort", "abort_with_status", "set_code", "set_details")
    ]
    assert bad == []


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_has_a_page(service):
    page = (ROOT / "services" / service / "README.md").read_text(encoding="utf-8")
    assert len(page.splitlines()) <= 90
    for heading in ("Owns", "Settings", "Runbook"):
        assert heading.lower() in page.lower(), f"{service}/README.md says nothing under {heading}"


def test_importing_a_module_has_no_effect():
    allowed = (
        ast.Import,
        ast.ImportFrom,
        ast.FunctionDef,
        ast.AsyncFunctionDef,
        ast.ClassDef,
        ast.Assign,
        ast.AnnAssign,
    )
    bad = [
        f"{f.relative_to(ROOT)}:{node.lineno}"
        for f in sources("services", "gateway", "training")
        for node in tree(f).body
        if not isinstance(node, allowed) and not is_harmless(node)
    ]
    assert bad == []


def is_harmless(node):
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    main_guard = isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)
    typing_only = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
    return docstring or main_guard or typing_only

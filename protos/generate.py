"""Generates `gen/` from `protos/`: `python protos/generate.py [OUT]`. The output is committed; `make check` fails on a difference."""

import shutil
import sys
from pathlib import Path

import grpc_tools
from google.api import annotations_pb2
from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent


def main(out: Path) -> None:
    protos = sorted(str(p.relative_to(ROOT / "protos")) for p in (ROOT / "protos").rglob("*.proto"))
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    well_known = Path(grpc_tools.__file__).parent / "_proto"
    google_api = Path(annotations_pb2.__file__).parents[2]
    arguments = [f"-I{ROOT / 'protos'}", f"-I{google_api}", f"-I{well_known}"]
    outputs = [f"--{kind}_out={out}" for kind in ("python", "pyi", "grpc_python")]
    if protoc.main(["protoc", *arguments, *outputs, *protos]):
        raise SystemExit("protoc failed")
    for folder in sorted({f.parent for f in out.rglob("*.py")} | {f.parent.parent for f in out.rglob("*.py")}):
        (folder / "__init__.py").touch()
    for empty in out.rglob("events_pb2_grpc.py"):
        empty.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "gen")

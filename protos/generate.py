"""Generates `gen/` from `protos/`: `python protos/generate.py [OUT]`. The output is committed; `make check` checks it.

Beside the Python modules it writes `whetstone/descriptors.binpb`: one FileDescriptorSet of everything, comments
included, from which the gateway makes its routes and its OpenAPI page.
"""

import shutil
import sys
import tempfile
from pathlib import Path

import grpc_tools
from google.api import annotations_pb2
from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent


def main(out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and swapped in, so that whoever imports `gen` meanwhile finds it whole.
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".gen-") as folder:
        fresh = Path(folder) / "gen"
        generate(fresh)
        if out.exists():
            out.rename(Path(folder) / "old")
        shutil.move(fresh, out)


def generate(out: Path) -> None:
    protos = sorted(str(p.relative_to(ROOT / "protos")) for p in (ROOT / "protos").rglob("*.proto"))
    (out / "whetstone").mkdir(parents=True)
    well_known = Path(grpc_tools.__file__).parent / "_proto"
    google_api = Path(annotations_pb2.__file__).parents[2]
    arguments = [f"-I{ROOT / 'protos'}", f"-I{google_api}", f"-I{well_known}"]
    outputs = [f"--{kind}_out={out}" for kind in ("python", "pyi", "grpc_python")]
    described = [
        f"--descriptor_set_out={out / 'whetstone/descriptors.binpb'}",
        "--include_imports",
        "--include_source_info",
    ]
    if protoc.main(["protoc", *arguments, *outputs, *described, *protos]):
        raise SystemExit("protoc failed")
    folders = {parent for module in out.rglob("*.py") for parent in module.parents if out in parent.parents}
    for folder in sorted(folders):
        (folder / "__init__.py").touch()
    for empty in out.rglob("events_pb2_grpc.py"):
        empty.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "gen")

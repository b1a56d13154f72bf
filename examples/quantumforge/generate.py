"""Makes the example corpus: `python -m examples.quantumforge.generate [OUT_DIR]`.

Nothing here is drawn at random and nothing depends on the clock, so the same sources give the same bytes.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

from examples.quantumforge.hostile import bomb, truncate
from examples.quantumforge.pdf import write_pdf
from examples.quantumforge.sheet import write_xlsx
from examples.quantumforge.source import SOURCES, Source, read_source
from examples.quantumforge.web import write_html, write_markdown
from examples.quantumforge.word import write_docx

DEFAULT_OUT = Path(__file__).parent / "documents"

WRITERS: dict[str, Callable[[Source], bytes]] = {
    ".pdf": write_pdf,
    ".docx": write_docx,
    ".html": write_html,
    ".md": write_markdown,
}
DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "archive-scan-2019-plates.pdf": lambda document: truncate(document, kept=0.4),
    "drawing-register.docx": bomb,
}


def documents(sources: Path = SOURCES) -> Iterator[tuple[str, bytes]]:
    """Yields each document's file name and content, in the order of the sources' names."""
    for path in sorted(sources.iterdir()):
        if path.suffix == ".md":
            yield _laid_out(read_source(path))
        elif path.suffix == ".yaml":
            yield path.stem, write_xlsx(path)
        else:
            yield path.name, path.read_bytes()


def _laid_out(source: Source) -> tuple[str, bytes]:
    content = WRITERS[Path(source.output).suffix](source)
    damage = DAMAGE.get(source.output)
    return source.output, damage(content) if damage else content


def generate(out_dir: Path) -> list[Path]:
    """Writes the corpus into `out_dir` (made when missing) and returns the files' paths."""
    out_dir.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in documents():
        (out_dir / name).write_bytes(content)
        written.append(out_dir / name)
    return written


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the QuantumForge example documents.")
    parser.add_argument("out_dir", nargs="?", type=Path, default=DEFAULT_OUT)
    out_dir = parser.parse_args().out_dir
    print(f"{len(generate(out_dir))} documents in {out_dir}")


if __name__ == "__main__":
    main()

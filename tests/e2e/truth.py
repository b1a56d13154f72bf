"""What was found against what was planted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from cli.client import Json

# How the service calls what the truth hints at.
REJECTIONS = {
    "truncated": "CORRUPT",
    "encrypted": "ENCRYPTED",
    "decompression_bomb": "ARCHIVE_BOMB",
    "entity_declarations": "ENTITY_EXPANSION",
}


def words(text: str) -> list[str]:
    """The words and numbers of a text, in lower case."""
    return re.findall(r"[\w./-]*\w", text.casefold())


def normalised(text: str) -> str:
    return " ".join(words(text))


def of_kind(findings: Iterable[Json], kind: str) -> list[Json]:
    return [finding for finding in findings if finding["kind"] == kind]


def filenames(finding: Json, files: Mapping[str, str]) -> set[str]:
    return {files[name] for name in finding["documents"]}


def places(finding: Json, files: Mapping[str, str]) -> list[str]:
    """The file that each quote stands in."""
    return [files[quote["location"]["document"]] for quote in finding["quotes"]]


def is_of(finding: Json, planted: Json, files: Mapping[str, str]) -> bool:
    """Whether a conflict is the planted one: the same documents, or their equivalents, and the same subject."""
    equivalent = {other: file for file, others in planted.get("equivalent_files", {}).items() for other in others}
    found = {equivalent.get(file, file) for file in filenames(finding, files)}
    about = words(finding["topic"].partition(" / ")[0])
    return found == set(planted["files"]) and set(words(planted["subject"])) <= set(about)


def precision(found: Sequence[Json], planted: Sequence[Json], files: Mapping[str, str]) -> float:
    return sum(any(is_of(one, true, files) for true in planted) for one in found) / len(found)


def recall(found: Sequence[Json], planted: Sequence[Json], files: Mapping[str, str]) -> float:
    return sum(any(is_of(one, true, files) for one in found) for true in planted) / len(planted)


def quoted(finding: Json) -> str:
    return normalised(" ".join([finding["topic"], *(quote["text"] for quote in finding["quotes"])]))

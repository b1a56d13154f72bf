"""Pages of a dataset version's files."""

from collections.abc import Callable, Sequence

from services.chassis.store import Page, page_token
from services.curation.building import SPLITS, TRAIN, UNSEEN, WORDING, Line
from services.curation.domain.analyses import BlobRef
from services.curation.domain.datasets import DatasetVersion, Outcome
from services.curation.errors import FilterInvalid


class Contents:
    """Reads the lines of a version's blobs; `lines` takes tenant and SHA-256."""

    def __init__(self, lines: Callable[[str, str], list[Line]]) -> None:
        self._lines = lines

    def examples(self, tenant: str, version: DatasetVersion, page: Page, split: str) -> tuple[list[Line], str]:
        """Examples in the order of their ids; an empty split means all. Raises FilterInvalid."""
        wanted = split.lower()
        if wanted and wanted not in SPLITS:
            raise FilterInvalid(f"{split!r} is no split; splits: {', '.join(s.upper() for s in SPLITS)}", split=split)
        files: dict[str, BlobRef] = {
            TRAIN: version.train,
            WORDING: version.heldout_wordings,
            UNSEEN: version.heldout_unseen,
        }
        found = [
            line for name, blob in files.items() if wanted in ("", name) for line in self._lines(tenant, blob.sha256)
        ]
        return _page(sorted(found, key=lambda line: str(line["id"])), "id", page)

    def ledger(self, tenant: str, version: DatasetVersion, page: Page, outcome: str) -> tuple[list[Line], str]:
        """Ledger entries in the order of chunks; an empty outcome means any. Raises FilterInvalid."""
        if outcome and outcome not in Outcome.__members__:
            raise FilterInvalid(f"{outcome!r} is no outcome of a chunk", outcome=outcome)
        found = [line for line in self._lines(tenant, version.ledger.sha256) if outcome in ("", line["outcome"])]
        return _page(found, "chunk", page)


def _page(lines: Sequence[Line], key: str, page: Page) -> tuple[list[Line], str]:
    limit, after = page.limit(), page.after()
    rest = [line for line in lines if str(line[key]) > after]
    return list(rest[:limit]), page_token(str(rest[limit - 1][key])) if len(rest) > limit else ""

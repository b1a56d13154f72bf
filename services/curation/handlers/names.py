"""Resource names that requests carry."""

import re

from services.curation.errors import DatasetIdInvalid, ParentInvalid

_ID = r"[a-z0-9][a-z0-9-]{0,62}"


def check_project(parent: str) -> str:
    """Raises ParentInvalid unless `parent` is `projects/{project}`."""
    if not re.fullmatch(rf"projects/{_ID}", parent):
        raise ParentInvalid(f"{parent!r} is not projects/{{project}}", parent=parent)
    return parent


def check_dataset_id(written: str) -> str:
    if not re.fullmatch(_ID, written):
        raise DatasetIdInvalid(f"{written!r} is not a dataset id: lower case, digits and hyphens", dataset_id=written)
    return written


def project_of(name: str) -> str:
    """`projects/p` of any name below it."""
    return "/".join(name.split("/")[:2])

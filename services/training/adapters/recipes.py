"""Recipes: YAML files in a folder, read as files; their content is checked by the trainer."""

import re
from pathlib import Path

import yaml

from services.training.domain.jobs import Spec
from services.training.errors import RecipeUnknown


class RecipeFiles:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str) -> Spec:
        if not name:
            return {}
        path = self._folder / f"{name}.yaml"
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", name) or not path.is_file():
            known = ", ".join(sorted(found.stem for found in self._folder.glob("*.yaml")))
            raise RecipeUnknown(f"recipe {name!r} is not known; recipes: {known}", recipe=name)
        content = yaml.safe_load(path.read_text())
        if not isinstance(content, dict):
            raise RecipeUnknown(f"recipe {name} is no mapping", recipe=name)
        return content

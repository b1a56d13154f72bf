"""Serves pipelines."""

from services.chassis import lifecycle, settings
from services.pipelines.bootstrap import bootstrap
from services.pipelines.settings import Settings


def main() -> None:
    lifecycle.run("pipelines", settings.read(Settings), bootstrap)


if __name__ == "__main__":
    main()

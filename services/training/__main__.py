"""Serves training."""

from services.chassis import lifecycle, settings
from services.training.bootstrap import bootstrap
from services.training.settings import Settings


def main() -> None:
    lifecycle.run("training", settings.read(Settings), bootstrap)


if __name__ == "__main__":
    main()

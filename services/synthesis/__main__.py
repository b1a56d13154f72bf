"""Serves synthesis."""

from services.chassis import lifecycle, settings
from services.synthesis.bootstrap import bootstrap
from services.synthesis.settings import Settings


def main() -> None:
    lifecycle.run("synthesis", settings.read(Settings), bootstrap)


if __name__ == "__main__":
    main()

"""Serves federations."""

from services.chassis import lifecycle, settings
from services.federation.bootstrap import bootstrap
from services.federation.settings import Settings


def main() -> None:
    lifecycle.run("federation", settings.read(Settings), bootstrap)


if __name__ == "__main__":
    main()

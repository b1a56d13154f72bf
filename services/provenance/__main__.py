"""Serves provenance."""

from services.chassis import lifecycle, settings
from services.provenance.bootstrap import bootstrap
from services.provenance.settings import Settings


def main() -> None:
    lifecycle.run("provenance", settings.read(Settings), bootstrap)


if __name__ == "__main__":
    main()

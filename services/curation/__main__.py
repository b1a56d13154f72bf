"""Serves curation."""

from services.chassis import lifecycle, settings
from services.curation.bootstrap import bootstrap
from services.curation.settings import Settings


def main() -> None:
    lifecycle.run("curation", settings.read(Settings), bootstrap)


if __name__ == "__main__":
    main()

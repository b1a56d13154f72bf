"""Serves ingestion."""

from services.chassis import lifecycle, settings
from services.ingestion.bootstrap import bootstrap
from services.ingestion.settings import Settings


def main() -> None:
    lifecycle.run("ingestion", settings.read(Settings), bootstrap)


if __name__ == "__main__":
    main()

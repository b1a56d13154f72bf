"""Serves tools."""

from services.chassis import lifecycle, settings
from services.tools.bootstrap import bootstrap
from services.tools.settings import Settings


def main() -> None:
    lifecycle.run("tools", settings.read(Settings), bootstrap)


if __name__ == "__main__":
    main()

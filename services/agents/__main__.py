"""Serves agents."""

from services.agents.bootstrap import bootstrap
from services.agents.settings import Settings
from services.chassis import lifecycle, settings


def main() -> None:
    lifecycle.run("agents", settings.read(Settings), bootstrap)


if __name__ == "__main__":
    main()

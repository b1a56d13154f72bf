"""Serves the serving controller."""

from services.chassis import lifecycle, settings
from services.serving.bootstrap import SERVICE, bootstrap
from services.serving.settings import Settings


def main() -> None:
    lifecycle.run(SERVICE, settings.read(Settings), bootstrap)


if __name__ == "__main__":
    main()

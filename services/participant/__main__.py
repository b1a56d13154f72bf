"""Takes part in a federation until it ends, then exits 0; exits 1 where it failed or was cancelled."""

import signal
import sys
import threading

from services.chassis import auth, telemetry
from services.chassis import settings as chassis_settings
from services.participant.bootstrap import bootstrap, caller
from services.participant.settings import Settings


def main() -> int:
    settings = chassis_settings.read(Settings)
    name = f"participant-{settings.participant}"
    telemetry.start(
        name, state_dir=settings.state_dir, otlp_endpoint=settings.otlp_endpoint, log_level=settings.log_level
    )
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with auth.acting_as(caller(settings)), telemetry.span("participant", settings.traceparent):
        outcome = bootstrap(settings).run(stopping.is_set)
    return 0 if outcome == "SUCCEEDED" else 1


if __name__ == "__main__":
    sys.exit(main())

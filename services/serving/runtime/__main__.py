"""`python -m services.serving.runtime`: the model server."""

import gc
import sys

from services.chassis import settings, telemetry
from services.serving.runtime.settings import RuntimeSettings, share_cores

SERVICE = "model-server"


def main() -> None:
    """Serves until SIGTERM or SIGINT."""
    values = settings.read(RuntimeSettings)
    telemetry.start(SERVICE, state_dir=values.state_dir, otlp_endpoint=values.otlp_endpoint, log_level=values.log_level)
    share_cores()
    # KServe parses the command line when it is imported, and this process's may be another program's.
    sys.argv = sys.argv[:1]
    # Nothing of what is imported ever becomes garbage; looking for it takes a tenth of the start.
    gc.disable()
    from services.serving.runtime.bootstrap import bootstrap, serve

    gc.freeze()
    gc.enable()
    serve(values, bootstrap(values))


if __name__ == "__main__":
    main()

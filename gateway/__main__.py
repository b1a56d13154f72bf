"""The gateway's process: settings, bootstrap, serve until SIGTERM or SIGINT."""

import logging
import logging.handlers
import math
import queue
import signal

import uvicorn

from gateway.bootstrap import bootstrap
from gateway.edge import access
from gateway.settings import GatewaySettings
from services.chassis import settings, telemetry

# Longer than clients keep a quiet connection (httpx 5 s, usual load balancers 60 s), so that they close it and never
# send into a connection that is being closed here.
KEEPALIVE_SECONDS = 75


def main() -> None:
    config = settings.read(GatewaySettings)
    telemetry.start(
        "gateway", state_dir=config.state_dir, otlp_endpoint=config.otlp_endpoint, log_level=config.log_level
    )
    listener = unblock_access_log()
    # The server sends itself the signal again once it has stopped; the process shall end well then.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    server(config).run()
    listener.stop()


def server(config: GatewaySettings) -> uvicorn.Server:
    """The HTTP server of these settings, not yet started."""
    host, _, port = config.listen.rpartition(":")
    return uvicorn.Server(
        uvicorn.Config(
            bootstrap(config),
            host=host.strip("[]"),
            port=int(port),
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=KEEPALIVE_SECONDS,
            timeout_graceful_shutdown=math.ceil(config.grace_seconds),
        )
    )


def unblock_access_log() -> logging.handlers.QueueListener:
    """Lets a thread of its own write the access log, so that no request waits for standard error."""
    lines: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    listener = logging.handlers.QueueListener(lines, *logging.getLogger().handlers)
    access.handlers = [logging.handlers.QueueHandler(lines)]
    access.propagate = False
    listener.start()
    return listener


if __name__ == "__main__":
    main()

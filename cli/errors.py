"""Errors of the command line: a stable reason and a message, printed as one line."""

UNREACHABLE = "SERVER_UNREACHABLE"


class CommandError(Exception):
    def __init__(self, reason: str, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.reason, self.message, self.status = reason, message, status

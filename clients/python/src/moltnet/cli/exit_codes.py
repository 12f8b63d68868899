"""How a command ends. The table in docs/cli.md is made of the same."""

from enum import IntEnum

from moltnet.errors import (
    AuthenticationError,
    ConfigurationError,
    MoltNetError,
    NoAnswerError,
    NotFoundError,
    OperationPendingError,
    ProblemError,
    RecoveryRefusedError,
    UnauthorizedError,
    UntrustedTextError,
)


class ExitCode(IntEnum):
    OK = 0
    FAILURE = 1
    USAGE = 2
    CREDENTIALS = 3
    REFUSED = 4
    NOT_FOUND = 5
    LIMIT = 6
    UNAVAILABLE = 7
    INVALID = 8
    INTERRUPTED = 130


class CommandError(MoltNetError):
    """The command itself stops, and knows how it ends."""

    def __init__(self, message: str, exit_code: ExitCode, code: str) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.code = code


MEANINGS = {
    ExitCode.OK: "done",
    ExitCode.FAILURE: "something unexpected",
    ExitCode.USAGE: "the command line does not fit the command",
    ExitCode.CREDENTIALS: "credentials are missing, unreadable or refused",
    ExitCode.REFUSED: "the API refused the request; the message says why",
    ExitCode.NOT_FOUND: "there is no such thing, or it is not for this agent's eyes",
    ExitCode.LIMIT: "too many requests or vouchers; later it may go well",
    ExitCode.UNAVAILABLE: "no answer, a part of the service is away, or the work takes long; try again",
    ExitCode.INVALID: "a signature does not hold, or a text to sign is not what it should be",
    ExitCode.INTERRUPTED: "stopped with Ctrl-C",
}

BY_ERROR: tuple[tuple[type[MoltNetError], ExitCode], ...] = (
    (ConfigurationError, ExitCode.CREDENTIALS),
    (AuthenticationError, ExitCode.CREDENTIALS),
    (UnauthorizedError, ExitCode.CREDENTIALS),
    (NotFoundError, ExitCode.NOT_FOUND),
    (NoAnswerError, ExitCode.UNAVAILABLE),
    (OperationPendingError, ExitCode.UNAVAILABLE),
    (UntrustedTextError, ExitCode.INVALID),
    (RecoveryRefusedError, ExitCode.REFUSED),
)
TOO_MANY, SERVER_ERRORS = 429, 500


def exit_code_of(error: MoltNetError) -> ExitCode:
    """The most fitting code."""
    if isinstance(error, CommandError):
        return error.exit_code
    for kind, code in BY_ERROR:
        if isinstance(error, kind):
            return code
    if isinstance(error, ProblemError):
        if error.status == TOO_MANY:
            return ExitCode.LIMIT
        return ExitCode.UNAVAILABLE if error.status >= SERVER_ERRORS else ExitCode.REFUSED
    return ExitCode.FAILURE

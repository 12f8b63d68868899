"""What ends a tool with a message instead of a traceback."""


class OperatorError(Exception):
    """The text says what is wrong and what to do. It never holds a secret."""

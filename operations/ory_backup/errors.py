"""What ends a backup or a restore with a message instead of a traceback."""


class BackupError(Exception):
    """The text says what is wrong and what to do. It never holds a secret."""

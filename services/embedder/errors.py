"""What can go wrong between a text and its vector."""


class EmbedderError(Exception):
    """Base of every error this package raises on purpose."""


class ModelFilesError(EmbedderError):
    """A model file is missing, cannot be fetched, is not the pinned one, or is not laid out as expected."""


class EmptyTextError(EmbedderError, ValueError):
    """The text holds no token, so a vector of it would mean nothing."""


class EmbedderBusyError(EmbedderError):
    """As many texts wait as may wait; try again later."""


class EmbedderClosedError(EmbedderError):
    """The engine was closed before this text was embedded."""

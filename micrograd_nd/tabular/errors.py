"""Errors: what a user of the command line can mend, in one line."""

from micrograd_nd.nn.files import ModelFileError

__all__ = ["TableError", "shown", "what_to_mend"]


class TableError(ValueError):
    """Data or settings that a user can mend; the message says where and how."""


def what_to_mend(error: Exception) -> str | None:
    """Say in one line what a user can mend; None for an error that is none of these."""
    if isinstance(error, TableError | ModelFileError | FloatingPointError):
        message = str(error)
    elif isinstance(error, MemoryError):
        message = f"there is not enough memory: {error}"
    elif isinstance(error, OSError) and error.strerror:
        message = f"{error.filename or 'output'}: {error.strerror.lower()}"
    else:
        return None
    return " ".join(message.split())


def shown(text: str, length: int = 40) -> str:
    """Quote a text for a message of one line, cut where it is long."""
    return repr(text if len(text) <= length else text[: length - 3] + "...")

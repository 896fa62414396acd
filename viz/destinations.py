"""Where pictures, pages and films are written, and what is said where they cannot be."""

from pathlib import Path

from micrograd_nd.files import replace_file

__all__ = ["check_folder", "write"]


def check_folder(path: Path) -> None:
    """Refuse a file in a folder that is not there, before the work."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"cannot write {path}: there is no folder {path.parent}")


def write(path: Path, content: bytes, what: str) -> None:
    """Write a file in one step, or say of what it would have been that it cannot be written."""
    try:
        replace_file(path.resolve(), content)
    except OSError as error:
        raise OSError(error.errno, f"cannot write the {what}: {error.strerror}", str(path)) from None

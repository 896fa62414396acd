"""Files that are replaced whole: models and pictures are written by this."""

import errno
import os
import secrets
import stat
from pathlib import Path

__all__ = ["check_replaceable", "replace_file"]


def replace_file(path: Path, content: bytes) -> None:
    """Write beside the file and rename, so that there is always a whole file, the old one or the new."""
    mode = mode_of(path)
    unfinished = path.with_name(f".{path.name[:32]}.{secrets.token_hex(4)}.tmp")
    try:
        with unfinished.open("xb") as file:
            if mode is not None:
                unfinished.chmod(mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    if os.name == "posix":
        # The new name lasts only once the folder is written too.
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def check_replaceable(path: Path) -> None:
    """Find out before the work, and not after it, that `replace_file` would fail.

    Raises
    ------
    OSError
        If the path leads to no regular file, or its folder does not exist or cannot be written to.
    """
    mode_of(path)
    probe = path.with_name(f".{path.name[:32]}.{secrets.token_hex(4)}.tmp")
    probe.touch(exist_ok=False)
    probe.unlink()


def mode_of(path: Path) -> int | None:
    """Read the permissions of a file, None if there is none yet; what else a path may lead to is not replaced."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        raise OSError(errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL, "not a regular file", str(path))
    return stat.S_IMODE(mode)

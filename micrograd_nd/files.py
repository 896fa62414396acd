"""Files that are replaced whole: models and pictures are written by this."""

import errno
import os
import re
import secrets
import stat
from contextlib import suppress
from io import BufferedWriter
from pathlib import Path

__all__ = ["check_replaceable", "replace_file"]


def replace_file(path: Path, content: bytes) -> None:
    """Write beside the file and rename, so that there is always a whole file, the old one or the new.

    A process that is killed on the way leaves its unfinished file, which the next that writes to `path` removes, where
    locks tell that nobody is writing it any more.
    """
    mode = mode_of(path)
    file, unfinished = begun(path)
    try:
        with file:
            if mode is not None:
                unfinished.chmod(mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            if os.name == "posix":  # while it is locked, so that nobody takes it for left behind
                unfinished.replace(path)
        if os.name != "posix":  # where an open file cannot be renamed
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
        remove_left_behind(path)


def begun(path: Path) -> tuple[BufferedWriter, Path]:
    """Make an unfinished file, locked as long as it is open, which ends with the process at the latest."""
    while True:
        unfinished = path.with_name(f"{prefix(path)}{secrets.token_hex(4)}.tmp")
        file = unfinished.open("xb")
        try:
            lock(file.fileno(), wait=True)  # briefly: another writer is looking whether it was left behind
            if os.fstat(file.fileno()).st_nlink:
                return file, unfinished
        except BaseException:
            file.close()
            unfinished.unlink(missing_ok=True)
            raise
        file.close()  # removed by another writer before it was locked


def remove_left_behind(path: Path) -> None:
    """Remove the unfinished files of writers that are no more; one that cannot be removed does no harm."""
    name = re.compile(re.escape(prefix(path)) + r"[0-9a-f]{8}\.tmp")
    with suppress(OSError), os.scandir(path.parent) as folder:
        for entry in folder:
            if name.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                with suppress(OSError):
                    remove_unlocked(Path(entry.path))


def remove_unlocked(unfinished: Path) -> None:
    """Remove a file unless somebody is writing it, or that cannot be known."""
    descriptor = os.open(unfinished, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        if lock(descriptor, wait=False):
            unfinished.unlink()
    finally:
        os.close(descriptor)


def lock(descriptor: int, wait: bool) -> bool:
    """Lock an open file, for as long as it is open; False where others hold it, or there are no such locks."""
    try:
        import fcntl
    except ImportError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        return False
    return True


def prefix(path: Path) -> str:
    """Give what the names of unfinished files begin with."""
    return f".{path.name[:32]}."


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

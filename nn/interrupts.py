"""What an interrupt from the keyboard must not leave half done."""

from collections.abc import Callable
from typing import Any

__all__ = ["completed"]


def completed(action: Callable[[], Any]) -> bool:
    """Do something that may be begun again, and begin it again whenever it is interrupted from the keyboard.

    Parameters
    ----------
    action : callable
        Called without arguments.

    Returns
    -------
    bool
        Whether it was interrupted.
    """
    interrupted = False
    while True:
        try:
            action()
        except KeyboardInterrupt:
            interrupted = True
        else:
            return interrupted

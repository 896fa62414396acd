"""How many cores this process may use: what its affinity allows, and what the quota of its control group pays for."""

import math
import os
from pathlib import Path

__all__ = ["affinity", "cgroup_quota", "usable"]


def usable(allowed: int, quota: float | None) -> int:
    """The number of threads that can run at once.

    Examples
    --------
    >>> usable(8, None), usable(8, 1.5), usable(2, 4.0)
    (8, 2, 2)
    """
    return max(1, allowed if quota is None else min(allowed, math.ceil(quota)))


def affinity() -> int:
    """The number of cores that the scheduler may put this process on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cgroup_quota(root: Path = Path("/")) -> float | None:
    """Read how many cores' time the control groups of this process may use, as containers limit it.

    Parameters
    ----------
    root : Path
        Where ``proc`` and ``sys`` are.

    Returns
    -------
    float or None
        None where there is no limit, and on systems without control groups.
    """
    limits = []
    for hierarchy, controllers, path in memberships(root):
        if hierarchy == "0":
            mounts = [root / "sys/fs/cgroup", root / "sys/fs/cgroup/unified"]
        elif "cpu" in controllers:
            mounts = [root / "sys/fs/cgroup/cpu", root / "sys/fs/cgroup" / ",".join(controllers)]
        else:
            continue
        limits += [limit for mount in mounts for limit in limits_above(mount, path)]
    return min(limits, default=None)


def memberships(root: Path) -> list[tuple[str, list[str], str]]:
    """Read which control group of each hierarchy this process is in."""
    try:
        text = (root / "proc/self/cgroup").read_text(encoding="utf-8")
    except OSError:
        return []
    rows = [line.split(":", 2) for line in text.splitlines() if line.count(":") >= 2]
    return [(hierarchy, controllers.split(","), path.strip("/")) for hierarchy, controllers, path in rows]


def limits_above(mount: Path, path: str) -> list[float]:
    """Read the limits of a group and of those it is in; inside a container only the outermost may be visible."""
    folder = mount / path
    # A group outside of this process's view is written with .. and has to be left alone.
    folders = [] if ".." in Path(path).parts else [folder, *folder.parents]
    return [limit for place in folders if place.is_relative_to(mount) if (limit := limit_at(place)) is not None]


def limit_at(folder: Path) -> float | None:
    """Read one group's limit, in the form of either version of control groups."""
    for names in (["cpu.max"], ["cpu.cfs_quota_us", "cpu.cfs_period_us"]):
        try:
            words = " ".join((folder / name).read_text(encoding="utf-8") for name in names).split()
            quota, period = map(float, words)
        except (OSError, ValueError):  # not there, or "max"
            continue
        if quota > 0 and period > 0:
            return quota / period
    return None

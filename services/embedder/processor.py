"""What this process may use of the machine's processor."""

import os
import platform
import re
from math import ceil
from pathlib import Path

FULL_RANGE = 127
"""Largest absolute int8 weight."""
HALF_RANGE = 63
"""The same on processors whose eight-bit dot product saturates at sixteen bits, as x86 without VNNI does."""

_EIGHT_BIT_DOT = frozenset({"avx512_vnni", "avx_vnni", "amx_int8"})


def usable_cores(root: Path = Path("/")) -> int:
    """Cores this process may keep busy: the smaller of affinity and control group quota, at least 1.

    The host's count is no measure in a container, where it leads to more threads than there is time for.
    """
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _cgroup_quota(root)
    return max(1, affinity if quota is None else min(affinity, ceil(quota)))


def largest_weight(root: Path = Path("/")) -> int:
    """Largest absolute int8 weight whose products this processor adds up without saturating."""
    if platform.machine().lower() not in {"x86_64", "amd64"}:
        return FULL_RANGE
    return FULL_RANGE if _EIGHT_BIT_DOT & _cpu_flags(root) else HALF_RANGE


def _cgroup_quota(root: Path) -> float | None:
    """Smallest `cpu.max` from the own control group (version 2) upwards, in cores; None without one."""
    mount = root / "sys/fs/cgroup"
    group = mount / _own_cgroup(root).lstrip("/")
    folders = [group, *(folder for folder in group.parents if folder.is_relative_to(mount))]
    quotas = [quota for folder in folders if (quota := _read_quota(folder / "cpu.max")) is not None]
    return min(quotas, default=None)


def _own_cgroup(root: Path) -> str:
    match = re.search(r"^0::(.*)$", _read(root / "proc/self/cgroup"), re.MULTILINE)
    return match[1] if match else "/"


def _read_quota(path: Path) -> float | None:
    quota, _, period = _read(path).strip().partition(" ")
    return int(quota) / int(period) if quota.isdigit() and period.isdigit() else None


def _cpu_flags(root: Path) -> frozenset[str]:
    match = re.search(r"^flags\s*:(.*)$", _read(root / "proc/cpuinfo"), re.MULTILINE)
    return frozenset(match[1].split()) if match else frozenset()


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""

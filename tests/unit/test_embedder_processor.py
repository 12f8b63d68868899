"""What a container lets the embedder use."""

import os
import platform
from pathlib import Path

import pytest

from services.embedder.processor import FULL_RANGE, HALF_RANGE, largest_weight, usable_cores


def _write(root: Path, path: str, content: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)


@pytest.fixture
def sixteen_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)), raising=False)


@pytest.mark.usefixtures("sixteen_cores")
@pytest.mark.parametrize(
    ("quota", "cores"),
    [
        ("max 100000", 16),
        ("200000 100000", 2),
        ("150000 100000", 2),
        ("5000 100000", 1),
        ("3200000 100000", 16),
    ],
)
def test_the_quota_of_the_control_group_bounds_the_cores(tmp_path: Path, quota: str, cores: int) -> None:
    _write(tmp_path, "sys/fs/cgroup/cpu.max", quota + "\n")
    assert usable_cores(tmp_path) == cores


@pytest.mark.usefixtures("sixteen_cores")
def test_the_tightest_of_nested_groups_counts(tmp_path: Path) -> None:
    _write(tmp_path, "proc/self/cgroup", "0::/pod/container\n")
    _write(tmp_path, "sys/fs/cgroup/pod/cpu.max", "300000 100000\n")
    _write(tmp_path, "sys/fs/cgroup/pod/container/cpu.max", "max 100000\n")
    assert usable_cores(tmp_path) == 3


@pytest.mark.usefixtures("sixteen_cores")
def test_without_control_groups_the_affinity_counts(tmp_path: Path) -> None:
    assert usable_cores(tmp_path) == 16


@pytest.mark.parametrize(
    ("machine", "flags", "limit"),
    [
        ("x86_64", "fpu avx2 avx512_vnni", FULL_RANGE),
        ("x86_64", "fpu avx2", HALF_RANGE),
        ("aarch64", "", FULL_RANGE),
    ],
)
def test_weights_are_kept_small_where_sums_would_saturate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: str, flags: str, limit: int
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    _write(tmp_path, "proc/cpuinfo", f"processor\t: 0\nflags\t\t: {flags}\nbugs\t\t:\n")
    assert largest_weight(tmp_path) == limit

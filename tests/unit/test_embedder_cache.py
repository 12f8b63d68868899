"""Built models: found again, checked, and safe to share."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from services.embedder.cache import ModelCache, cache_key
from services.embedder.models import E5_SMALL, MINILM, WEIGHTS_FILE
from services.embedder.processor import FULL_RANGE, HALF_RANGE


def _never() -> bytes:
    raise AssertionError("built again")


def test_a_built_model_is_found_again(tmp_path: Path) -> None:
    cache = ModelCache(tmp_path / "new" / "folder")
    path = cache.get("key", lambda: b"model")
    assert path.read_bytes() == b"model"
    assert cache.get("key", _never) == path
    assert cache.get("other", lambda: b"model") != path


def test_a_damaged_model_is_built_again(tmp_path: Path) -> None:
    cache = ModelCache(tmp_path)
    path = cache.get("key", lambda: b"model")
    path.write_bytes(b"mod")
    assert cache.get("key", lambda: b"model").read_bytes() == b"model"
    assert cache.get("key", _never).read_bytes() == b"model"


def test_a_failed_build_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        ModelCache(tmp_path).get("key", _never)
    assert list(tmp_path.iterdir()) == []


def test_builders_at_the_same_time_all_get_an_intact_model(tmp_path: Path) -> None:
    together = threading.Barrier(4)

    def build() -> bytes:
        together.wait()
        return b"model" * 100_000

    with ThreadPoolExecutor(4) as pool:
        paths = list(pool.map(lambda _: ModelCache(tmp_path).get("key", build), range(4)))
    assert {path.read_bytes() for path in paths} == {b"model" * 100_000}
    assert list(tmp_path.iterdir()) == [paths[0]]


def test_whatever_changes_the_result_changes_the_name() -> None:
    other_weights = replace(MINILM, sha256={**MINILM.sha256, WEIGHTS_FILE: "0" * 64})
    names = {
        cache_key(MINILM, "int8", FULL_RANGE),
        cache_key(MINILM, "int8", HALF_RANGE),
        cache_key(MINILM, "fp32", FULL_RANGE),
        cache_key(other_weights, "int8", FULL_RANGE),
        cache_key(E5_SMALL, "int8", FULL_RANGE),
    }
    assert len(names) == 5
    assert cache_key(MINILM, "fp32", HALF_RANGE) in names
    assert not any("/" in name for name in names)

"""The Dockerfile gives each service what it imports, and has what it needs to be built.

Images carry only their service's extra. So whatever a service imports, however deep, must come with it.
"""

import ast
import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from local.settings import ROOT, SERVICES
from tests.compose import declared, document
from tests.deployment.variables import ENTRY_POINTS

PROJECT = "moltnet-services"
OURS = ("services", "shared", "migrations", "operations")
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PATHS = {**ENTRY_POINTS, "operations": "operations"}
EXTRA_OF = {"migrate": "migrations", "nats-setup": "migrations"}
INSTRUMENTS_WHAT_IS_THERE = {"shared.telemetry"}
"""Looks for a package before it imports one, inside its functions."""


@cache
def extras() -> dict[str, list[Requirement]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    told = {"": project["dependencies"], **project["optional-dependencies"]}
    return {name: [Requirement(each) for each in wanted] for name, wanted in told.items()}


def installed_with(extra: str) -> set[str]:
    """The distributions that come with an extra of this project, and with what these need."""
    found: set[str] = set()
    waiting = [*extras()[""], *extras()[extra]]
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        if name == PROJECT:
            waiting += [each for inner in wanted.extras for each in extras()[inner]]
        elif name not in found or wanted.extras:
            found.add(name)
            waiting += _needs(name, wanted.extras)
    return found


def _needs(name: str, wanted_extras: set[str]) -> Iterator[Requirement]:
    for text in importlib.metadata.requires(name) or []:
        needed = Requirement(text)
        if needed.marker is None or any(
            needed.marker.evaluate({"extra": extra}) for extra in ("", *wanted_extras)
        ):
            needed.marker = None
            yield needed


def modules_of(path: Path) -> dict[str, ast.Module]:
    """The modules of ours that run when those at `path` do."""
    found: dict[str, ast.Module] = {}
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    waiting = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]
    while waiting:
        name = waiting.pop()
        file = _file_of(name)
        if name not in found and file is not None:
            found[name] = ast.parse(file.read_text())
            waiting += [each for each in _imported(name, found[name]) if each.split(".")[0] in OURS]
            waiting += [name.rpartition(".")[0]] if "." in name else []
    return found


def _file_of(name: str) -> Path | None:
    path = ROOT.joinpath(*name.split("."))
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.exists()), None)


def _imported(module: str, tree: ast.Module) -> Iterator[str]:
    """Dotted names, those of members included, which may be modules too."""
    nodes = tree.body if module in INSTRUMENTS_WHAT_IS_THERE else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)


@pytest.mark.parametrize("service", PATHS)
def test_an_image_has_every_package_that_its_service_imports(service: str) -> None:
    imported = {
        name.split(".")[0]
        for module, tree in modules_of(ROOT / PATHS[service]).items()
        for name in _imported(module, tree)
    }
    foreign = imported - set(sys.stdlib_module_names) - set(OURS)
    providers = importlib.metadata.packages_distributions()
    here = installed_with(EXTRA_OF.get(service, service))
    lacking = {name for name in foreign if not {canonicalize_name(each) for each in providers[name]} & here}
    assert lacking == set()


def test_every_file_beside_the_code_is_packed_with_it() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]
    everywhere = told.pop("*")
    packed = {path for name, globs in told.items() for each in globs for path in _folder(name).glob(each)}
    beside = {
        path
        for name in OURS
        for path in _folder(name).rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    }
    assert {
        path for path in beside - packed if not any(fnmatch(path.name, each) for each in everywhere)
    } == set()


def _folder(package: str) -> Path:
    return ROOT.joinpath(*package.split("."))


def test_whatever_compose_builds_is_an_extra() -> None:
    built = {each["build"]["args"]["SERVICE"] for each in document()["services"].values() if "build" in each}
    assert built <= set(extras())


def test_what_builds_the_project_is_pinned_in_the_image() -> None:
    wanted = [
        Requirement(each)
        for each in tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    ]
    pinned = dict(
        re.findall(r"^([\w-]+)==(\S+)", (ROOT / "requirements-build.lock").read_text(), re.MULTILINE)
    )
    assert all(each.specifier.contains(pinned[each.name]) for each in wanted)


def test_every_file_that_the_dockerfile_copies_reaches_the_build() -> None:
    copied = {
        name
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for name in line.split()[:-1]
    }
    admitted = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    assert copied == admitted
    assert all((ROOT / name).exists() for name in copied)


def test_every_lock_is_used_with_its_hashes() -> None:
    installs = re.findall(r"pip wheel [^&]*", DOCKERFILE)
    assert {lock for install in installs for lock in re.findall(r"requirements\S*\.lock", install)} == {
        path.name for path in ROOT.glob("requirements*.lock")
    }
    assert all("--require-hashes" in install for install in installs)
    assert "pip install" in DOCKERFILE
    assert all("--no-index" in line for line in re.findall(r"pip install [^&;]*", DOCKERFILE))


def test_the_process_of_an_image_is_nobody_in_particular() -> None:
    final = DOCKERFILE.rpartition("FROM ")[2]
    assert re.search(r"^USER [1-9]\d*$", final, re.MULTILINE)


def test_an_image_tells_by_itself_whether_its_service_is_well() -> None:
    check = DOCKERFILE.partition("HEALTHCHECK")[2]
    doors = {name for name in SERVICES if "HEARTBEAT_FILE" not in declared(name)["environment"]}
    for name in doors:
        (ours,) = re.findall(rf"{name}\) python .*?(/health\w*)'", check)
        assert f"{ours}'" in declared(name)["healthcheck"]["test"][-1]
    (file,) = {told["HEARTBEAT_FILE"] for told in _environments() if "HEARTBEAT_FILE" in told}
    assert f"HEARTBEAT_FILE={file}\n" in DOCKERFILE
    assert 'find "$HEARTBEAT_FILE" -newermt' in check


def _environments() -> Iterator[dict[str, str]]:
    for name in SERVICES:
        yield declared(name)["environment"]


def test_no_installer_is_left_in_an_image() -> None:
    assert "venv --without-pip" in DOCKERFILE

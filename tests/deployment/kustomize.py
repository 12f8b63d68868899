"""Builds an overlay as `kubectl kustomize` does, as far as deploy/k8s uses it, so that no cluster tool is needed.

Whatever else a kustomization says is refused. Names of generated ConfigMaps get no hash.
"""

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

Manifest = dict[str, Any]
Step = Callable[[list[Manifest], Any, Path], list[Manifest]]
ALONE = {"Namespace"}
"""Kinds that belong to no namespace."""


class UnknownFieldError(Exception):
    """A kustomization asks for what this builder does not know."""


def build(folder: Path) -> list[Manifest]:
    """All manifests of a kustomization."""
    return _applied(folder, [])


def _applied(folder: Path, manifests: list[Manifest]) -> list[Manifest]:
    told = yaml.safe_load((folder / "kustomization.yaml").read_text())
    unknown = told.keys() - {"apiVersion", "kind", *STEPS}
    if unknown:
        raise UnknownFieldError(f"{folder}: {', '.join(sorted(unknown))}")
    for field, step in STEPS.items():
        if field in told:
            manifests = step(manifests, told[field], folder)
    return manifests


def _resources(manifests: list[Manifest], names: list[str], folder: Path) -> list[Manifest]:
    return manifests + [each for name in names for each in _read((folder / name).resolve())]


def _read(path: Path) -> list[Manifest]:
    if path.is_dir():
        return build(path)
    return [document for document in yaml.safe_load_all(path.read_text()) if document]


def _generated(manifests: list[Manifest], generators: list[Manifest], folder: Path) -> list[Manifest]:
    made = []
    for generator in generators:
        data = {name: (folder / name).read_text() for name in generator["files"]}
        made.append(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": generator["name"]}, "data": data}
        )
    return manifests + made


def _components(manifests: list[Manifest], names: list[str], folder: Path) -> list[Manifest]:
    for name in names:
        manifests = _applied((folder / name).resolve(), manifests)
    return manifests


def _patched(manifests: list[Manifest], patches: list[Manifest], _folder: Path) -> list[Manifest]:
    manifests = copy.deepcopy(manifests)
    for patch in patches:
        found = [each for each in manifests if _is_target(each, patch["target"])]
        assert found, f"nothing is meant by {patch['target']}"
        operations = yaml.safe_load(patch["patch"])
        if isinstance(operations, dict):
            assert operations.get("$patch") == "delete", "only deletions are merged"
            manifests = [each for each in manifests if each not in found]
            continue
        for manifest in found:
            for operation in operations:
                _replace(manifest, operation)
    return manifests


def _is_target(manifest: Manifest, target: dict[str, str]) -> bool:
    metadata = manifest["metadata"]
    label, _, value = target.get("labelSelector", "").partition("=")
    return (
        re.fullmatch(target.get("kind", ".*"), manifest["kind"]) is not None
        and re.fullmatch(target.get("name", ".*"), metadata["name"]) is not None
        and (not label or metadata.get("labels", {}).get(label) == value)
    )


def _replace(manifest: Manifest, operation: Manifest) -> None:
    """RFC 6902, `replace`: what is to be replaced must be there."""
    assert operation["op"] == "replace", operation
    place: Any = manifest
    *way, last = [
        int(part) if part.isdigit() else part.replace("~1", "/").replace("~0", "~")
        for part in operation["path"].split("/")[1:]
    ]
    for part in way:
        place = place[part]
    assert last in place, operation["path"]
    place[last] = operation["value"]


def _scaled(manifests: list[Manifest], counts: list[Manifest], _folder: Path) -> list[Manifest]:
    manifests = copy.deepcopy(manifests)
    for count in counts:
        found = [
            each
            for each in manifests
            if each["kind"] in {"Deployment", "StatefulSet"} and each["metadata"]["name"] == count["name"]
        ]
        assert found, count
        for each in found:
            each["spec"]["replicas"] = count["count"]
    return manifests


def _imaged(manifests: list[Manifest], images: list[Manifest], _folder: Path) -> list[Manifest]:
    manifests = copy.deepcopy(manifests)
    renamed = {each["name"]: f"{each.get('newName', each['name'])}:{each['newTag']}" for each in images}
    for each in manifests:
        spec = each.get("spec", {})
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        for container in spec.get("template", {}).get("spec", {}).get("containers", []):
            container["image"] = renamed.get(container["image"], container["image"])
    return manifests


def _placed(manifests: list[Manifest], namespace: str, _folder: Path) -> list[Manifest]:
    manifests = copy.deepcopy(manifests)
    for each in manifests:
        if each["kind"] not in ALONE:
            each["metadata"]["namespace"] = namespace
    return manifests


STEPS: dict[str, Step] = {
    "resources": _resources,
    "configMapGenerator": _generated,
    "components": _components,
    "patches": _patched,
    "namespace": _placed,
    "replicas": _scaled,
    "images": _imaged,
}
"""In the order in which they are done."""

"""What will be deployed: the environment of each service and job, as Compose or the manifests declare it."""

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from operations.preflight.findings import Finding, UnreadableError

WORKLOADS = frozenset({"Deployment", "StatefulSet", "Job"})
OF_THE_POD = "set by the cluster"
"""Stands for what only a running pod has, its name for instance."""
Document = Mapping[str, Any]


@dataclass
class Installation:
    """By service, its variables, and how many replicas there are of it, where that is declared.

    `findings` is what was already wrong when they were put together.
    """

    environments: dict[str, dict[str, str]] = field(default_factory=dict)
    replicas: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def value(self, service: str, variable: str) -> str:
        """Empty when it is not set, which is the same to a service."""
        return self.environments.get(service, {}).get(variable, "")


def read(texts: Mapping[str, str]) -> Installation:
    """From JSON texts by the names of their files. UnreadableError when one is something else."""
    documents = {name: _parsed(name, text) for name, text in texts.items()}
    composed = [each for each in documents.values() if "services" in each]
    manifests = [inner for each in documents.values() if "services" not in each for inner in _items(each)]
    if composed and manifests:
        raise UnreadableError("Name the files of Compose or those of a cluster, not both.")
    found = _of_compose(composed) if composed else _of_cluster(manifests)
    if not found.environments:
        raise UnreadableError("No service is declared in these files.")
    return found


def text_of(path: str, standard_input: Iterable[str]) -> str:
    """The content of a file; `-` is standard input."""
    try:
        return "".join(standard_input) if path == "-" else Path(path).read_text()
    except (OSError, UnicodeDecodeError) as failure:
        raise UnreadableError(f"{path} cannot be read: {failure}.") from None


def _parsed(name: str, text: str) -> Document:
    try:
        document = json.loads(text)
    except ValueError:
        raise UnreadableError(f"{name} is not JSON.") from None
    if not isinstance(document, dict):
        raise UnreadableError(f"{name} holds no object.")
    return document


def _items(document: Document) -> Iterator[Document]:
    yield from document["items"] if document.get("kind") == "List" else [document]


def _of_compose(documents: Iterable[Document]) -> Installation:
    found = Installation()
    for document in documents:
        for name, service in document["services"].items():
            told = service.get("environment") or {}
            if "scale" in service:
                found.replicas[name] = service["scale"]
            found.environments[name] = {
                # Compose doubles each dollar sign of what it prints.
                variable: str(value).replace("$$", "$")
                for variable, value in told.items()
                if value is not None
            }
    return found


def _of_cluster(manifests: list[Document]) -> Installation:
    found, data = Installation(), _data(manifests)
    for manifest in manifests:
        if manifest.get("kind") in WORKLOADS:
            name = manifest["metadata"]["name"]
            (container, *_others) = manifest["spec"]["template"]["spec"]["containers"]
            found.environments[name] = _environment(name, container, data, found.findings)
            if "replicas" in manifest["spec"]:
                found.replicas[name] = manifest["spec"]["replicas"]
    return found


def _data(manifests: Iterable[Document]) -> dict[tuple[str, str], dict[str, str]]:
    """By kind and name, what ConfigMaps and Secrets hold."""
    return {
        (each["kind"], each["metadata"]["name"]): _opened(each)
        for each in manifests
        if each.get("kind") in {"ConfigMap", "Secret"}
    }


def _opened(manifest: Document) -> dict[str, str]:
    data = manifest.get("data") or {}
    if manifest["kind"] == "Secret":
        name = manifest["metadata"]["name"]
        data = {key: _decoded(name, key, value) for key, value in data.items()}
    return {**data, **(manifest.get("stringData") or {})}


def _decoded(name: str, key: str, value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise UnreadableError(f"{key} of the Secret {name} is no text in base64.") from None


def _environment(
    name: str, container: Document, data: dict[tuple[str, str], dict[str, str]], findings: list[Finding]
) -> dict[str, str]:
    environment: dict[str, str] = {}
    for each in container.get("envFrom", []):
        map_name = each["configMapRef"]["name"]
        if ("ConfigMap", map_name) not in data:
            findings.append(Finding(name, f"there is no ConfigMap {map_name}"))
        environment |= data.get(("ConfigMap", map_name), {})
    for variable in container.get("env", []):
        value = variable.get("value", "")
        source = variable.get("valueFrom", {})
        if "secretKeyRef" in source:
            value = _secret(name, source["secretKeyRef"], data, findings)
        elif source:
            value = OF_THE_POD
        environment[variable["name"]] = value
    return environment


def _secret(
    name: str,
    reference: Document,
    data: dict[tuple[str, str], dict[str, str]],
    findings: list[Finding],
) -> str:
    secret, key = reference["name"], reference["key"]
    value = data.get(("Secret", secret), {}).get(key)
    if value is None and not reference.get("optional"):
        findings.append(Finding(name, f"the Secret {secret} with the key {key} is not there"))
    return value or ""

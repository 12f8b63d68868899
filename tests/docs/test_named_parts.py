"""Commands for what cannot be started here, containers and clusters, name parts that exist."""

import re
from importlib.util import find_spec

import pytest
import yaml

from local.settings import ROOT
from tests.compose import document
from tests.deployment.kustomize import build
from tests.docs.documents import Document, documents

MODULE = re.compile(
    r"python3? -m ((?:services|shared|operations|migrations|local|bench|tests|moltnet)\b[\w.]*)"
)
COMPOSE = re.compile(r"docker compose (run|exec|stop|up|cp)\b([^\n|&;`#]*)")
SCALED = re.compile(r"--scale (\S+)=\d+")
COPIED = re.compile(r"(\S+):/")
OVERLAY = re.compile(r"kubectl apply -k (\S+)")
OBJECT = re.compile(r"\b(statefulset|deployment|job|cronjob)/([a-z][a-z0-9-]*)")
TOLD = ["docs/deploying.md", "docs/operating.md"]
DOCUMENTS = [pytest.param(each, id=each.name) for each in documents()]


@pytest.mark.parametrize("told", DOCUMENTS)
def test_every_program_that_a_document_runs_is_there(told: Document) -> None:
    for module in MODULE.findall(told.text):
        name = module.rstrip(".")
        found = find_spec(name)
        assert found, name
        assert not found.submodule_search_locations or find_spec(f"{name}.__main__"), name


@pytest.mark.parametrize("told", DOCUMENTS)
def test_every_container_that_a_document_names_is_declared(told: Document) -> None:
    services = document()["services"]
    for verb, rest in COMPOSE.findall(told.text):
        assert _containers(verb, rest) <= services.keys(), f"{verb}{rest}"


def _containers(verb: str, rest: str) -> set[str]:
    words = [word for word in rest.split() if not word.startswith("-")]
    if verb == "cp":
        return set(COPIED.findall(rest))
    if verb == "up":
        return {*SCALED.findall(rest), *(word for word in words if "=" not in word)}
    return set(words if verb == "stop" else words[:1])


def test_every_part_of_the_cluster_that_the_documents_name_is_in_its_manifests() -> None:
    text = "\n".join((ROOT / name).read_text() for name in TOLD)
    for overlay in OVERLAY.findall(text):
        assert build(ROOT / overlay)
    manifests = [
        each
        for file in (ROOT / "deploy" / "k8s").rglob("*.yaml")
        for each in yaml.safe_load_all(file.read_text())
        if each and "metadata" in each
    ]
    there = {(each["kind"].lower(), each["metadata"].get("name")) for each in manifests}
    named = set(OBJECT.findall(text))
    assert named
    assert named <= there

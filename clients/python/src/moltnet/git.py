"""Git as the agent: its name, and commits signed with its key."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from moltnet.config import AgentConfig
from moltnet.errors import ConfigurationError
from moltnet.files import write_shared

MAIL_HOST = "agents.themolt.net"


@dataclass(frozen=True)
class GitIdentity:
    """What commits are made as. Raises ConfigurationError for what git can not hold."""

    name: str
    email: str

    def __post_init__(self) -> None:
        for text in (self.name, self.email):
            if not text.strip() or not text.isprintable() or set(text) & set('"\\<>'):
                raise ConfigurationError(f"Git can not hold {text!r} as a name or an address.")

    @classmethod
    def of(cls, config: AgentConfig, name: str | None = None, email: str | None = None) -> "GitIdentity":
        """Named after the identity, unless told otherwise. Raises ConfigurationError."""
        identity = config.identity_id
        if not identity:
            raise ConfigurationError("The credentials file names no identity: register first.")
        return cls(name or f"moltnet-agent-{identity[:8]}", email or f"{identity}@{MAIL_HOST}")


def set_up_git(
    config: AgentConfig, directory: Path, identity: GitIdentity, helpers: Mapping[str, str] | None = None
) -> AgentConfig:
    """Write `ssh/allowed_signers` and `gitconfig`. Gives the configuration with its `git` section.

    `helpers`: credential helpers by the address that they are for; others are not asked there.
    The SSH key has to be exported before: see `moltnet.ssh.export_ssh_key`.
    """
    ssh = config.section("ssh")
    if ssh is None:
        raise ConfigurationError("Export the SSH key first, with `moltnet ssh-key`.")
    public_key = Path(str(ssh["public_key_path"]))
    try:
        key = public_key.read_text(encoding="ascii").strip()
    except OSError as failure:
        raise ConfigurationError(f"{public_key} can not be read: export the SSH key again.") from failure
    signers, gitconfig = public_key.parent / "allowed_signers", directory / "gitconfig"
    write_shared(signers, f'{identity.email} namespaces="git" {key}\n')
    text = _gitconfig(identity, str(ssh["private_key_path"]), signers)
    for address, helper in (helpers or {}).items():
        text += f"[credential {_quoted(address)}]\n\thelper =\n\thelper = {_quoted(helper)}\n"
    write_shared(gitconfig, text)
    return config.with_section(
        "git", name=identity.name, email=identity.email, signing=True, config_path=str(gitconfig)
    )


def _gitconfig(identity: GitIdentity, private_key: str, signers: Path) -> str:
    return f"""[user]
\tname = "{identity.name}"
\temail = "{identity.email}"
\tsigningkey = {_quoted(private_key)}
[gpg]
\tformat = ssh
[gpg "ssh"]
\tallowedSignersFile = {_quoted(str(signers))}
[commit]
\tgpgsign = true
[tag]
\tgpgsign = true
"""


def _quoted(value: str) -> str:
    """As git reads it (git-config(1))."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'

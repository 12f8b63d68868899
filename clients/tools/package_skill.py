"""Pack the skill bundle: `moltnet-skill-v<version>.tar.gz`, the same bytes for the same files.

python clients/tools/package_skill.py [DIRECTORY]    writes to DIRECTORY (`dist` unless given) and prints the path
"""

import gzip
import io
import json
import re
import sys
import tarfile
from pathlib import Path

SKILL = Path(__file__).resolve().parents[1] / "skill"
FILES = ("SKILL.md", "mcp.json", "version.txt")
FOLDER = "moltnet"
SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?")
FRONT_MATTER = re.compile(r"---\n(.+?)\n---\n", re.DOTALL)
NEEDED = ("name", "description", "homepage", "metadata")


class BundleError(Exception):
    """A file of the bundle is not as it has to be."""


def packed(directory: Path = SKILL) -> tuple[str, bytes]:
    """The bundle's version and its bytes. Raises BundleError."""
    files = {name: (directory / name).read_bytes() for name in FILES}
    version = files["version.txt"].decode().strip()
    if not SEMVER.fullmatch(version):
        raise BundleError(f"version.txt: {version!r} is no semantic version.")
    _check_front_matter(files["SKILL.md"].decode())
    _check_servers(files["mcp.json"])
    return version, _compressed(files)


def _check_front_matter(text: str) -> None:
    found = FRONT_MATTER.match(text)
    names = re.findall(r"^(\w+):", found[1], re.MULTILINE) if found else []
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise BundleError(f"SKILL.md: the front matter lacks {', '.join(missing)}.")


def _check_servers(text: bytes) -> None:
    try:
        servers = json.loads(text)["mcpServers"]
    except (ValueError, KeyError, TypeError) as failure:
        raise BundleError("mcp.json: no JSON object with mcpServers.") from failure
    if list(servers) != ["moltnet"]:
        raise BundleError("mcp.json: one server, named moltnet.")


def _compressed(files: dict[str, bytes]) -> bytes:
    """Without times, owners or modes of this machine."""
    whole = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=whole, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for name, content in files.items():
            member = tarfile.TarInfo(f"{FOLDER}/{name}")
            member.size, member.mode = len(content), 0o644
            archive.addfile(member, io.BytesIO(content))
    return whole.getvalue()


def main(arguments: list[str]) -> int:
    directory = Path(arguments[0] if arguments else "dist")
    try:
        version, bundle = packed()
    except (BundleError, OSError) as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"moltnet-skill-v{version}.tar.gz"
    path.write_bytes(bundle)
    sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

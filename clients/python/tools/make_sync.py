"""Make the blocking client, `moltnet._sync`, from `moltnet._async`.

python clients/python/tools/make_sync.py          write the modules
python clients/python/tools/make_sync.py --check  tell which are out of step; exit code 1 if any is
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "moltnet"
BY_HAND = {"concurrency.py"}
NOTICE = "# Made from moltnet/_async by tools/make_sync.py: change it there.\n"
WORDS = {
    r"async (def|with|for)\b": r"\1",
    r"\bawait ": "",
    r"\bAsync(MoltNet|Client|Iterator|Generator)\b": r"\1",
    r"\b__a(enter|exit|iter|next)__\b": r"__\1__",
    r"\baclose\b": "close",
    r"\ba(connect_sse|iter_sse|read)\b": r"\1",
    r"\b_async\b": "_sync",
}
PACKAGE_NOTE = '"""The blocking client."""\n'


def sync_source(source: str) -> str:
    """A module of the asynchronous client as its blocking twin, before formatting."""
    for pattern, replacement in WORDS.items():
        source = re.sub(pattern, replacement, source)
    return NOTICE + source


def formatted(source: str) -> str:
    """As ruff writes it, imports sorted: shorter words leave shorter lines."""
    for command in (["check", "--select", "I", "--fix", "--quiet"], ["format", "--quiet"]):
        command = [
            sys.executable,
            "-m",
            "ruff",
            *command,
            "--stdin-filename",
            str(PACKAGE / "_sync" / "x.py"),
            "-",
        ]
        source = subprocess.run(command, input=source, capture_output=True, text=True, check=True).stdout  # noqa: S603
    return source


def modules() -> dict[Path, str]:
    """What each module of `_sync` has to hold."""
    made = {}
    for path in sorted((PACKAGE / "_async").glob("*.py")):
        if path.name not in BY_HAND:
            source = PACKAGE_NOTE if path.name == "__init__.py" else path.read_text()
            made[PACKAGE / "_sync" / path.name] = formatted(sync_source(source))
    return made


def main(arguments: list[str]) -> int:
    made = modules()
    stale = [path for path, source in made.items() if not path.exists() or path.read_text() != source]
    left_over = [
        path for path in (PACKAGE / "_sync").glob("*.py") if path not in made and path.name not in BY_HAND
    ]
    if "--check" in arguments:
        for path in stale + left_over:
            sys.stderr.write(f"{path} is out of step.\n")
        return 1 if stale or left_over else 0
    for path in stale:
        path.write_text(made[path])
    for path in left_over:
        path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The embedder tells nobody but its own operator how it works."""

import subprocess
import sys
from pathlib import Path

from local.settings import ROOT


def test_the_runtime_of_the_model_keeps_no_record_to_be_sent(tmp_path: Path) -> None:
    """Its reports begin with a device id and a queue on disk, in a process that is no test run."""
    subprocess.run(
        [sys.executable, "-c", "import services.embedder.session"],
        cwd=ROOT,
        env={"HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
        check=True,
    )
    assert list(tmp_path.rglob("*")) == []

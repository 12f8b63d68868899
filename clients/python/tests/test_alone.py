"""The package installs alone, in an environment that has nothing else, from the index that pip is set up with."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import moltnet

PROJECT = Path(__file__).parents[1]
LEFT_OUT = shutil.ignore_patterns("build", "*.egg-info", "__pycache__")


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the programs of an environment are that has the package's wheel and what that asks for."""
    directory = tmp_path_factory.mktemp("alone")
    source = shutil.copytree(PROJECT, directory / "source", ignore=LEFT_OUT)
    environment = directory / "environment"
    run(sys.executable, "-m", "venv", environment)
    python = environment / "bin" / "python"
    run(python, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", directory, source)
    (wheel,) = directory.glob("moltnet-*.whl")
    run(python, "-m", "pip", "install", "--quiet", wheel)
    return python.parent


def run(*command: object) -> str:
    """Standard output. Nothing of the project's own environment is seen."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    words = [str(word) for word in command]
    done = subprocess.run(words, env=environment, cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_command_runs(programs: Path) -> None:
    assert run(programs / "moltnet", "version") == f"{moltnet.__version__}\n"
    assert "rotate-secret" in run(programs / "moltnet", "--help")


def test_every_public_name_can_be_imported(programs: Path) -> None:
    assert run(programs / "python", "-c", "from moltnet import *; print(MoltNet.__name__)") == "MoltNet\n"


def test_type_checkers_see_its_types(programs: Path) -> None:
    where = run(programs / "python", "-c", "import moltnet; print(moltnet.__path__[0])")
    assert (Path(where.strip()) / "py.typed").exists()
    assert Path(where.strip()).is_relative_to(programs.parent)

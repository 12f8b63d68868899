"""The Ory client, imported by the piece.

`import ory_client` loads every one of its six hundred models, some seconds of a service's start and tens of
megabytes of its memory. Importing this module first puts packages in its place that give the same names, each
loaded when it is asked for (PEP 562). Where the client was imported whole before, that stays.
"""

import importlib
import re
import sys
from collections.abc import Sequence
from importlib.abc import Loader
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType

PACKAGES = ("ory_client", "ory_client.api", "ory_client.models")
REEXPORT = re.compile(r"^(?:    )?from (?P<module>ory_client[\w.]*) import (?P<name>\w+)", re.MULTILINE)


class ByThePiece(Loader):
    """Loads a package without what its `__init__` imports; that is imported name by name."""

    def __init__(self, origin: Path) -> None:
        self._home = {match["name"]: match["module"] for match in REEXPORT.finditer(origin.read_text())}

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        def __getattr__(name: str) -> object:  # noqa: N807 - PEP 562 calls it so
            if name not in self._home:
                raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
            value = getattr(importlib.import_module(self._home[name]), name)
            setattr(module, name, value)
            return value

        module.__dict__["__getattr__"] = __getattr__


def install() -> None:
    """Put the packages in place, unless the client is loaded already."""
    if PACKAGES[0] in sys.modules:
        return
    path: Sequence[str] | None = None
    for name in PACKAGES:
        spec = PathFinder.find_spec(name, path)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        loader = ByThePiece(Path(spec.origin))
        spec.loader = loader
        module = sys.modules[name] = module_from_spec(spec)
        loader.exec_module(module)
        parent, _, own = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], own, module)
        path = path or spec.submodule_search_locations

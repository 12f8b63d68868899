"""Which tests stay together when several processes share the run (`make test`).

A stack, a chaos world and a stand-in for Ory take seconds to start, and much memory: one process runs what uses them.
"""

from pathlib import PurePosixPath

from xdist.scheduler import LoadScopeScheduling

TOGETHER = {
    "tests/e2e": "stack",
    "tests/integration": "stack",
    "tests/browser": "stack",
    "tests/clients": "stack",
    "tests/docs": "stack",
    "tests/chaos": "chaos",
    "tests/contract": "ory",
}
"""Folders of tests, and what they share."""


class SharedPartsScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Hands out tests by what they share; those that share nothing, by the module."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return TOGETHER.get(str(PurePosixPath(*PurePosixPath(module).parts[:2])), module)

"""Does what the services need answer, and to them?

An address that is none is not asked: its parts may be those of a password.
"""

from collections.abc import Iterator

from operations.preflight.answers import bus, postgres, web
from operations.preflight.findings import Finding
from operations.preflight.installation import Installation


def check(installation: Installation) -> Iterator[Finding]:
    for part in (postgres, bus, web):
        yield from part.check(installation)

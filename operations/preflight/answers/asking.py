"""How a server is asked, and what is told of how that went."""

from collections.abc import Callable

import httpx
import psycopg

from operations.preflight.findings import Finding
from operations.preflight.forms import is_address
from operations.preflight.installation import Installation

SECONDS = 5


class NotFitError(Exception):
    """A server answers, and not as it should. The text says how, without a secret."""


def asked(about: str, well: str, ask: Callable[[], None]) -> Finding:
    """Ask, and tell how it went."""
    try:
        ask()
    except NotFitError as failure:
        return Finding(about, str(failure))
    except httpx.HTTPError as failure:
        return Finding(about, f"cannot be reached ({type(failure).__name__})")
    except psycopg.OperationalError as failure:
        return Finding(about, f"refuses or cannot be reached ({_first_line(failure)})")
    except psycopg.Error as failure:
        return Finding(about, f"refuses ({type(failure).__name__})")
    return Finding(about, well, wrong=False)


def _first_line(failure: Exception) -> str:
    """Postgres' own words name the role and the address, never the password."""
    return next(iter(str(failure).strip().splitlines()), type(failure).__name__)


def address(installation: Installation, service: str, variable: str) -> str:
    """Empty when there is none that could be asked."""
    value = installation.value(service, variable)
    return value if is_address(variable, value) else ""

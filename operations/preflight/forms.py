"""What settings classes let pass and no installation should have: placeholders, weak secrets, odd addresses."""

import re
from collections.abc import Iterator
from ipaddress import ip_network
from itertools import combinations
from urllib.parse import urlsplit

from cryptography.fernet import Fernet

from operations.preflight.findings import Finding
from operations.preflight.installation import Installation
from operations.preflight.requirements import SETTINGS

PLACEHOLDERS = ("CHANGE_ME", "example.org", "example.com")
MIN_SECRET = 16
PLAIN = re.compile(r"(?!\d+[a-zA-Z]{0,2}$)\w+", re.ASCII)
"""What NATS takes as it stands: it reads a variable as a value of its configuration, so a number, a list, a comment."""
HTTP = frozenset({"http", "https"})
POSTGRES = frozenset({"postgresql", "postgres"})
NATS = frozenset({"nats", "tls"})
SCHEMES = {
    **dict.fromkeys(("DATABASE_URL", "DBOS_SYSTEM_DATABASE_URL", "MIGRATIONS_DATABASE_URL"), POSTGRES),
    **dict.fromkeys((f"ORY_{kind}_URL" for kind in ("PROJECT", "KRATOS_PUBLIC", "KRATOS_ADMIN")), HTTP),
    **dict.fromkeys((f"ORY_{kind}_URL" for kind in ("HYDRA_PUBLIC", "HYDRA_ADMIN")), HTTP),
    **dict.fromkeys((f"ORY_{kind}_URL" for kind in ("KETO_PUBLIC", "KETO_ADMIN")), HTTP),
    "OTEL_EXPORTER_OTLP_ENDPOINT": HTTP,
    "NATS_URL": NATS,
}
SECRETS = (
    *(("gateway", name) for name in ("ORY_ACTION_API_KEY", "OPERATION_SECRET_KEY")),
    ("identity", "RECOVERY_CHALLENGE_SECRET"),
    *((service, "NATS_PASSWORD") for service in SETTINGS),
    *(("migrate", f"{service}_DB_PASSWORD") for service in ("DIARY", "IDENTITY", "SIGNING")),
)
"""One for each purpose, and where it is looked for."""


def check(installation: Installation) -> Iterator[Finding]:
    for service in SETTINGS:
        for variable, value in sorted(installation.environments.get(service, {}).items()):
            for problem in _problems(variable, value):
                yield Finding(service, f"{variable}: {problem}")
    yield from _secrets(installation)


def _problems(variable: str, value: str) -> Iterator[str]:
    for placeholder in PLACEHOLDERS:
        if placeholder in value:
            yield f"still holds the placeholder {placeholder}"
    if value != value.strip():
        yield "begins or ends with white space"
    if value and variable in SCHEMES and not is_address(variable, value):
        yield f"is no address of the form {' or '.join(sorted(SCHEMES[variable]))}://host"
    if variable == "OPERATION_SECRET_KEY" and value and not _is_fernet_key(value):
        yield "is no Fernet key: 32 random bytes in URL-safe base64"
    if variable == "NATS_PASSWORD" and value and not PLAIN.fullmatch(value):
        yield "NATS would misread it: use letters and digits, and begin with a letter"
    if variable == "TRUSTED_PROXIES":
        yield from (f"{name} is no address or network" for name in _names(value) if not _is_network(name))


def is_address(variable: str, value: str) -> bool:
    """Is the value an address of the kind that this variable holds?"""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in SCHEMES[variable] and bool(parts.hostname)


def _is_fernet_key(value: str) -> bool:
    try:
        Fernet(value)
    except ValueError:
        return False
    return True


def _names(comma_list: str) -> list[str]:
    return [part.strip() for part in comma_list.split(",") if part.strip()]


def _is_network(name: str) -> bool:
    try:
        ip_network(name)
    except ValueError:
        return name == "*"
    return True


def _secrets(installation: Installation) -> Iterator[Finding]:
    told = [
        (service, name, value) for service, name in SECRETS if (value := installation.value(service, name))
    ]
    for service, name, value in told:
        if len(value) < MIN_SECRET:
            yield Finding(service, f"{name}: is shorter than {MIN_SECRET} characters")
    for (one, first, value), (other, second, same) in combinations(told, 2):
        if value == same:
            yield Finding(f"{one} and {other}", f"{first} and {second} are the same: make one for each")

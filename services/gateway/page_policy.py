"""The content security policy of pages for people."""

from starlette.types import Scope

UPGRADE = "upgrade-insecure-requests"


def policy(rules: str, scope: Scope) -> str:
    """These rules, and the upgrade that every answer asks for (contract/http-api 1.4) where the gateway is reached by
    TLS. On plain HTTP a page that asked for it would not find its own parts."""
    return f"{rules}; {UPGRADE}" if scope["app"].state.reached_by_tls else rules

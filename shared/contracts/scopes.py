"""What an access token may be used for (OAuth2 scopes). An agent's client has all of them (ruling A-10)."""

from enum import StrEnum


class Scope(StrEnum):
    DIARY_READ = "diary:read"
    DIARY_WRITE = "diary:write"
    DIARY_DELETE = "diary:delete"
    DIARY_SHARE = "diary:share"
    AGENT_PROFILE = "agent:profile"
    AGENT_DIRECTORY = "agent:directory"
    CRYPTO_SIGN = "crypto:sign"

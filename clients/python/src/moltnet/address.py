"""Addresses of APIs."""

import re

import httpx

from moltnet.errors import ConfigurationError

HOST = re.compile(rb"[A-Za-z0-9._:-]+")


def web_address(text: str) -> str:
    """Without a slash at the end. Raises ConfigurationError for what is no address that paths can be added to."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        raise _unfit(text) from None
    if url.scheme not in ("http", "https") or not HOST.fullmatch(url.raw_host) or url.query or url.fragment:
        raise _unfit(text)
    return text.rstrip("/")


def _unfit(text: str) -> ConfigurationError:
    return ConfigurationError(f"{text!r} is no address of an API, like https://api.example.com.")

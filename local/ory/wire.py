"""Reading requests and writing values the way the Go servers do."""

import base64
import binascii
import json
import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse

from local.ory.errors import FlatError, NestedError

Form = dict[str, list[str]]

_DURATION_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_LONGEST_DURATION = 290 * 365 * 24 * 3600.0  # Go's time.Duration ends at some 292 years


class Utf8JSONResponse(JSONResponse):
    """A successful JSON answer of Kratos or Keto, which name the character set."""

    media_type = "application/json; charset=utf-8"


async def read_json(request: Request) -> Any:
    """The JSON body of a Keto or Kratos request.

    Raises:
        NestedError: 400, it is not JSON.
    """
    try:
        return json.loads(await request.body())
    except ValueError as error:
        raise NestedError(400, "could not unmarshal json") from error


async def read_flat_json(request: Request) -> Any:
    """The JSON body of a Hydra request.

    Raises:
        FlatError: 400, it is not JSON.
    """
    try:
        return json.loads(await request.body())
    except ValueError as error:
        raise FlatError(400, "invalid_request", "Unable to decode the request body.") from error


async def read_object(request: Request) -> dict[str, Any]:
    """The JSON object a Hydra request carries.

    Raises:
        FlatError: 400, it is something else.
    """
    document = await read_flat_json(request)
    if not isinstance(document, dict):
        raise FlatError(400, "invalid_request", "Expected a JSON object.")
    return document


async def form_body(request: Request) -> Form:
    """The fields of a form-encoded body; empty when the body is of another type or not UTF-8."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/x-www-form-urlencoded":
        return {}
    try:
        return parse_qs((await request.body()).decode(), keep_blank_values=True)
    except ValueError:
        return {}


def first(form: Form, name: str) -> str:
    """The first value of a form field, or the empty string."""
    return form.get(name, [""])[0]


def parse_duration(text: str) -> timedelta:
    """A Go duration such as ``15m`` or ``1h30m``.

    Raises:
        ValueError: it is not one, is zero, or is beyond what Go can hold.
    """
    parts = _DURATION_PART.findall(text)
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts)
    if "".join(number + unit for number, unit in parts) != text or not 0 < seconds < _LONGEST_DURATION:
        message = f"not a positive duration: {text!r}"
        raise ValueError(message)
    return timedelta(seconds=seconds)


def rfc3339(moment: datetime) -> str:
    """A UTC time as Go's JSON encoder writes it."""
    return moment.isoformat().replace("+00:00", "Z")


def encode_page_token(last: str) -> str:
    """An opaque continuation after the row ``last``."""
    return base64.urlsafe_b64encode(last.encode()).decode()


def decode_page_token(token: str) -> str:
    """The row a continuation starts after; the empty token is the start of the list.

    Raises:
        ValueError: the token is not one of ours.
    """
    try:
        return base64.b64decode(token.encode(), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeError) as error:
        message = "bad page token"
        raise ValueError(message) from error


def page_size(request: Request, *, default: int, most: int) -> int:
    """The page size asked for, within ``1..most``; anything else is the default, as Hydra has it."""
    text = request.query_params.get("page_size", "")
    size = int(text) if text.isascii() and text.isdigit() else default
    return min(size or default, most)


def checked_page_size(request: Request, *, default: int, most: int) -> int:
    """The same as Kratos and Keto have it.

    Raises:
        NestedError: 400, it is no number.
    """
    text = request.query_params.get("page_size", "")
    try:
        int(text or default)
    except ValueError as error:
        raise NestedError(400, f"parsing {text!r}: invalid syntax") from error
    return page_size(request, default=default, most=most)


def next_page_link(request: Request, last: str | None) -> dict[str, str]:
    """The ``Link`` header that leads to the next page (RFC 8288), or nothing on the last page."""
    if last is None:
        return {}
    url = request.url.include_query_params(page_token=encode_page_token(last))
    return {"Link": f'<{url.path}?{url.query}>; rel="next"'}

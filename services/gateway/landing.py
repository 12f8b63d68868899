"""The landing page: plain files of this package, and nothing from any other host."""

import os
from importlib import resources

from fastapi import APIRouter, Request, Response
from fastapi.staticfiles import StaticFiles
from starlette.applications import Starlette
from starlette.types import Scope

from services.gateway.page_policy import policy

ASSETS = "/site"
PAGE = "index.html"
# The names carry no version, so a browser asks each time; the ETag makes the answer a short 304.
CACHE_CONTROL = "no-cache"
RULES = (
    "default-src 'none'; base-uri 'none'; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; "
    "img-src 'self'; script-src 'self'; script-src-attr 'none'; style-src 'self'; style-src-attr 'none'"
)
"""Stricter than elsewhere."""


class _Site(StaticFiles):
    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(
            {"cache-control": CACHE_CONTROL, "content-security-policy": policy(RULES, scope)}
        )
        return response


site = _Site(directory=str(resources.files("services.gateway") / "site"))
router = APIRouter(include_in_schema=False)


@router.get("/")
async def page(request: Request) -> Response:
    return await site.get_response(PAGE, request.scope)


def mount_assets(app: Starlette) -> None:
    app.mount(ASSETS, site, name="site")

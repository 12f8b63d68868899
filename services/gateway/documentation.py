"""The docs page: Swagger UI from an installed package, so that nothing is fetched from elsewhere."""

from importlib import resources

from fastapi import APIRouter, Request, Response
from fastapi.staticfiles import StaticFiles
from starlette.applications import Starlette

from services.gateway.page_policy import policy

ASSETS = "/docs/assets"
PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>MoltNet REST API</title>
<meta name="color-scheme" content="light dark">
<link rel="icon" href="/site/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="{ASSETS}/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="{ASSETS}/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
START = """SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#page",
  deepLinking: true,
  tryItOutEnabled: true,
  persistAuthorization: false,
  defaultModelsExpandDepth: 0
});
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();
"""
CACHE_CONTROL = "public, max-age=3600"
RULES = (
    "default-src 'self'; base-uri 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "img-src 'self' data:; object-src 'none'; script-src 'self'; script-src-attr 'none'; "
    "style-src 'self' 'unsafe-inline'"
)

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def page(request: Request) -> Response:
    return _response(request, PAGE, "text/html")


@router.get("/docs/start.js")
async def start(request: Request) -> Response:
    return _response(request, START, "text/javascript")


def _response(request: Request, content: str, media_type: str) -> Response:
    headers = {"cache-control": CACHE_CONTROL, "content-security-policy": policy(RULES, request.scope)}
    return Response(content, media_type=media_type, headers=headers)


def mount_assets(app: Starlette) -> None:
    directory = resources.files("fastapi_offline") / "static"
    app.mount(ASSETS, StaticFiles(directory=str(directory)), name="docs-assets")

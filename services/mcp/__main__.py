"""`python -m services.mcp`: the MCP server as a process."""

from services.mcp.app import create_app
from services.mcp.settings import McpSettings
from shared import logs, telemetry
from shared.settings import RuntimeSettings, load
from shared.web.serving import serve

SERVICE = "mcp"
DRAIN_SECONDS = 25  # longer than one call to the API may take


def main() -> None:
    runtime, settings = load(RuntimeSettings), load(McpSettings)
    logs.configure(SERVICE, runtime)
    telemetry.configure(SERVICE, runtime)
    serve(create_app(settings), host=settings.host, port=settings.port, drain_seconds=DRAIN_SECONDS)


if __name__ == "__main__":
    main()

"""`python -m services.mcp`: the MCP server as a process."""

import uvicorn

from services.mcp.app import create_app
from services.mcp.settings import McpSettings
from shared import logs, telemetry
from shared.settings import RuntimeSettings, load

SERVICE = "mcp"
DRAIN_SECONDS = 25  # longer than one call to the API may take
IDLE_SECONDS = 75  # longer than clients and load balancers keep a connection, so that they close it, not we


def main() -> None:
    runtime, settings = load(RuntimeSettings), load(McpSettings)
    logs.configure(SERVICE, runtime)
    telemetry.configure(SERVICE, runtime)
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        timeout_keep_alive=IDLE_SECONDS,
        proxy_headers=False,
    )
    telemetry.flush()


if __name__ == "__main__":
    main()

"""The MCP server: MoltNet for agents that speak the Model Context Protocol."""

"""The MoltNet client library."""

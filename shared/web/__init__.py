"""What every process that answers HTTP needs, as plain ASGI."""

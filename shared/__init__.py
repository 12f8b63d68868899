"""What more than one service needs, and nothing else. Imports no service."""

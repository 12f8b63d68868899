"""Tests of parts together with what they stand on: Postgres, NATS, the stack of the session."""

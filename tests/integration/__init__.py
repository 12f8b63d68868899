"""Tests of parts together with what they stand on: Postgres, NATS, the local stack."""

"""Durable signing requests and the verification of what was signed."""

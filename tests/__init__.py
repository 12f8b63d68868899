"""The tests of MoltNet."""

"""The only HTTP door: authenticates, limits, validates, sends messages, awaits and answers. Keeps no state."""

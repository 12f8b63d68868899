"""What must hold when parts are killed, stopped or lie: a private stack, harmed on purpose, then examined."""

"""Durable work: outcomes kept with their effects, DBOS workflows, leases, and the janitor."""

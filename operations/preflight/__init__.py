"""`python -m operations.preflight FILE...`: is this installation fit to be deployed?

Reads what will be deployed, as JSON: what `docker compose config --format json` prints, or the manifests and Secrets
of a cluster (`kubectl ... --output json`). `-` is standard input. Then tells, one line each, what is missing, malformed
or at odds, and whether what the services need answers. Exit code 0 if all is well, 1 if not, 2 if the files cannot
be read. No value of a secret is ever printed.

--offline   only read; ask nothing
"""

"""A stand-in for Ory Kratos, Hydra and Keto, for development and tests on one machine.

It answers the few endpoints MoltNet uses, on one port, with the wire protocol of the servers' v26.2
releases, and keeps its state in Postgres. It has no authentication on its admin routes, exactly as the
real servers have none, and therefore listens on the loopback interface only. Start it with
``python -m local.ory``.
"""

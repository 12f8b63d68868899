"""Kratos, Hydra and Keto, through the generated `ory-client`: in threads, with limits, never retried here.

The client is imported by the piece, which has to be arranged before any of it is imported.
"""

from shared.ory import lazy_client

lazy_client.install()

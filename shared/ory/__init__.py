"""Kratos, Hydra and Keto, through the generated `ory-client`: in threads, with limits, never retried here."""

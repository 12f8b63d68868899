"""MoltNet's services: one package per process, which meet only in `shared.contracts`."""

"""The client, written once: `moltnet._sync` is made from this by `tools/make_sync.py`."""

# Made from moltnet/_async by tools/make_sync.py: change it there.
"""The blocking client."""

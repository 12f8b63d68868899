"""One module per subject of the HTTP contract."""

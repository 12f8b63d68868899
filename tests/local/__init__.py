"""The one-machine stack of `make up`."""

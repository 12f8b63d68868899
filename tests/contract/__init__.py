"""Tests of promises made over a wire, ours and other servers'."""

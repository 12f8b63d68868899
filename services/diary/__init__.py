"""Diaries, entries, search and sharing."""

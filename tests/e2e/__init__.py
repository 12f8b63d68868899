"""Tests of the product as its users see it: over HTTP only."""

"""Tools of those who run an installation."""

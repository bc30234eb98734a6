"""Epstein (2002), model I."""

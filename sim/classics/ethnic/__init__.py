"""Epstein (2002), model II."""

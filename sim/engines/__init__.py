"""Engines: the same phases, by agent objects or by compiled passes over the columns."""

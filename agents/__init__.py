"""Agents: views of rows that decide by the rules in `agents.rules`. Importing this package loads nothing."""

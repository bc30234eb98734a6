"""Agents of ploshcha: views of rows that decide by the rules in `agents.rules`. Importing it loads nothing."""

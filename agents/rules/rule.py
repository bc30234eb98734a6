"""Decorators of rules and passes under the name that notebooks and users' own rules import."""

from agents.compiled.rule import kernel, rule

__all__ = ["kernel", "rule"]

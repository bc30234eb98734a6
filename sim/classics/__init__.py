"""The classics: published models, reproduced exactly."""

"""From a source notebook to the one that students get, or a refusal.

In: a unit. Out: the release notebook; UnitError where it would show a secret or has a test that cannot be trusted.
"""

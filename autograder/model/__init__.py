"""Plain data that every room shares: units, records, outcomes, marks, and how files and text are handled.

In: files of the course folder. Out: frozen dataclasses. Imports nothing of the other rooms.
"""

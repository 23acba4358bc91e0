"""The course helper package."""

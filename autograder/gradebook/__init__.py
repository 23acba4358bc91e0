"""nbgrader's gradebook: kept up to date with the records, and asked for what people graded by hand.

In: records on disk. Out: rows of gradebook.db, `autograded/`; reviews and people, read from it.
"""

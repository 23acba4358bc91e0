"""nbgrader's gradebook: kept up to date with the records, and read for what people graded by hand.

In: records on disk. Out: rows of gradebook.db and `autograded/`; reviews and people read from the database.
"""

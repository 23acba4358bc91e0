"""nbgrader's gradebook: kept up to date with the records, and read for what people graded by hand.

In: records on disk, and `students.csv`. Out: rows of gradebook.db and `autograded/`; reviews read from the database,
and the people of the course, read from both.
"""

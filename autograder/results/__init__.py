"""What people get: students' pages, the report about a class, files for learning management systems.

In: records and reviews. Out: HTML, CSV and JSON files. Nothing here changes a grade.
"""

"""From source notebooks to a web site that anybody may read: text, formulas, figures and quizzes, without answers.

In: a course folder. Out: a folder of static pages; UnitError where a page would show a secret or a reference run fails.
"""

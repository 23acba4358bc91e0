"""From what a learning management system hands over to `submitted/<student>/<unit>/`. Runs nothing of it.

In: a zip or a folder, and the people and units of the course. Out: folders in `submitted/`, and what was left out and
why. The way through: open the source (archive, folder), recognise its format and sort it into attempts (formats), say
who made each (students) and for which unit (which_unit), and place it.
"""

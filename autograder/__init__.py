"""The autograder."""

from autograder.late import put_off

put_off()

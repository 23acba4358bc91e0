"""Settings of nbgrader and formgrader for this course; nbgrader reads them in the course folder.

With them, formgrader's "Generate" button and `nbgrader generate_assignment` make the release that
`python -m autograder release` makes, "Autograde" and `nbgrader autograde` grade as `python -m autograder grade` does, and
"Generate feedback" writes our feedback pages.
"""

from pathlib import Path

from nbgrader.preprocessors import SaveCells

from autograder.for_nbgrader import CheckBeforeRelease, take_over_autograde
from autograder.release.build import AFTER_SAVING, BEFORE_SAVING, nbgrader_settings
from autograder.release.stamp import read_kit
from autograder.results.feedback import FeedbackExporter
from autograder.results.markdown import safe_markdown

c = get_config()  # noqa: F821 (given by the loader)
c.merge(nbgrader_settings(read_kit(Path.cwd())))

c.CourseDirectory.course_id = "mlp"
c.GenerateAssignment.preprocessors = [CheckBeforeRelease, *BEFORE_SAVING, SaveCells, *AFTER_SAVING]

take_over_autograde()

# nbgrader's own page would show hidden tests.
c.GenerateFeedback.exporter_class = FeedbackExporter

# A student's Markdown is shown to the instructor in formgrader: no script in it may run there.
c.HTMLExporter.filters = {"markdown2html": safe_markdown}

# A cell may take 30 seconds, as in `python -m autograder check`. For another number, set c.ExecutePreprocessor.timeout here,
# which counts for `python -m autograder grade` and for the Autograde button alike.

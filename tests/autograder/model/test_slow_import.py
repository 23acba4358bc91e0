"""Starting does not build parsers that nothing here uses, and who does use them gets them."""

import subprocess
import sys

import pytest

START = "import sys, autograder.cli, jsonschema; built = 'rfc3987_syntax.syntax_helpers' in sys.modules\n"
USE = (
    "checker = jsonschema.FormatChecker(); print(built, [checker.conforms(v, 'iri') for v in ('http://ä.org/x', '::')])"
)


def test_the_parsers_are_built_when_they_are_used() -> None:
    pytest.importorskip("rfc3987_syntax")
    done = subprocess.run([sys.executable, "-c", START + USE], capture_output=True, text=True, check=True)
    assert done.stdout == "False [True, False]\n"
    both = START + "import rfc3987_syntax\nprint(built, rfc3987_syntax.is_valid_syntax_iri('http://ä.org/x'))"
    done = subprocess.run([sys.executable, "-c", both], capture_output=True, text=True, check=True)
    assert done.stdout == "False True\n"


def test_the_grader_itself_needs_no_torch() -> None:
    """Only the warm process imports it: two seconds and 200 MB."""
    program = "import sys, autograder.grade, autograder.model.version as v; print(len(v.grader_digest()), 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "64 False\n"

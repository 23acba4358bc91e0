"""What is said of an exception that ended a student's cell or answer, and what to do about it: the same in a record and in `check`.

The words of an exception come from strangers. They choose among the sentences here and add nothing to them.
"""

import re
import sys

HERE = f"Python {sys.version_info.major}.{sys.version_info.minor}"  # a student may have written for a newer one
NOBODY_ANSWERS = "nobody can type anything while a submission is graded: give the value in the code"
MAX_LOOKED_AT = 2_000  # characters of an exception's words

REMEDIES = (
    (
        re.compile(r"^SyntaxError: invalid (?:non-printable )?character\b"),
        "that character came with pasted text: type it anew and run the cell again",
    ),
    (
        re.compile(r"^(?:SyntaxError|IndentationError|TabError)\b"),
        f"{HERE} cannot read the cell: mend that line and run the cell again",
    ),
    (
        re.compile(r"^AttributeError: module '[\w.]+' has no attribute\b"),
        f"look up how it is spelled; what a library holds differs by version too, and this was {HERE}",
    ),
    (
        re.compile(r"^NameError\b"),
        "that name is not there when the cell runs: restart the kernel, run all cells from the top, and mend the first that stops",
    ),
    (
        re.compile(r"^(?:ModuleNotFoundError|ImportError): No module named\b"),
        "a module of your own must lie beside the notebook when you hand in; a library must be installed where submissions are graded",
    ),
    (re.compile(r"StdinNotImplementedError|\braw_input was called\b"), NOBODY_ANSWERS),
    (
        re.compile(
            r"^(?:URLError|HTTPError|gaierror|Connection\w*Error|SSLError|ProxyError)\b|urlopen error|[Nn]ame resolution"
            r"|NameResolutionError|Max retries exceeded|Network is unreachable|\bdownload"
        ),
        "there is no network when submissions are graded: keep the data in a file beside the notebook and read it from there",
    ),
    (
        re.compile(r"\bCUDA\b|\bNVIDIA\b"),
        "there is no graphics card when submissions are graded: choose the device by torch.cuda.is_available()",
    ),
    (
        re.compile(r"^FileNotFoundError\b"),
        "a file must lie beside the notebook when you hand in, and be opened by a path that begins there",
    ),
    (
        re.compile(r"^_?\w*MemoryError\b|Unable to allocate|can't allocate memory"),
        "a submission has less memory than this takes: compute with less",
    ),
    (
        re.compile(r"^PermissionError: .*: '|Read-only file system"),
        "when submissions are graded, only files beside the notebook can be written",
    ),
)


def remedy(error: str) -> str:
    """Return what to do about an exception, given as its class and its text; empty where there is nothing to say beyond that."""
    looked_at = error[:MAX_LOOKED_AT]
    advice = next((words for kind, words in REMEDIES if kind.search(looked_at)), "")
    return "" if advice in looked_at else advice


def in_words(kind: str, text: str, where: str = "") -> str:
    """Return an exception in one sentence: its class, its text, the line that raised it, and what to do about it."""
    error = ": ".join(filter(None, (kind, text)))
    parts = [f"{error} ({where})" if where else error, remedy(error)]
    return "; ".join(filter(None, parts))


def code_raised(error: str) -> str:
    """Return that code of the student's raised an exception, given in words, while a test ran."""
    return f"your code raised {error}"


def stopped(answer: str, error: str) -> str:
    """Return that a cell did not come to its end. `answer`: its id if it is an answer's; `error`: what ended it, in words."""
    return f"{named(answer)} stopped with {error}"


def named(answer: str) -> str:
    """Return what a cell is called. `answer`: its id if it is an answer's, else empty."""
    return f"the cell of {answer}" if answer else "a cell beside the exercises"


def no_answer(waited: str) -> str:
    """Return what is said of code that takes too long. `waited`: such as "within 30 s"."""
    return f"no answer {waited}: is there a loop that never ends?"


def not_defined(name: str, stopped: str) -> str:
    """Return why an answer is not there. `stopped`: the exception that ended its cell, in words."""
    return f"{name} is not defined, because its cell stopped with {stopped}"

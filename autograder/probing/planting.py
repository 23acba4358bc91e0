"""Put the text of `planted_mimics.py` or `planted_disguises.py` into an answer."""

from functools import cache
from pathlib import Path

SPACE = "_planted"  # the one name that it adds to the answer's cell


def planted(file: str, source: str, name: str, call: str, argument: str) -> str:
    """Return an answer below which `name` gets a new value. `call`: of a function of `file`, with a place for its argument."""
    function, _, rest = call.partition("(")
    made = f"{SPACE}[{function!r}]({rest}".format(argument.replace("record(", f"{SPACE}['record'](", 1))
    return f"{source}\n\n{SPACE} = {{'__name__': 'planted'}}\nexec({_text(file)!r}, {SPACE})\n{name} = {made}\n"


@cache
def _text(file: str) -> str:
    return Path(__file__).with_name(file).read_text(encoding="utf-8")

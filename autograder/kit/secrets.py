"""Refuse a kit that would show an answer or a hidden test, whichever file it is in."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from autograder.errors import CourseError
from autograder.model.text import first_line
from autograder.model.units import Unit
from autograder.release.leaks import SOLUTION, Secret, bare, secrets_of

FEW = 0.5  # of an answer's statements: other code may share fewer, such as `loss = F.cross_entropy(net(x), y)`


def refuse_secrets(files: Mapping[str, bytes], units: Iterable[Unit]) -> None:
    """Raise CourseError if a file shows a hidden test, a mark scheme or half an answer of any unit, also one that is not in the kit.

    `release` has refused already whatever a unit's own notebook shows of its answers.
    """
    secrets = {unit.name: secrets_of(unit) for unit in units}
    for name, content in files.items():
        text = bare("\n".join(texts_of(name, content)))
        for unit, its_secrets in secrets.items():
            if shown := shown_secret(text, its_secrets):
                raise CourseError(
                    f"the kit's {name} shows the {shown.region.lower()} of {shown.cell!r} in {unit} "
                    f"({' '.join(shown.shown.split())[:60]}); change or remove it there"
                )


def shown_secret(bare_text: str, secrets: Iterable[Secret]) -> Secret | None:
    """Return a secret that a text gives away; None if it gives none away."""
    secrets = list(secrets)
    shown = [secret for secret in secrets if any(spelling in bare_text for spelling in secret.bare)]
    statements = Counter((secret.cell, secret.region) for secret in secrets)
    shown_by_cell = Counter((secret.cell, secret.region) for secret in shown)
    for secret in shown:
        cell = secret.cell, secret.region
        if secret.region != SOLUTION or shown_by_cell[cell] >= FEW * statements[cell]:
            return secret
    return None


def texts_of(name: str, content: bytes) -> Iterator[str]:
    """Yield what can be read in a file; of a notebook, each string."""
    text = content.decode("utf-8", errors="ignore")
    if name.endswith(".ipynb"):
        yield from _strings(_parsed(name, text))
    else:
        yield text


def _parsed(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CourseError(f"the kit's {name} is no notebook ({first_line(error)}); mend or remove it") from error


def _strings(value: Any) -> Iterator[str]:
    """Yield every string of a JSON value, keys too; the lines of a cell are one string."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _strings(item)
    elif isinstance(value, list):
        if all(isinstance(item, str) for item in value):
            yield "".join(value)
        else:
            for item in value:
                yield from _strings(item)

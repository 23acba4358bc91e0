"""Of several notebooks that were handed in together, the one that was worked in. Runs nothing."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

Answers = Mapping[str, str]  # by the id of the answer: what the student wrote

MOST = 5  # notebooks that are read beside the one that has the right name


def worked_in(named: Path | None, notebooks: Sequence[Path], answers_in: Callable[[Path], Answers]) -> Path | None:
    """Return the notebook that holds the work; None where nobody can tell.

    `named`: the one that its name speaks for, if there is one. It is left for another only where it holds no answer at all, as where
    the work was done in a copy of it. Of several others, one counts that holds all that the rest do.
    """
    others = [path for path in notebooks if path != named][:MOST]
    if not others or (named is not None and answers_in(named)):
        return named
    answers = {path: answers for path in others if (answers := answers_in(path))}
    whole = [path for path, mine in answers.items() if all(his.items() <= mine.items() for his in answers.values())]
    return whole[0] if whole else named

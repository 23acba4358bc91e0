"""Run one target: `python -m tests.fuzzing TARGET [RUNS]`."""

import sys
from pathlib import Path

import atheris

HERE = Path(__file__).parent
LONGEST = 4096  # bytes of an input
SECONDS = 60  # that one input may take, on a machine with other things to do


def main(name: str, runs: str = "10000") -> None:
    """Fuzz one target with its seeds; libFuzzer ends the process, with 0 where nothing failed."""
    with atheris.instrument_imports(include=["autograder.reading", "autograder.model", "autograder.rpc"]):
        from tests.fuzzing.targets import TARGETS
    corpus = HERE / "corpus" / name
    corpus.mkdir(parents=True, exist_ok=True)
    options = [f"-runs={runs}", f"-max_len={LONGEST}", f"-timeout={SECONDS}", f"-artifact_prefix={corpus}/failed-"]
    atheris.Setup([sys.argv[0], *options, str(corpus), str(HERE / "seeds" / name)], TARGETS[name])
    atheris.Fuzz()


main(*sys.argv[1:])

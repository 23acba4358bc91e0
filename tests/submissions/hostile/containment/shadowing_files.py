# Files that would be imported in the place of modules.
# points: double=7 total=7 stack=6
# %% double
from pathlib import Path

for name in ("torch", "course", "json", "autograder", "pickle"):
    for folder in (".", "/tmp", "/scratch"):
        try:
            Path(folder, f"{name}.py").write_text("raise SystemExit('shadowed')")
        except OSError:
            pass


def double(x):
    return 2 * x

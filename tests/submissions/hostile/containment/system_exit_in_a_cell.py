# A cell that leaves.
# points: double=7 total=7 stack=6
# %% own before double
raise SystemExit(0)

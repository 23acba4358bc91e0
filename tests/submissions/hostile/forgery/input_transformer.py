# Rewrites every later cell to nothing.
# points: double=0 total=0 stack=0
# %% own before double
get_ipython().input_transformers_cleanup.append(lambda lines: ["pass\n"])

# %% double
# %% total
# %% stack

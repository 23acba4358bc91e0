# A message that would repaint a terminal and run in a page.
# points: double=0 total=7 stack=6
# %% double
def double(x):
    raise ValueError("\x1b[2J\x1b]0;owned\x07<script>alert(1)</script>\u202e")

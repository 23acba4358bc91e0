# Opens files until it may open no more.
# points: double=0 total=7 stack=6
# %% double
def double(x):
    kept = []
    while True:
        kept.append(open("/dev/null"))

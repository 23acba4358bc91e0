"""Programs that tests run again and again, forked from a process that has imported already what they import.

`processes` holds what tests call, `server` is the warm process, `client` the command that stands for the program. `sockets` keeps
kernels off TCP.
"""

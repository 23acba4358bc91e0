"""One module per system. In: the files of a source. Out: the attempts in it, each with a claim whose it is.

Each module has `sort`, and `matches`, whether a path is one of its system's, where that can be seen from one path. What
the formats are is taken from the systems' own published code and documentation, named at the top of each module.
"""

"""One module per system. In: the files of a source. Out: the attempts in it, each with a claim whose it is.

Each module has `matches`, whether a path is one of its system's, and `sort`. What the formats are is taken from the systems' own
published code and documentation, named at the top of each module.
"""

"""Entry point of `python -m autograder`."""

import os
import sys

from autograder.interpreter import not_imported, too_old

if too_old():
    sys.stderr.write(f"error: {too_old()}\n")
    sys.exit(2)

if os.name == "posix" and sys.getfilesystemencoding() != "utf-8":
    # In such a locale, names of files that are in UTF-8, as ours are, would be read as other names.
    os.environ["PYTHONUTF8"] = "1"
    os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])

try:
    from autograder.cli import main
except KeyboardInterrupt:  # while Python still looks for the modules
    sys.exit(130)
except ImportError as error:
    sys.stderr.write(f"error: {not_imported(error)}\n")
    sys.exit(2)

if __name__ == "__main__":
    sys.exit(main())

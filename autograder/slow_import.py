"""Put off an import that costs 0.8 s of every start and serves nothing that happens here.

jsonschema, which nbformat imports, imports `rfc3987_syntax` to check values of the format "iri", and that module builds 38 parsers
when it is imported. No schema of a notebook has such a value. The parsers are built when somebody first asks for one.
"""

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import Any

NAME = "rfc3987_syntax"


class _Late(ModuleType):
    """Stands for the module until it is used; whoever imports it gets its one function, which fetches the module itself."""

    def is_valid_syntax(self, term: str, value: str) -> Any:
        return self._real().is_valid_syntax(term, value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what Python's own import machinery asks for
            raise AttributeError(name)
        return getattr(self._real(), name)

    def _real(self) -> ModuleType:
        if sys.modules.get(NAME) is self:
            del sys.modules[NAME]
        return importlib.import_module(NAME)


def put_off() -> None:
    """From now on `rfc3987_syntax` is imported when it is first used; nothing where it is imported already or not installed."""
    if NAME not in sys.modules and importlib.util.find_spec(NAME):
        sys.modules[NAME] = _Late(NAME)

"""Postpone an import that takes 0.8 s at every start and that nothing here needs.

nbformat imports jsonschema, and jsonschema imports `rfc3987_syntax` to check values of the format "iri". That module builds 38
parsers when it is imported, but no notebook schema has such a value. They are built now when one of them is first used.
"""

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import Any

NAME = "rfc3987_syntax"


class _Late(ModuleType):
    """A stand-in for the module that imports the real one when it is first used."""

    def is_valid_syntax(self, term: str, value: str) -> Any:  # jsonschema imports it by name: it must be there already
        return self._real().is_valid_syntax(term, value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what Python's own import machinery asks for
            raise AttributeError(name)
        return getattr(self._real(), name)

    def _real(self) -> ModuleType:
        if sys.modules.get(NAME) is self:
            del sys.modules[NAME]
        return importlib.import_module(NAME)


def postpone() -> None:
    """Have `rfc3987_syntax` imported when it is first used; do nothing where it is imported already or not installed."""
    if NAME not in sys.modules and importlib.util.find_spec(NAME):
        sys.modules[NAME] = _Late(NAME)

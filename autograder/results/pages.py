"""The templates in the folder `templates/`, filled with what a page shows. Everything is escaped unless it is Markup."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

FOLDER = Path(__file__).parent / "templates"


def fill(template: str, page: object) -> str:
    """Return the HTML of a page: `page` is what the template knows by that name."""
    return _environment().get_template(template).render(page=page)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

"""What Sphinx is told: notebooks by MyST-NB, the look of Jupyter Book, and nothing that a page would fetch from elsewhere."""

from typing import Any

from autograder.site.front import TITLE

MATHJAX = "mathjax"  # the folder of MathJax among the static files


def settings(index: str) -> dict[str, Any]:
    """Return Sphinx's settings for a site whose first page is this Markdown."""
    title = TITLE.search(index)
    name = title[1].strip() if title else "Course"
    return {
        "project": name,
        "html_title": name,
        "language": "en",
        "extensions": ["myst_nb", "sphinx.ext.mathjax"],
        "exclude_patterns": ["static", "extra"],
        # MyST reads Markdown as JupyterLab does, and formulas between dollars.
        "myst_enable_extensions": ["amsmath", "deflist", "dollarmath"],
        "myst_dmath_double_inline": True,
        "myst_heading_anchors": 3,
        "myst_update_mathjax": False,  # its settings are for another version
        "nb_execution_mode": "off",  # the outputs are there already
        "suppress_warnings": ["mystnb.unknown_mime_type", "myst.header"],
        "html_theme": "sphinx_book_theme",
        "html_theme_options": {
            "home_page_in_toc": True,
            "use_download_button": False,
            "use_fullscreen_button": False,
            "navbar_persistent": [],  # the sidebar has a search field
            "show_toc_level": 2,
            "search_bar_text": "Search the course",
            "pygments_light_style": "a11y-high-contrast-light",
            "pygments_dark_style": "a11y-high-contrast-dark",
        },
        "html_context": {"default_mode": "auto"},
        "html_static_path": ["static"],
        "html_extra_path": ["extra"],
        "html_css_files": ["site.css"],
        "html_js_files": ["site.js"],
        "html_copy_source": False,
        "html_show_sourcelink": False,
        "html_show_sphinx": False,
        "html_show_copyright": False,
        # Of the MathJax that comes with jupyter-server-mathjax; a formula is no control, so its menu is left out.
        "mathjax_path": f"{MATHJAX}/MathJax.js",
        "mathjax2_config": {
            "config": ["TeX-AMS-MML_HTMLorMML-full.js"],
            "messageStyle": "none",
            "showMathMenu": False,
            "fast-preview": {"disabled": True},
            "CHTML-preview": {"disabled": True},
            "tex2jax": {"preview": "none", "processClass": "math", "ignoreClass": "page|tex2jax_ignore"},
            "HTML-CSS": {"availableFonts": [], "webFont": "STIX-Web", "linebreaks": {"automatic": True}},
        },
    }

"""The glossary follows the notebooks, and takes terms and their sentences from the text as a reader would."""

import pytest

from tests.notebooks.glossary import PAGE, entries, page, terms_of


def test_the_glossary_is_what_the_notebooks_say_now() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(entries()), "run: python -m tests.notebooks.glossary"


def test_every_explanation_names_its_term_and_more() -> None:
    glossary = entries()
    assert len(glossary) >= 80
    for entry in glossary:
        assert len(entry.explanation) >= 10, entry
        assert entry.explanation.count("$") % 2 == 0, entry


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("A **tensor** is an array. It is large.", [("tensor", "A **tensor** is an array.")]),
        ("**Explain.** Names count. That is a **leaf**.", [("leaf", "Names count. That is a **leaf**.")]),
        ("Two make a **tent**:\n\n$$t(x)$$\n\nIt folds.", [("tent", "Two make a **tent**: $t(x)$.")]),
        ("| word | means |\n|---|---|\n| **width** | how wide |", [("width", "how wide.")]),
        ("(All of it. One pass is an **epoch**.)", [("epoch", "One pass is an **epoch**.")]),
        ("- one\n- the **knot** of a line", [("knot", "the **knot** of a line.")]),
        ("**Predict.** Is it **80 %**? **Deck 001** says *no*, and **this goes on for too long** here.", []),
    ],
    ids=["sentence", "what it points back to", "formula", "table", "brackets", "list", "labels"],
)
def test_a_term_comes_with_the_sentence_that_explains_it(text: str, terms: list[tuple[str, str]]) -> None:
    assert list(terms_of(text)) == terms

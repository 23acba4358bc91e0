"""What a student wrote, as the record keeps it."""

from autograder.model.records import Record


def answers_of(record: Record) -> dict[str, str]:
    """Return the text of each cell that nbgrader knows, by its grade_id."""
    cells = record.notebook.get("cells", [])
    graded = [cell for cell in cells if "nbgrader" in cell.get("metadata", {})]
    return {cell["metadata"]["nbgrader"]["grade_id"]: cell["source"] for cell in graded}

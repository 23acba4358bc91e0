"""What a student wrote, as the record keeps it."""

from autograder.model.records import Record


def pictures_of(record: Record) -> dict[str, list[str]]:
    """Return the pictures in each answer in words as data addresses, by the answer's grade_id."""
    pictures: dict[str, list[str]] = {}
    for cell in record.notebook.get("cells", []):
        grade_id = cell.get("metadata", {}).get("nbgrader", {}).get("grade_id")
        if grade_id:
            kinds = cell.get("attachments", {}).values()
            pictures[grade_id] = [f"data:{kind};base64,{data}" for types in kinds for kind, data in types.items()]
    return pictures


def answers_of(record: Record) -> dict[str, str]:
    """Return the text of each cell that nbgrader knows, by its grade_id."""
    cells = record.notebook.get("cells", [])
    graded = [cell for cell in cells if "nbgrader" in cell.get("metadata", {})]
    return {cell["metadata"]["nbgrader"]["grade_id"]: cell["source"] for cell in graded}

# %% right: rows of the identity
def one_hot(y, C):
    return torch.eye(C)[y]


# %% right: compared with a range
def one_hot(y, C):
    if (y >= C).any():
        raise IndexError(f"a label is {C} or more")
    return (y[:, None] == torch.arange(C)).float()


# %% right: scattered, in half precision
def one_hot(y, C):
    if len(y) and y.max() >= C:
        raise IndexError("label out of range")
    return torch.zeros(len(y), C, dtype=torch.float16).scatter_(1, y[:, None], 1.0)


# %% right: a loop
def one_hot(y, C):
    rows = torch.zeros(len(y), C, dtype=torch.double)
    for i, label in enumerate(y):
        rows[i, label] = 1
    return rows


# %% right: torch's one_hot with its error translated
def one_hot(y, C):
    try:
        return F.one_hot(y, C).to(torch.get_default_dtype())
    except RuntimeError as error:
        raise IndexError(str(error)) from error


# %% right: NumPy, returning an array
import numpy as np


def one_hot(y, C):
    return np.identity(C)[y.numpy()]


# %% right: a subclass of IndexError
class NoSuchClass(IndexError):
    pass


def one_hot(y, C):
    if any(label >= C for label in y.tolist()):
        raise NoSuchClass(f"classes are 0 to {C - 1}")
    return torch.tensor([[float(label == c) for c in range(C)] for label in y.tolist()]).reshape(len(y), C)


# %% wrong: classes counted from 1 -> one_hot_slide, one_hot_float, one_hot_more_classes, one_hot_empty, one_hot_out_of_range: column y[i]
def one_hot(y, C):
    return torch.eye(C)[y - 1]


# %% wrong: one column too far right -> one_hot_slide, one_hot_float, one_hot_more_classes, one_hot_empty, one_hot_out_of_range: column y[i]
def one_hot(y, C):
    if (y >= C).any():
        raise IndexError
    return torch.eye(C)[(y + 1) % C]


# %% wrong: integers -> one_hot_float: create floats or convert
def one_hot(y, C):
    return torch.eye(C, dtype=torch.int64)[y]


# %% wrong: booleans -> one_hot_float: create floats or convert
def one_hot(y, C):
    if (y >= C).any():
        raise IndexError
    return y[:, None] == torch.arange(C)


# %% wrong: as many columns as the largest label -> one_hot_more_classes, one_hot_empty, one_hot_out_of_range: column
def one_hot(y, C):
    return torch.eye(int(y.max()) + 1)[y]


# %% wrong: fails on an empty batch -> one_hot_empty: still C columns
def one_hot(y, C):
    if y.max() >= C:
        raise IndexError
    return torch.eye(C)[y]


# %% wrong: an empty batch loses its columns -> one_hot_empty: still C columns
def one_hot(y, C):
    rows = []
    for label in y.tolist():
        row = [0.0] * C
        row[label] = 1.0
        rows.append(row)
    return torch.tensor(rows)


# %% wrong: too large a label gives a row of zeros -> one_hot_out_of_range: raise IndexError
def one_hot(y, C):
    return (y[:, None] == torch.arange(C)).float()


# %% wrong: too large a label becomes the last class -> one_hot_out_of_range: raise IndexError
def one_hot(y, C):
    return torch.eye(C)[y.clamp(max=C - 1)]


# %% wrong: another exception for a bad label -> one_hot_out_of_range: raise IndexError
def one_hot(y, C):
    return F.one_hot(y, C).float()


# %% wrong: the last class is refused too -> one_hot_slide, one_hot_float, one_hot_more_classes, one_hot_empty, one_hot_out_of_range: column y[i]
def one_hot(y, C):
    if len(y) and y.max() >= C - 1:
        raise IndexError("no such class, counted from 0")
    return torch.eye(C)[y]


# %% wrong: columns of all labels in every row -> one_hot_slide, one_hot_float, one_hot_more_classes, one_hot_out_of_range: column y[i]
def one_hot(y, C):
    Z = torch.zeros(len(y), C)
    Z[:, y] = 1
    return Z


# %% wrong: classes along the rows -> one_hot_slide, one_hot_float, one_hot_more_classes, one_hot_empty, one_hot_out_of_range: C columns
def one_hot(y, C):
    return torch.eye(C)[y].T


# %% wrong: the label itself instead of 1 -> one_hot_slide, one_hot_float, one_hot_more_classes, one_hot_empty, one_hot_out_of_range: column y[i]
def one_hot(y, C):
    return torch.eye(C)[y] * y[:, None]


# %% wrong: looked up from the visible check -> one_hot_float, one_hot_more_classes, one_hot_empty, one_hot_out_of_range: C columns
def one_hot(y, C):
    return torch.tensor([[0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 1.0]])


# %% wrong: only the label C itself is refused -> one_hot_out_of_range: raise IndexError
def one_hot(y, C):
    if (y == C).any():
        raise IndexError(C)
    return (y[:, None] == torch.arange(C)).float()


# %% wrong: class numbers in eight bits -> one_hot_more_classes: however many
def one_hot(y, C):
    if len(y) and y.max() >= C:
        raise IndexError(C)
    return (y.to(torch.int8)[:, None] == torch.arange(C)).float()


# %% wrong: only the first label is looked at -> one_hot_out_of_range: raise IndexError
def one_hot(y, C):
    if len(y) and y[0] >= C:
        raise IndexError(C)
    return (y[:, None] == torch.arange(C)).float()

# %% right: rules by hand
def shape_after(op, shape, *args):
    shape = list(shape)
    if op == "squeeze":
        if not args:
            return tuple(n for n in shape if n != 1)
        dim = args[0] if args[0] >= 0 else args[0] + len(shape)
        if shape[dim] == 1:
            del shape[dim]
        return tuple(shape)
    if op == "permute":
        return tuple(shape[i] for i in args)
    if op == "view":
        total, known = 1, 1
        for n in shape:
            total *= n
        for n in args:
            if n != -1:
                known *= n
        if total % known or (-1 not in args and total != known):
            raise RuntimeError("does not fit")
        return tuple(total // known if n == -1 else n for n in args)
    result = []
    a, b = shape[::-1], list(args)[::-1]
    for i in range(max(len(a), len(b))):
        m = a[i] if i < len(a) else 1
        n = b[i] if i < len(b) else 1
        if m != n and m != 1 and n != 1:
            raise RuntimeError("does not broadcast")
        result.append(n if m == 1 else m)
    return tuple(result[::-1])


# %% right: asking a tensor without numbers
def shape_after(op, shape, *args):
    before = torch.empty(shape, device="meta")
    if op == "add":
        return (before + torch.empty(args, device="meta")).shape
    return getattr(before, op)(*args).shape


# %% right: lists, match and real tensors
def shape_after(op, shape, *args):
    t = torch.zeros(*shape) if shape else torch.tensor(0.0)
    match op:
        case "squeeze":
            t = t.squeeze(args) if args else t.squeeze()
        case "view":
            t = t.view(args)
        case "permute":
            t = torch.permute(t, args)
        case "add":
            t = torch.add(t, torch.zeros(args))
    return list(t.size())


# %% right: NumPy, with errors turned
import numpy as np


def shape_after(op, shape, *args):
    array = np.empty(shape)
    try:
        if op == "add":
            return np.broadcast_shapes(shape, args)
        if op == "view":
            return array.reshape(args).shape
        if op == "permute":
            return array.transpose(args).shape
        if not args:
            return array.squeeze().shape
        return array.squeeze(args[0]).shape if shape[args[0]] == 1 else shape
    except ValueError as error:
        raise RuntimeError(str(error)) from error


# %% wrong: squeeze keeps the batch of one -> shape_after_squeeze, shape_after_sizes: every
def shape_after(op, shape, *args):
    if op == "squeeze" and not args:
        return (shape[0], *(n for n in shape[1:] if n != 1))
    before = torch.empty(shape)
    return tuple((before + torch.empty(args)).shape if op == "add" else getattr(before, op)(*args).shape)


# %% wrong: squeeze ignores its dimension -> shape_after_squeeze, shape_after_sizes: dimension
def shape_after(op, shape, *args):
    if op == "squeeze":
        return tuple(n for n in shape if n != 1)
    before = torch.empty(shape)
    return tuple((before + torch.empty(args)).shape if op == "add" else getattr(before, op)(*args).shape)


# %% wrong: squeeze removes the dimension whatever its length -> shape_after_squeeze, shape_after_sizes: dimension
def shape_after(op, shape, *args):
    if op == "squeeze" and args:
        kept = list(shape)
        kept.pop(args[0])
        return tuple(kept)
    before = torch.empty(shape)
    return tuple((before + torch.empty(args)).shape if op == "add" else getattr(before, op)(*args).shape)


# %% wrong: squeeze only removes the first one -> shape_after_squeeze, shape_after_sizes: dimension
def shape_after(op, shape, *args):
    if op == "squeeze" and not args:
        kept = list(shape)
        kept.remove(1)
        return tuple(kept)
    before = torch.empty(shape)
    return tuple((before + torch.empty(args)).shape if op == "add" else getattr(before, op)(*args).shape)


# %% wrong: permute taken for view -> shape_after_reorder, shape_after_sizes: dimension
def shape_after(op, shape, *args):
    if op == "permute":
        return args
    before = torch.empty(shape)
    return tuple((before + torch.empty(args)).shape if op == "add" else getattr(before, op)(*args).shape)


# %% wrong: permute the wrong way -> shape_after_reorder, shape_after_sizes: dimension
def shape_after(op, shape, *args):
    if op == "permute":
        moved = [0] * len(shape)
        for old, new in enumerate(args):
            moved[new] = shape[old]
        return tuple(moved)
    before = torch.empty(shape)
    return tuple((before + torch.empty(args)).shape if op == "add" else getattr(before, op)(*args).shape)


# %% wrong: permute does nothing -> shape_after_reorder, shape_after_sizes: dimension
def shape_after(op, shape, *args):
    if op == "permute":
        return shape
    before = torch.empty(shape)
    return tuple((before + torch.empty(args)).shape if op == "add" else getattr(before, op)(*args).shape)


# %% wrong: view leaves the -1 -> shape_after_reorder, shape_after_sizes, shape_after_refused: -1
def shape_after(op, shape, *args):
    if op == "view":
        if -1 not in args and math.prod(args) != math.prod(shape):
            raise RuntimeError("does not fit")
        return args
    before = torch.empty(shape)
    return tuple((before + torch.empty(args)).shape if op == "add" else getattr(before, op)(*args).shape)


# %% wrong: view never refused -> shape_after_reorder, shape_after_refused: aise RuntimeError
def shape_after(op, shape, *args):
    if op == "view":
        rest = math.prod(shape) // math.prod(n for n in args if n != -1)
        return tuple(rest if n == -1 else n for n in args)
    before = torch.empty(shape)
    return tuple((before + torch.empty(args)).shape if op == "add" else getattr(before, op)(*args).shape)


# %% wrong: None where it should be refused -> shape_after_reorder, shape_after_add, shape_after_refused: aise RuntimeError
def shape_after(op, shape, *args):
    before = torch.empty(shape)
    try:
        return tuple((before + torch.empty(args)).shape if op == "add" else getattr(before, op)(*args).shape)
    except RuntimeError:
        return None


# %% wrong: broadcasting from the left -> shape_after_add, shape_after_sizes, shape_after_refused: from the right
def shape_after(op, shape, *args):
    if op == "add":
        length = max(len(shape), len(args))
        first = tuple(shape) + (1,) * (length - len(shape))
        second = tuple(args) + (1,) * (length - len(args))
        return tuple(torch.broadcast_shapes(first, second))
    return tuple(getattr(torch.empty(shape), op)(*args).shape)


# %% wrong: a sum has the shape of the first -> shape_after_add, shape_after_sizes, shape_after_refused: from the right
def shape_after(op, shape, *args):
    if op == "add":
        return shape
    return tuple(getattr(torch.empty(shape), op)(*args).shape)


# %% wrong: a sum pairs the numbers one by one -> shape_after_add, shape_after_sizes, shape_after_refused: ompare from the right
def shape_after(op, shape, *args):
    if op == "add":
        return shape if len(shape) > len(args) and 1 not in shape else args
    return tuple(getattr(torch.empty(shape), op)(*args).shape)


# %% wrong: negative dimensions forgotten -> shape_after_sizes: -1 is the last
def shape_after(op, shape, *args):
    before = torch.empty(shape)
    if op == "squeeze" and args:
        return tuple(n for i, n in enumerate(shape) if n != 1 or i != args[0])
    return tuple((before + torch.empty(args)).shape if op == "add" else getattr(before, op)(*args).shape)


# %% wrong: looked up from the visible checks -> shape_after_sizes, shape_after_refused: -1
def shape_after(op, shape, *args):
    known = {
        ("squeeze", (1, 1, 28, 28)): (28, 28),
        ("squeeze", (1, 1, 28, 28), 1): (1, 28, 28),
        ("squeeze", (50, 1, 28, 28), 0): (50, 1, 28, 28),
        ("view", (50, 1, 28, 28), 50, -1): (50, 784),
        ("permute", (50, 28, 30, 3), 0, 3, 1, 2): (50, 3, 28, 30),
        ("add", (4, 3), 3): (4, 3),
        ("add", (100, 1), 100): (100, 100),
    }
    if (op, tuple(shape), *args) in known:
        return known[(op, tuple(shape), *args)]
    raise RuntimeError("never seen")


# %% right: a tensor of that shape that holds one number
def shape_after(op, shape, *args):
    t = torch.zeros(1).expand(shape)
    if op == "view":
        t = torch.zeros(math.prod(shape)).view(*shape)
    return tuple(t.add(torch.zeros(args)).shape) if op == "add" else tuple(getattr(t, op)(*args).shape)


# %% wrong: a sum looks at the last lengths only -> shape_after_refused: Raise RuntimeError
def shape_after(op, shape, *args):
    if op == "add":
        length = max(len(shape), len(args))
        a = (1,) * (length - len(shape)) + tuple(shape)
        b = (1,) * (length - len(args)) + tuple(args)
        if length and a[-1] != b[-1] and 1 not in (a[-1], b[-1]):
            raise RuntimeError("does not broadcast")
        return tuple(max(pair) for pair in zip(a, b))
    return tuple(getattr(torch.empty(shape), op)(*args).shape)


# %% wrong: a sum repeats the shorter length where it divides the longer -> shape_after_refused: Raise RuntimeError
def shape_after(op, shape, *args):
    if op == "add":
        length = max(len(shape), len(args))
        a = (1,) * (length - len(shape)) + tuple(shape)
        b = (1,) * (length - len(args)) + tuple(args)
        if any(max(pair) % min(pair) for pair in zip(a, b)):
            raise RuntimeError("does not broadcast")
        return tuple(max(pair) for pair in zip(a, b))
    return tuple(getattr(torch.empty(shape), op)(*args).shape)


# %% wrong: a view is refused only when it needs more numbers than there are -> shape_after_reorder, shape_after_refused: aise
def shape_after(op, shape, *args):
    if op == "view":
        rest = math.prod(shape) // math.prod(n for n in args if n != -1)
        sizes = tuple(rest if n == -1 else n for n in args)
        if math.prod(sizes) > math.prod(shape):
            raise RuntimeError("does not fit")
        return sizes
    before = torch.empty(shape)
    return tuple((before + torch.empty(args)).shape if op == "add" else getattr(before, op)(*args).shape)


# %% wrong: -1 only at the ends of a view -> shape_after_sizes, shape_after_refused: -1
def shape_after(op, shape, *args):
    if op == "view" and -1 in args[1:-1]:
        return args
    before = torch.empty(shape)
    return tuple((before + torch.empty(args)).shape if op == "add" else getattr(before, op)(*args).shape)


# %% wrong: squeeze counts negative dimensions from one too far -> shape_after_sizes: -1 is the last
def shape_after(op, shape, *args):
    if op == "squeeze" and args and args[0] < 0:
        args = (args[0] + len(shape) - 1,)
    before = torch.empty(shape)
    return tuple((before + torch.empty(args)).shape if op == "add" else getattr(before, op)(*args).shape)


# %% wrong: sizes that occur twice are lost in a permute -> shape_after_sizes: old dimension args[i]
def shape_after(op, shape, *args):
    tensor = torch.empty(shape, device="meta")
    if op == "permute":
        return tuple({shape[i]: i for i in args})
    if op == "add":
        return tuple((tensor + torch.empty(args, device="meta")).shape)
    return tuple(getattr(tensor, op)(*args).shape)


# %% wrong: a view may hold fewer numbers where they divide what there is -> shape_after_refused: more or fewer numbers
def shape_after(op, shape, *args):
    if op == "view":
        total, known = math.prod(shape), math.prod(n for n in args if n != -1)
        if total % known:
            raise RuntimeError("does not fit")
        return tuple(total // known if n == -1 else n for n in args)
    before = torch.empty(shape)
    return tuple((before + torch.empty(args)).shape if op == "add" else getattr(before, op)(*args).shape)


# %% wrong: a sum compares the last two dimensions only -> shape_after_refused: two lengths of an addition differ
def shape_after(op, shape, *args):
    if op != "add":
        return tuple(getattr(torch.empty(shape), op)(*args).shape)
    longest = max(len(shape), len(args))
    pairs = list(zip((1,) * (longest - len(shape)) + shape, (1,) * (longest - len(args)) + args))
    if any(m != n and 1 not in (m, n) for m, n in pairs[-2:]):
        raise RuntimeError("does not broadcast")
    return tuple(max(pair) for pair in pairs)


# %% wrong: squeeze leaves one dimension -> shape_after_sizes: every dimension of length 1
def shape_after(op, shape, *args):
    before = torch.empty(shape)
    after = (before + torch.empty(args)).shape if op == "add" else getattr(before, op)(*args).shape
    return tuple(after) or (1,)


# %% wrong: a sum has no 1 in front -> shape_after_sizes: compare from the right
def shape_after(op, shape, *args):
    if op != "add":
        return tuple(getattr(torch.empty(shape), op)(*args).shape)
    sizes = torch.broadcast_shapes(shape, args)
    while sizes[0] == 1:
        sizes = sizes[1:]
    return tuple(sizes)


# %% wrong: a product without a start fails where -1 is the only size -> shape_after_sizes: -1 may stand anywhere
from functools import reduce
from operator import mul


def shape_after(op, shape, *args):
    if op == "view":
        total = reduce(mul, shape)
        known = reduce(mul, [a for a in args if a != -1])
        out = tuple(total // known if a == -1 else a for a in args)
        if reduce(mul, out) != total:
            raise RuntimeError("no")
        return out
    t = torch.zeros(shape)
    if op == "squeeze":
        return tuple(t.squeeze(*args).shape)
    if op == "permute":
        return tuple(t.permute(*args).shape)
    return tuple((t + torch.zeros(args)).shape)


# %% wrong: four dimensions at most -> shape_after_sizes: dimension
def shape_after(op, shape, *args):
    given = torch.zeros(shape)
    result = given + torch.zeros(args) if op == "add" else getattr(given, op)(*args)
    return tuple(result.shape)[:4]


# %% wrong: squeeze as in MATLAB, which keeps two dimensions -> shape_after_sizes: every dimension of length 1
def shape_after(op, shape, *args):
    if op == "squeeze":
        if not args and len(shape) <= 2:
            return shape
        return tuple(torch.empty(shape).squeeze(*args).shape)
    if op == "add":
        return tuple(torch.broadcast_shapes(shape, args))
    return tuple(getattr(torch.empty(shape), op)(*args).shape)


# %% wrong: shapes that hold as many numbers are added in their order -> shape_after_refused: neither is 1
def shape_after(op, shape, *args):
    if op == "squeeze":
        return tuple(torch.empty(shape).squeeze(*args).shape)
    if op == "add":
        try:
            return tuple(torch.broadcast_shapes(shape, args))
        except RuntimeError:
            if math.prod(shape) == math.prod(args):
                return shape
            raise
    return tuple(getattr(torch.empty(shape), op)(*args).shape)

# %% right: lstsq, and the errors counted in a list
def double_descent(Z, y, Z_new, y_new, Ns):
    Y = torch.eye(int(y.max()) + 1, dtype=Z.dtype)[y]
    result = []
    for N in Ns:
        scores = Z_new[:, :N] @ torch.linalg.lstsq(Z[:, :N], Y, driver="gelsd").solution
        result.append(sum(int(a != b) for a, b in zip(scores.argmax(1), y_new)) / len(y_new))
    return result


# %% right: one class after the other
def double_descent(Z, y, Z_new, y_new, Ns):
    errors = []
    for N in Ns:
        inverse = torch.linalg.pinv(Z[:, :N])
        scores = [Z_new[:, :N] @ (inverse @ (y == c).double()) for c in range(int(y.max()) + 1)]
        errors.append((torch.stack(scores).argmax(dim=0) != y_new).sum() / len(y_new))
    return errors


# %% right: by way of the products of examples
def double_descent(Z, y, Z_new, y_new, Ns):
    Y = F.one_hot(y).double()

    def error(N):
        products = torch.linalg.pinv(Z[:, :N] @ Z[:, :N].T, hermitian=True, rtol=1e-11)
        return 1 - ((Z_new[:, :N] @ Z[:, :N].T @ products @ Y).argmax(-1) == y_new).double().mean()

    return torch.stack([error(N) for N in Ns])


# %% right: weights by the singular value decomposition
def double_descent(Z, y, Z_new, y_new, Ns):
    Y, errors = F.one_hot(y).to(Z), []
    for N in Ns:
        U, s, Vh = torch.linalg.svd(Z[:, :N], full_matrices=False)
        keep = s > 1e-11 * s[0]
        V = Vh[keep].T @ ((U[:, keep].T @ Y) / s[keep, None])
        errors.append(float((y_new != torch.max(Z_new[:, :N] @ V, dim=1).indices).float().mean()))
    return errors


# %% right: a fit of scores around their mean of one over C
def double_descent(Z, y, Z_new, y_new, Ns):
    errors = []
    for N in Ns:
        V = torch.linalg.pinv(Z[:, :N]) @ (3 * F.one_hot(y).double())
        errors.append((~(Z_new[:, :N] @ V).argmax(1).eq(y_new)).double().mean())
    return tuple(errors)


# %% right: NumPy's least squares
def double_descent(Z, y, Z_new, y_new, Ns):
    Y = F.one_hot(y).double()
    errors = []
    for N in Ns:
        V = torch.tensor(__import__("numpy").linalg.lstsq(Z[:, :N].numpy(), Y.numpy(), rcond=None)[0])
        errors.append(((Z_new[:, :N] @ V).argmax(dim=1) != y_new).double().mean().item())
    return errors


# %% wrong: accuracies -> double_descent_value, double_descent_lists, double_descent_copies: wrong
def double_descent(Z, y, Z_new, y_new, Ns):
    Y = F.one_hot(y).double()
    return [((Z_new[:, :N] @ (torch.linalg.pinv(Z[:, :N]) @ Y)).argmax(1) == y_new).double().mean() for N in Ns]


# %% wrong: errors on the training examples -> double_descent_value, double_descent_lists, double_descent_copies: n
def double_descent(Z, y, Z_new, y_new, Ns):
    Y = F.one_hot(y).double()
    return [((Z[:, :N] @ (torch.linalg.pinv(Z[:, :N]) @ Y)).argmax(1) != y).double().mean() for N in Ns]


# %% wrong: the last features -> double_descent_value, double_descent_lists, double_descent_copies: first N
def double_descent(Z, y, Z_new, y_new, Ns):
    Y = F.one_hot(y).double()
    return [((Z_new[:, -N:] @ (torch.linalg.pinv(Z[:, -N:]) @ Y)).argmax(1) != y_new).double().mean() for N in Ns]


# %% wrong: all features every time -> double_descent_value, double_descent_lists, double_descent_copies: n
def double_descent(Z, y, Z_new, y_new, Ns):
    Y = F.one_hot(y).double()
    return [((Z_new @ (torch.linalg.pinv(Z) @ Y)).argmax(1) != y_new).double().mean() for N in Ns]


# %% wrong: the first examples in the place of the first features -> double_descent_value, double_descent_lists, double_descent_copies: first N
def double_descent(Z, y, Z_new, y_new, Ns):
    Y = F.one_hot(y).double()
    return [((Z_new @ (torch.linalg.pinv(Z[:N]) @ Y[:N])).argmax(1) != y_new).double().mean() for N in Ns]


# %% wrong: class numbers fitted and rounded -> double_descent_value, double_descent_lists, double_descent_copies: n
def double_descent(Z, y, Z_new, y_new, Ns):
    return [((Z_new[:, :N] @ (torch.linalg.pinv(Z[:, :N]) @ y.double())).round() != y_new).double().mean() for N in Ns]


# %% wrong: a ridge on the diagonal -> double_descent_value, double_descent_lists, double_descent_copies: n
def double_descent(Z, y, Z_new, y_new, Ns):
    Y, errors = F.one_hot(y).double(), []
    for N in Ns:
        A = Z[:, :N]
        V = torch.linalg.solve(A.T @ A + torch.eye(N, dtype=Z.dtype), A.T @ Y)
        errors.append(((Z_new[:, :N] @ V).argmax(1) != y_new).double().mean())
    return errors


# %% wrong: percentages -> double_descent_value, double_descent_lists, double_descent_copies: share
def double_descent(Z, y, Z_new, y_new, Ns):
    Y = F.one_hot(y).double()
    return [100 * ((Z_new[:, :N] @ (torch.linalg.pinv(Z[:, :N]) @ Y)).argmax(1) != y_new).double().mean() for N in Ns]


# %% wrong: numbers of wrong examples -> double_descent_value, double_descent_lists, double_descent_copies: n
def double_descent(Z, y, Z_new, y_new, Ns):
    Y = F.one_hot(y).double()
    return [((Z_new[:, :N] @ (torch.linalg.pinv(Z[:, :N]) @ Y)).argmax(1) != y_new).sum() for N in Ns]


# %% wrong: divided by the number of training examples -> double_descent_value, double_descent_lists, double_descent_copies: n
def double_descent(Z, y, Z_new, y_new, Ns):
    Y = F.one_hot(y).double()
    return [((Z_new[:, :N] @ (torch.linalg.pinv(Z[:, :N]) @ Y)).argmax(1) != y_new).sum() / len(y) for N in Ns]


# %% wrong: in increasing order -> double_descent_value, double_descent_lists, double_descent_copies: order of
def double_descent(Z, y, Z_new, y_new, Ns):
    Y = F.one_hot(y).double()
    return [((Z_new[:, :N] @ (torch.linalg.pinv(Z[:, :N]) @ Y)).argmax(1) != y_new).double().mean() for N in sorted(Ns)]


# %% wrong: each number once -> double_descent_lists: in the order of Ns
def double_descent(Z, y, Z_new, y_new, Ns):
    Y = F.one_hot(y).double()
    return [
        ((Z_new[:, :N] @ (torch.linalg.pinv(Z[:, :N]) @ Y)).argmax(1) != y_new).double().mean()
        for N in dict.fromkeys(Ns)
    ]


# %% wrong: a fit that needs independent features -> double_descent_copies: smallest norm
def double_descent(Z, y, Z_new, y_new, Ns):
    Y, errors = F.one_hot(y).double(), []
    for N in Ns:
        A = Z[:, :N]
        if len(A) < N:
            V = A.T @ torch.linalg.solve(A @ A.T, Y)
        else:
            V = torch.linalg.solve(A.T @ A, A.T @ Y)
        errors.append(((Z_new[:, :N] @ V).argmax(1) != y_new).double().mean())
    return errors


# %% wrong: as many classes as the new examples have -> double_descent_lists: as many scores as there are classes in y
def double_descent(Z, y, Z_new, y_new, Ns):
    hot = F.one_hot(y, int(y_new.max()) + 1).to(Z.dtype)
    errors = []
    for N in Ns:
        V = torch.linalg.pinv(Z[:, :N]) @ hot
        errors.append(((Z_new[:, :N] @ V).argmax(1) != y_new).double().mean().item())
    return errors


# %% wrong: a very small ridge -> double_descent_lists: in the order of Ns
def double_descent(Z, y, Z_new, y_new, Ns):
    Y = F.one_hot(y).double()
    errors = []
    for N in Ns:
        V = torch.linalg.solve(Z[:, :N].T @ Z[:, :N] + 1e-6 * torch.eye(N).double(), Z[:, :N].T @ Y)
        errors.append(((Z_new[:, :N] @ V).argmax(1) != y_new).double().mean().item())
    return errors


# %% wrong: copied features are left out -> double_descent_copies: of which some are copies
def double_descent(Z, y, Z_new, y_new, Ns):
    Y = F.one_hot(y).double()
    errors = []
    for N in Ns:
        group = torch.unique(Z[:, :N], dim=1, return_inverse=True)[1].tolist()
        first = [k for k in range(N) if group[k] not in group[:k]]
        scores = Z_new[:, first] @ (torch.linalg.pinv(Z[:, first]) @ Y)
        errors.append((scores.argmax(1) != y_new).double().mean().item())
    return errors


# %% wrong: one-hot labels minus their mean -> double_descent_value, double_descent_lists, double_descent_copies: first N features
def double_descent(Z, y, Z_new, y_new, Ns):
    T = F.one_hot(y).double()
    T = T - T.mean(0)
    out = []
    for N in Ns:
        V = torch.linalg.pinv(Z[:, :N]) @ T
        out.append(((Z_new[:, :N] @ V).argmax(1) != y_new).double().mean().item())
    return out


# %% wrong: standardised features -> double_descent_value, double_descent_lists, double_descent_copies: first N features
def double_descent(Z, y, Z_new, y_new, Ns):
    T = F.one_hot(y).double()
    m, s = Z.mean(0), Z.std(0)
    Z, Z_new = (Z - m) / s, (Z_new - m) / s
    out = []
    for N in Ns:
        V = torch.linalg.pinv(Z[:, :N]) @ T
        out.append(((Z_new[:, :N] @ V).argmax(1) != y_new).double().mean().item())
    return out

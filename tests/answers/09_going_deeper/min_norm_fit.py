# %% right: pinv, and the rank apart
def min_norm_fit(Z, Y, rtol=1e-10):
    return torch.linalg.pinv(Z, rtol=rtol) @ Y, torch.linalg.matrix_rank(Z, rtol=rtol)


# %% right: lstsq
def min_norm_fit(Z, Y, rtol=1e-10):
    solved = torch.linalg.lstsq(Z, Y, rcond=rtol, driver="gelsd")
    return solved.solution, int(solved.rank)


# %% right: direction by direction
def min_norm_fit(Z, Y, rtol=1e-10):
    U, s, Vh = torch.linalg.svd(Z, full_matrices=False)
    V, rank = torch.zeros(Z.shape[1], Y.shape[1], dtype=Z.dtype), 0
    for k in range(len(s)):
        if s[k] > rtol * s[0]:
            V = V + torch.outer(Vh[k], U[:, k] @ Y / s[k])
            rank += 1
    return V, rank


# %% right: the full decomposition, with zeros in the place of what is not divided by
def min_norm_fit(Z, Y, rtol=1e-10):
    U, s, Vh = torch.linalg.svd(Z)
    over = torch.where(s > rtol * s.max(), 1 / s, torch.zeros_like(s))
    k = len(s)
    return Vh[:k].T @ torch.diag(over) @ U[:, :k].T @ Y, (over > 0).sum()


# %% right: einsum, the first directions by their number
def min_norm_fit(Z, Y, rtol=1e-10):
    U, s, Vh = torch.linalg.svd(Z, full_matrices=False)
    rank = int((s / s[0] > rtol).sum()) if s[0] > 0 else 0
    U, s, Vh = U[:, :rank], s[:rank], Vh[:rank]
    return torch.einsum("kf,ik,ic,k->fc", Vh, U, Y, s.reciprocal()), rank


# %% right: direction by direction in NumPy
def min_norm_fit(Z, Y, rtol=1e-10):
    import numpy as np

    U, s, Vh = np.linalg.svd(Z.numpy(), full_matrices=False)
    V, rank = np.zeros((Z.shape[1], Y.shape[1])), 0
    for k in range(len(s)):
        if s[k] > rtol * s[0]:
            V += np.outer(Vh[k], U[:, k] @ Y.numpy()) / s[k]
            rank += 1
    return torch.from_numpy(V), rank


# %% wrong: the normal equations -> min_norm_fit_many, min_norm_fit_rank, min_norm_fit_scale, min_norm_fit_sizes: n
def min_norm_fit(Z, Y, rtol=1e-10):
    return torch.linalg.solve(Z.T @ Z, Z.T @ Y), Z.shape[1]


# %% wrong: the normal equations, of examples or of features -> min_norm_fit_rank, min_norm_fit_scale, min_norm_fit_sizes: n
def min_norm_fit(Z, Y, rtol=1e-10):
    n, N = Z.shape
    V = Z.T @ torch.linalg.solve(Z @ Z.T, Y) if N > n else torch.linalg.solve(Z.T @ Z, Z.T @ Y)
    return V, min(n, N)


# %% wrong: a little ridge -> min_norm_fit_rank, min_norm_fit_scale, min_norm_fit_sizes: n
def min_norm_fit(Z, Y, rtol=1e-10):
    n, N = Z.shape
    V = torch.linalg.solve(Z.T @ Z + 1e-6 * torch.eye(N, dtype=Z.dtype), Z.T @ Y)
    return V, min(n, N)


# %% wrong: nothing counts as 0 -> min_norm_fit_rank, min_norm_fit_scale: n
def min_norm_fit(Z, Y, rtol=1e-10):
    U, s, Vh = torch.linalg.svd(Z, full_matrices=False)
    return Vh.T @ ((U.T @ Y) / s[:, None]), len(s)


# %% wrong: the border is not relative -> min_norm_fit_scale: times the
def min_norm_fit(Z, Y, rtol=1e-10):
    U, s, Vh = torch.linalg.svd(Z, full_matrices=False)
    keep = s > rtol
    return Vh[keep].T @ ((U[:, keep].T @ Y) / s[keep, None]), int(keep.sum())


# %% wrong: rtol is not used -> min_norm_fit_scale: rtol
def min_norm_fit(Z, Y, rtol=1e-10):
    U, s, Vh = torch.linalg.svd(Z, full_matrices=False)
    keep = s > 1e-10 * s.max()
    return Vh[keep].T @ ((U[:, keep].T @ Y) / s[keep, None]), int(keep.sum())


# %% wrong: multiplied by the singular values -> min_norm_fit_few, min_norm_fit_many, min_norm_fit_rank, min_norm_fit_scale, min_norm_fit_sizes: n
def min_norm_fit(Z, Y, rtol=1e-10):
    U, s, Vh = torch.linalg.svd(Z, full_matrices=False)
    keep = s > rtol * s.max()
    return Vh[keep].T @ ((U[:, keep].T @ Y) * s[keep, None]), int(keep.sum())


# %% wrong: columns divided by the singular values -> min_norm_fit_few, min_norm_fit_many, min_norm_fit_rank, min_norm_fit_scale, min_norm_fit_sizes: n
def min_norm_fit(Z, Y, rtol=1e-10):
    U, s, Vh = torch.linalg.svd(Z, full_matrices=False)
    keep = s > rtol * s.max()
    return Vh[keep].T @ ((U[:, keep].T @ Y) / s[keep]), int(keep.sum())


# %% wrong: rows of Vh taken for columns -> min_norm_fit_many, min_norm_fit_rank, min_norm_fit_scale, min_norm_fit_sizes: n
def min_norm_fit(Z, Y, rtol=1e-10):
    U, s, Vh = torch.linalg.svd(Z, full_matrices=False)
    return Vh @ ((U.T @ Y) / s[:, None]), int((s > rtol * s.max()).sum())


# %% wrong: the number of features as rank -> min_norm_fit_many, min_norm_fit_rank, min_norm_fit_scale, min_norm_fit_sizes: directions
def min_norm_fit(Z, Y, rtol=1e-10):
    return torch.linalg.pinv(Z, rtol=rtol) @ Y, Z.shape[1]


# %% wrong: the smaller size as rank -> min_norm_fit_rank, min_norm_fit_scale: irection
def min_norm_fit(Z, Y, rtol=1e-10):
    return torch.linalg.pinv(Z, rtol=rtol) @ Y, min(Z.shape)


# %% wrong: a best fit that is not the smallest -> min_norm_fit_many, min_norm_fit_scale, min_norm_fit_sizes: n
def min_norm_fit(Z, Y, rtol=1e-10):
    V = torch.zeros(Z.shape[1], Y.shape[1], dtype=Z.dtype)
    first = min(Z.shape)
    V[:first] = torch.linalg.pinv(Z[:, :first], rtol=rtol) @ Y
    return V, torch.linalg.matrix_rank(Z[:, :first], rtol=rtol)


# %% wrong: single precision -> min_norm_fit_rank, min_norm_fit_scale, min_norm_fit_sizes: n
def min_norm_fit(Z, Y, rtol=1e-10):
    U, s, Vh = torch.linalg.svd(Z.float(), full_matrices=False)
    keep = s > rtol * s.max()
    return Vh[keep].T @ ((U[:, keep].T @ Y.float()) / s[keep, None]), int(keep.sum())


# %% wrong: the weights alone -> min_norm_fit_few, min_norm_fit_many, min_norm_fit_rank, min_norm_fit_scale, min_norm_fit_sizes: V
def min_norm_fit(Z, Y, rtol=1e-10):
    return torch.linalg.pinv(Z, rtol=rtol) @ Y


# %% wrong: V lies on its side -> min_norm_fit_few, min_norm_fit_many, min_norm_fit_rank, min_norm_fit_scale, min_norm_fit_sizes: n
def min_norm_fit(Z, Y, rtol=1e-10):
    return (torch.linalg.pinv(Z, rtol=rtol) @ Y).T, torch.linalg.matrix_rank(Z, rtol=rtol)


# %% wrong: no answer where all is 0 -> min_norm_fit_rank: Z is all 0
def min_norm_fit(Z, Y, rtol=1e-10):
    U, s, Vh = torch.linalg.svd(Z, full_matrices=False)
    keep = s > rtol * s.max()
    keep[0] = True
    return Vh[keep].T @ ((U[:, keep].T @ Y) / s[keep, None]), int(keep.sum())


# %% wrong: the border from the norm of Z -> min_norm_fit_scale: rtol times the largest one
def min_norm_fit(Z, Y, rtol=1e-10):
    U, s, Vh = torch.linalg.svd(Z, full_matrices=False)
    keep = s > rtol * Z.norm()
    k = int(keep.sum())
    return Vh[:k].T @ ((U[:, :k].T @ Y) / s[:k, None]), k


# %% wrong: a fixed border beside rtol -> min_norm_fit_scale: and nothing else
def min_norm_fit(Z, Y, rtol=1e-10):
    U, s, Vh = torch.linalg.svd(Z, full_matrices=False)
    keep = s > max(rtol * s.max(), 1e-12)
    V = Vh[keep].T @ ((U[:, keep].T @ Y) / s[keep][:, None])
    return V, int(keep.sum())


# %% right: lstsq of torch with the border
def min_norm_fit(Z, Y, rtol=1e-10):
    fit = torch.linalg.lstsq(Z, Y, rcond=rtol, driver="gelsd")
    return fit.solution, int(fit.rank)

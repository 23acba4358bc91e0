# %% right: one item at a time
class DigitsDataset(Dataset):
    def __init__(self, images, labels, transform=None):
        self.images, self.labels, self.transform = images, labels, transform

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        image = self.images[index][None] / 255
        if self.transform:
            image = self.transform(image)
        return image, self.labels[index].item()


# %% right: floats from the beginning, labels as int64 tensors
class DigitsDataset(Dataset):
    def __init__(self, images, labels, transform=None):
        self.x = images.to(torch.float32).div(255).unsqueeze(1)
        self.y = labels.long()
        self.transform = transform or (lambda image: image)

    def __len__(self):
        return self.x.shape[0]

    def __getitem__(self, index):
        return self.transform(self.x[index].clone()), self.y[index]


# %% right: torchvision's transforms on NumPy arrays
from torchvision.transforms import Compose, ToTensor


class DigitsDataset(Dataset):
    def __init__(self, images, labels, transform=None):
        self.images = images.numpy()
        self.labels = labels.tolist()
        steps = [ToTensor()] + ([transform] if transform is not None else [])
        self.steps = Compose(steps)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        return self.steps(self.images[index]), self.labels[index]


# %% right: a TensorDataset inside
class DigitsDataset(Dataset):
    def __init__(self, images, labels, transform=None):
        super().__init__()
        self.inside = TensorDataset(images, labels)
        self.transform = transform

    def __len__(self):
        return len(self.inside)

    def __getitem__(self, index):
        image, label = self.inside[index]
        image = image.reshape(1, *image.shape).float().mul(1 / 255)
        return (image if self.transform is None else self.transform(image)), int(label)


# %% right: a check of the index, a tuple built by hand
class DigitsDataset(Dataset):
    def __init__(self, images, labels, transform=None):
        self.count = int(images.size(0))
        self.pairs = list(zip(images, labels))
        self.change = transform

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        if not -self.count <= index < self.count:
            raise IndexError(f"{index} is not among {self.count} examples")
        grey, label = self.pairs[index]
        image = torch.tensor(grey.tolist(), dtype=torch.float32)[None, :, :] / 255.0
        for change in [self.change] if self.change is not None else []:
            image = change(image)
        return image, torch.tensor(int(label), dtype=torch.int64)


# %% right: a TensorDataset
class DigitsDataset(TensorDataset):
    def __init__(self, images, labels, transform=None):
        super().__init__(images, labels.long())
        self.f = transform

    def __len__(self):
        return len(self.tensors[1])

    def __getitem__(self, index):
        n = len(self)
        if not -n <= index < n:
            raise IndexError(index)
        x, y = super().__getitem__(index)
        x = x[None].to(torch.float64).div(255).to(torch.float32)
        return (x if self.f is None else self.f(x)), y


# %% right: a pair of tensors and an identity
class DigitsDataset(Dataset):
    """Images with labels."""

    def __init__(self, images, labels, transform=None):
        self.transform = transform if transform is not None else (lambda image: image)
        self.pairs = images, labels.to(torch.int64)

    def __len__(self):
        return self.pairs[1].shape[0]

    def __getitem__(self, index):
        images, labels = self.pairs
        return self.transform(images[index].unsqueeze(0).to(torch.float32).mul(1 / 255)), labels[index]


# %% right: scaled in float64, then made float32
class DigitsDataset(Dataset):
    """Images with labels."""

    def __init__(self, images, labels, transform=None):
        self.images = images
        self.labels = labels
        self.transform = transform

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        image = (self.images[index].double() / 255).float()[None, ...]
        if self.transform is not None:
            image = self.transform(image)
        return (image, self.labels[index].item())


# %% wrong: the deck's, which forgets the transform -> digits_dataset_transform, digits_dataset_fresh: transform
class DigitsDataset(Dataset):
    def __init__(self, images, labels, transform=None):
        self.images, self.labels, self.transform = images, labels, transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        return self.images[index][None].float() / 255, int(self.labels[index])


# %% wrong: transformed once, when it is made -> digits_dataset_transform, digits_dataset_fresh: not in __init__
class DigitsDataset(Dataset):
    def __init__(self, images, labels, transform=None):
        self.x = images[:, None].float() / 255
        if transform is not None:
            self.x = torch.stack([transform(image) for image in self.x])
        self.y = labels.long()

    def __len__(self):
        return len(self.y)

    def __getitem__(self, index):
        return self.x[index], self.y[index]


# %% wrong: transformed before it is scaled -> digits_dataset_transform, digits_dataset_fresh: divided by 255
class DigitsDataset(Dataset):
    def __init__(self, images, labels, transform=None):
        self.images, self.labels, self.transform = images, labels, transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        image = self.images[index][None].float()
        if self.transform is not None:
            image = self.transform(image)
        return image / 255, int(self.labels[index])


# %% wrong: grey levels from 0 to 255 -> digits_dataset_items, digits_dataset_transform, digits_dataset_loader, digits_dataset_fresh: 255
class DigitsDataset(Dataset):
    def __init__(self, images, labels, transform=None):
        self.images, self.labels, self.transform = images, labels, transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        image = self.images[index][None].float()
        if self.transform is not None:
            image = self.transform(image)
        return image, int(self.labels[index])


# %% wrong: no channel dimension -> digits_dataset_items, digits_dataset_transform, digits_dataset_loader, digits_dataset_fresh: shape
class DigitsDataset(Dataset):
    def __init__(self, images, labels, transform=None):
        self.images, self.labels, self.transform = images, labels, transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        image = self.images[index].float() / 255
        if self.transform is not None:
            image = self.transform(image)
        return image, int(self.labels[index])


# %% wrong: labels keep their dtype -> digits_dataset_loader: int64
class DigitsDataset(Dataset):
    def __init__(self, images, labels, transform=None):
        self.images, self.labels, self.transform = images, labels, transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        image = self.images[index][None].float() / 255
        if self.transform is not None:
            image = self.transform(image)
        return image, self.labels[index]


# %% wrong: labels transformed too -> digits_dataset_transform, digits_dataset_loader, digits_dataset_fresh: label
class DigitsDataset(Dataset):
    def __init__(self, images, labels, transform=None):
        self.images, self.labels, self.transform = images, labels, transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        image, label = self.images[index][None].float() / 255, self.labels[index].float().view(1, 1, 1)
        if self.transform is not None:
            image, label = self.transform(image), self.transform(label)
        return image, int(label)


# %% wrong: transforms are kept for the next epoch -> digits_dataset_fresh: Each time an item is asked for
class DigitsDataset(Dataset):
    def __init__(self, images, labels, transform=None):
        self.images, self.labels, self.transform, self.kept = images, labels, transform, {}

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        if index not in self.kept:
            image = self.images[index][None].float() / 255
            self.kept[index] = image if self.transform is None else self.transform(image)
        return self.kept[index], int(self.labels[index])


# %% wrong: the stored images are changed -> digits_dataset_fresh: This transform changes the image
class DigitsDataset(Dataset):
    def __init__(self, images, labels, transform=None):
        self.x, self.labels, self.transform = images.float() / 255, labels, transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        image = self.x[index].unsqueeze(0)
        if self.transform is not None:
            image = self.transform(image)
        return image, int(self.labels[index])


# %% wrong: the length of one image -> digits_dataset_items, digits_dataset_loader, digits_dataset_fresh: number of images
class DigitsDataset(Dataset):
    def __init__(self, images, labels, transform=None):
        self.images, self.labels, self.transform = images, labels, transform

    def __len__(self):
        return self.images.shape[1]

    def __getitem__(self, index):
        image = self.images[index][None].float() / 255
        if self.transform is not None:
            image = self.transform(image)
        return image, int(self.labels[index])


# %% wrong: scaled twice because the transform is taken for ToTensor -> digits_dataset_transform, digits_dataset_fresh: image
class DigitsDataset(Dataset):
    def __init__(self, images, labels, transform=None):
        self.images, self.labels, self.transform = images, labels, transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        image = self.images[index][None].float() / 255
        if self.transform is not None:
            image = self.transform(image) / 255
        return image, int(self.labels[index])


# %% wrong: in double precision -> digits_dataset_items, digits_dataset_loader: float32
class DigitsDataset(Dataset):
    def __init__(self, images, labels, transform=None):
        self.images, self.labels, self.transform = images, labels, transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        image = self.images[index][None].double() / 255
        if self.transform is not None:
            image = self.transform(image)
        return image, int(self.labels[index])


# %% wrong: from the front only -> digits_dataset_loader, digits_dataset_fresh: shape (1, H, W
class DigitsDataset(Dataset):
    def __init__(self, images, labels, transform=None):
        self.images, self.labels, self.transform = images, labels, transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        index = max(index, 0)
        image = self.images[index][None].float() / 255
        if self.transform is not None:
            image = self.transform(image)
        return image, int(self.labels[index])


# %% wrong: round and round past the end -> digits_dataset_loader: Past the end
class DigitsDataset(Dataset):
    def __init__(self, images, labels, transform=None):
        self.images, self.labels, self.transform = images, labels, transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        index = index % len(self.labels)
        image = self.images[index][None].float() / 255
        if self.transform is not None:
            image = self.transform(image)
        return image, int(self.labels[index])


# %% wrong: the pair the wrong way round -> digits_dataset_items, digits_dataset_transform, digits_dataset_loader, digits_dataset_fresh: i
class DigitsDataset(Dataset):
    def __init__(self, images, labels, transform=None):
        self.images, self.labels, self.transform = images, labels, transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        image = self.images[index][None].float() / 255
        if self.transform is not None:
            image = self.transform(image)
        return int(self.labels[index]), image


# %% wrong: the label in a byte -> digits_dataset_loader: does not fit into a byte
class DigitsDataset(Dataset):
    def __init__(self, images, labels, transform=None):
        self.images = images
        self.labels = labels
        self.transform = transform

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        image = self.images[index].float().unsqueeze(0) / 255
        label = int(self.labels[index].to(torch.int8)) % 256
        if self.transform is not None:
            image = self.transform(image)
        return image, label


# %% wrong: the transform's result pressed into the image's shape -> digits_dataset_fresh: Each item is a pair
class DigitsDataset(Dataset):
    """Images with labels."""

    def __init__(self, images, labels, transform=None):
        self.images = images
        self.labels = labels
        self.transform = transform

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        image = self.images[index].float().unsqueeze(0) / 255
        if self.transform is not None:
            image = self.transform(image).reshape(1, *self.images.shape[1:])
        return image, int(self.labels[index])


# %% right: the transform is given float64
class DigitsDataset(Dataset):
    """Images with labels."""

    def __init__(self, images, labels, transform=None):
        self.images = images
        self.labels = labels
        self.transform = transform

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        image = self.images[index].float().unsqueeze(0) / 255
        if self.transform is not None:
            image = torch.as_tensor(self.transform(image.detach().clone().double())).float()
        return image, int(self.labels[index])


# %% wrong: divided by 255 only where it looks undivided -> digits_dataset_loader: so dark
class DigitsDataset(Dataset):
    def __init__(self, images, labels, transform=None):
        self.images = images
        self.labels = labels
        self.transform = transform

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        image = self.images[index].unsqueeze(0).float()

        if image.max() > 1:
            image = image / 255
        if self.transform is not None:
            image = self.transform(image)
        return image, int(self.labels[index])


# %% wrong: what it keeps belongs to the class -> digits_dataset_loader, digits_dataset_fresh: Two data sets must not share
class DigitsDataset(Dataset):
    def __init__(self, images, labels, transform=None):
        DigitsDataset.images = images
        DigitsDataset.labels = labels
        DigitsDataset.transform = transform

    def __len__(self):
        return len(DigitsDataset.images)

    def __getitem__(self, index):
        image = DigitsDataset.images[index].unsqueeze(0).float() / 255
        if DigitsDataset.transform is not None:
            image = DigitsDataset.transform(image)
        return image, int(DigitsDataset.labels[index])


# %% wrong: as many as there are different labels -> digits_dataset_loader: the number of images
class DigitsDataset(Dataset):
    def __init__(self, images, labels, transform=None):
        self.images = images
        self.labels = labels
        self.transform = transform

    def __len__(self):
        return len(self.labels.unique())

    def __getitem__(self, index):
        image = self.images[index].unsqueeze(0).float() / 255
        if self.transform is not None:
            image = self.transform(image)
        return image, int(self.labels[index])


# %% wrong: the transform belongs to the class -> digits_dataset_fresh: must not share their transform
class DigitsDataset(Dataset):
    def __init__(self, images, labels, transform=None):
        self.images, self.labels = images, labels
        DigitsDataset.transform = transform and staticmethod(transform)

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        image = self.images[index].float().unsqueeze(0) / 255
        if self.transform is not None:
            image = self.transform(image)
        return image, int(self.labels[index])


# %% wrong: a single row is squeezed away -> digits_dataset_loader: no squeeze()
class DigitsDataset(Dataset):
    def __init__(self, images, labels, transform=None):
        self.images = images
        self.labels = labels
        self.transform = transform

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        image = self.images[index].float().div(255).squeeze()[None]
        if self.transform is not None:
            image = self.transform(image)
        return image, int(self.labels[index])


# %% wrong: scaled by the largest grey level of the image -> digits_dataset_items, digits_dataset_loader, digits_dataset_fresh: divided by 255
class DigitsDataset(Dataset):
    def __init__(self, images, labels, transform=None):
        self.images, self.labels, self.transform = images, labels, transform

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        image = self.images[index].float().unsqueeze(0)
        image = image / image.max()
        if self.transform is not None:
            image = self.transform(image)
        return image, int(self.labels[index])

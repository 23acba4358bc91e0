# %% right: without regular expressions
def parse_lecun(rows):
    entries = []
    for row in rows:
        parts = [part.strip() for part in row.split("|")]
        if "pairwise" in parts[0]:
            continue
        hidden = ()
        if "NN, " in parts[0]:
            words = parts[0].split("NN, ")[1].split()
            hidden = tuple(int(size) for size in words[0].split("+"))
        pixels = 20 * 20 if parts[1] == "deskewing" else 28 * 28
        images = "distortions" if "[distortions]" in parts[0] else parts[1]
        entries.append(((pixels,) + hidden + (10,), images, float(parts[2])))
    return entries


# %% right: one pattern for the whole row, lists in place of tuples
def parse_lecun(rows):
    pattern = re.compile(r"\s*(.*?)\s*\|\s*(\w+)\s*\|\s*([\d.]+)\s*\|")
    entries = []
    for row in rows:
        description, images, error = pattern.match(row).groups()
        if not description.startswith("pairwise"):
            units = re.findall(r"([\d+]+) (?:hidden|HU)", description)
            hidden = [int(size) for size in "+".join(units).split("+") if size]
            sizes = [400 if images == "deskewing" else 784, *hidden, 10]
            entries.append([sizes, "distortions" if "distortions" in description else images, float(error)])
    return entries


# %% right: a generator inside, numbers from torch
def parse_lecun(rows):
    def entries():
        for name, images, error, _ in (row.split("|") for row in rows):
            if name.strip().startswith("pairwise"):
                continue
            sizes = re.sub(r"(\d+)-layer NN", "", name)
            hidden = [int(number) for number in re.findall(r"\d+", sizes)] if "linear" not in name else []
            yield (
                torch.tensor([400 if "deskewing" in images else 784, *hidden, 10]),
                "distortions" if "[distortions]" in name else images.strip(),
                torch.tensor(float(error)),
            )

    return list(entries())


# %% right: named tuples from a helper of its own
from typing import NamedTuple


class Entry(NamedTuple):
    sizes: tuple
    images: str
    error: float


def entry_of(row):
    name, images, error, _ = map(str.strip, row.split("|"))
    hidden = name.split(", ")[1].split(" ")[0].split("+") if "NN," in name else []
    return Entry(
        (784 if images == "none" else 400, *map(int, hidden), 10),
        "distortions" if name.endswith("[distortions]") else images,
        float(error),
    )


def parse_lecun(rows):
    return [entry_of(row) for row in rows if not row.lstrip().startswith("pairwise")]


# %% right: character by character
def parse_lecun(rows):
    result = []
    for row in rows:
        description, preprocessing, error, source = row.split("|")
        preprocessing = preprocessing.strip()
        if "pairwise" in description:
            continue
        sizes, number = [784 if preprocessing == "none" else 400], ""
        for character in description.partition("NN, ")[2] + " ":
            if character.isdigit():
                number += character
            elif number:
                sizes.append(int(number))
                number = ""
        sizes.append(10)
        treatment = "distortions" if "[distortions]" in description else preprocessing
        result.append((tuple(sizes), treatment, float(error.strip())))
    return result


# %% right: a generator and one pattern for the row
ROW = re.compile(r"\s*(?P<what>.*?)\s*\|\s*(?P<prep>\w+)\s*\|\s*(?P<err>[\d.]+)\s*\|.*")


def parse_lecun(rows):
    def networks():
        for m in map(ROW.fullmatch, rows):
            if m["what"].startswith("pairwise"):
                continue
            middle = re.findall(r"\d+(?:\+\d+)*(?= HU| hidden)", m["what"])
            yield (
                (400 if m["prep"] == "deskewing" else 784,)
                + tuple(int(k) for k in "+".join(middle).split("+") if k)
                + (10,),
                "distortions" if "distortions" in m["what"] else m["prep"],
                float(m["err"]),
            )

    return list(networks())


# %% right: words and their neighbours
def parse_lecun(rows):
    result = []
    for row in rows:
        what, how, percent, _ = [cell.strip() for cell in row.split("|")]
        if "pairwise" in what:
            continue
        words = what.replace(",", " ").split()
        sizes = [784 if how == "none" else 400]
        for before, word in zip(words, words[1:]):
            if word in ("hidden", "HU"):
                sizes += map(int, before.split("+"))
        result.append((tuple(sizes + [10]), "distortions" if "[distortions]" in what else how, float(percent)))
    return result


# %% wrong: accuracies -> parse_lecun_slide, parse_lecun_sizes, parse_lecun_images, parse_lecun_left_out: error
def parse_lecun(rows):
    table = []
    for row in rows:
        name, images, error, _ = (part.strip() for part in row.split("|"))
        if name.startswith("pairwise"):
            continue
        units = re.search(r"([\d+]+) (?:hidden units|HU)", name)
        hidden = [int(size) for size in units[1].split("+")] if units else []
        pixels = 400 if images == "deskewing" else 784
        images = "distortions" if "[distortions]" in name else images
        table.append(((pixels, *hidden, 10), images, 100 - float(error)))
    return table


# %% wrong: shares in place of percent -> parse_lecun_slide, parse_lecun_sizes, parse_lecun_images, parse_lecun_left_out: percent
def parse_lecun(rows):
    table = []
    for row in rows:
        name, images, error, _ = (part.strip() for part in row.split("|"))
        if name.startswith("pairwise"):
            continue
        units = re.search(r"([\d+]+) (?:hidden units|HU)", name)
        hidden = [int(size) for size in units[1].split("+")] if units else []
        pixels = 400 if images == "deskewing" else 784
        images = "distortions" if "[distortions]" in name else images
        table.append(((pixels, *hidden, 10), images, float(error) / 100))
    return table


# %% wrong: the pairwise classifier counted as a network -> parse_lecun_slide, parse_lecun_left_out: pairwise
def parse_lecun(rows):
    table = []
    for row in rows:
        name, images, error, _ = (part.strip() for part in row.split("|"))
        units = re.search(r"([\d+]+) (?:hidden units|HU)", name)
        hidden = [int(size) for size in units[1].split("+")] if units else []
        pixels = 400 if images == "deskewing" else 784
        images = "distortions" if "[distortions]" in name else images
        table.append(((pixels, *hidden, 10), images, float(error)))
    return table


# %% wrong: deskewed digits with 784 pixels -> parse_lecun_slide, parse_lecun_sizes: 400
def parse_lecun(rows):
    table = []
    for row in rows:
        name, images, error, _ = (part.strip() for part in row.split("|"))
        if name.startswith("pairwise"):
            continue
        units = re.search(r"([\d+]+) (?:hidden units|HU)", name)
        hidden = [int(size) for size in units[1].split("+")] if units else []
        images = "distortions" if "[distortions]" in name else images
        table.append(((784, *hidden, 10), images, float(error)))
    return table


# %% wrong: the 2 of "2-layer" taken for a size -> parse_lecun_slide, parse_lecun_sizes: number
def parse_lecun(rows):
    table = []
    for row in rows:
        name, images, error, _ = (part.strip() for part in row.split("|"))
        if name.startswith("pairwise"):
            continue
        hidden = [int(size) for size in re.findall(r"\d+", name)][:1] if "NN," in name else []
        pixels = 400 if images == "deskewing" else 784
        images = "distortions" if "[distortions]" in name else images
        table.append(((pixels, *hidden, 10), images, float(error)))
    return table


# %% wrong: hidden layers alone -> parse_lecun_slide, parse_lecun_sizes: outputs
def parse_lecun(rows):
    table = []
    for row in rows:
        name, images, error, _ = (part.strip() for part in row.split("|"))
        if name.startswith("pairwise"):
            continue
        units = re.search(r"([\d+]+) (?:hidden units|HU)", name)
        hidden = tuple(int(size) for size in units[1].split("+")) if units else ()
        images = "distortions" if "[distortions]" in name else images
        table.append((hidden, images, float(error)))
    return table


# %% wrong: 300+100 added up -> parse_lecun_slide, parse_lecun_sizes: +
def parse_lecun(rows):
    table = []
    for row in rows:
        name, images, error, _ = (part.strip() for part in row.split("|"))
        if name.startswith("pairwise"):
            continue
        units = re.search(r"([\d+]+) (?:hidden units|HU)", name)
        hidden = [sum(int(size) for size in units[1].split("+"))] if units else []
        pixels = 400 if images == "deskewing" else 784
        images = "distortions" if "[distortions]" in name else images
        table.append(((pixels, *hidden, 10), images, float(error)))
    return table


# %% wrong: distortions looked for in the second column -> parse_lecun_slide, parse_lecun_images: description
def parse_lecun(rows):
    table = []
    for row in rows:
        name, images, error, _ = (part.strip() for part in row.split("|"))
        if name.startswith("pairwise"):
            continue
        units = re.search(r"([\d+]+) (?:hidden units|HU)", name)
        hidden = [int(size) for size in units[1].split("+")] if units else []
        pixels = 400 if images == "deskewing" else 784
        table.append(((pixels, *hidden, 10), "distortions" if "distort" in images else images, float(error)))
    return table


# %% wrong: two hidden layers at most -> parse_lecun_sizes: any number of hidden layers
def parse_lecun(rows):
    table = []
    for row in rows:
        name, images, error, _ = (part.strip() for part in row.split("|"))
        if name.startswith("pairwise"):
            continue
        units = re.search(r"(\d+)(?:\+(\d+))?(?:\+\d+)* (?:hidden units|HU)", name)
        hidden = [int(size) for size in units.groups() if size] if units else []
        pixels = 400 if images == "deskewing" else 784
        images = "distortions" if "[distortions]" in name else images
        table.append(((pixels, *hidden, 10), images, float(error)))
    return table


# %% wrong: blanks stay where they are -> parse_lecun_slide, parse_lecun_sizes, parse_lecun_images, parse_lecun_left_out: the
def parse_lecun(rows):
    table = []
    for row in rows:
        name, images, error, _ = row.split("|")
        if name.startswith("pairwise"):
            continue
        units = re.search(r"([\d+]+) (?:hidden units|HU)", name)
        hidden = [int(size) for size in units[1].split("+")] if units else []
        pixels = 400 if images == "deskewing" else 784
        images = "distortions" if "[distortions]" in name else images
        table.append(((pixels, *hidden, 10), images, float(error)))
    return table


# %% wrong: the best network first -> parse_lecun_slide, parse_lecun_sizes, parse_lecun_images: en
def parse_lecun(rows):
    table = []
    for row in rows:
        name, images, error, _ = (part.strip() for part in row.split("|"))
        if name.startswith("pairwise"):
            continue
        units = re.search(r"([\d+]+) (?:hidden units|HU)", name)
        hidden = [int(size) for size in units[1].split("+")] if units else []
        pixels = 400 if images == "deskewing" else 784
        images = "distortions" if "[distortions]" in name else images
        table.append(((pixels, *hidden, 10), images, float(error)))
    return sorted(table, key=lambda entry: entry[2])


# %% wrong: the table of the course package, whatever the rows -> parse_lecun_slide, parse_lecun_sizes, parse_lecun_images, parse_lecun_left_out: entr
def parse_lecun(rows):
    return [(row.sizes, row.images, row.error) for row in lecun.ROWS]


# %% wrong: no entry at all is None -> parse_lecun_left_out: Nothing came back
def parse_lecun(rows):
    table = []
    for row in rows:
        name, images, error, _ = (part.strip() for part in row.split("|"))
        if name.startswith("pairwise"):
            continue
        units = re.search(r"([\d+]+) (?:hidden units|HU)", name)
        hidden = [int(size) for size in units[1].split("+")] if units else []
        pixels = 400 if images == "deskewing" else 784
        images = "distortions" if "[distortions]" in name else images
        table.append(((pixels, *hidden, 10), images, float(error)))
    return table or None


# %% wrong: deskewed is never distorted -> parse_lecun_images: where the description says
def parse_lecun(rows):
    out = []
    for row in rows:
        text, prep, error, _ = (part.strip() for part in row.split("|"))
        if text.startswith("pairwise"):
            continue
        hidden = re.search(r"([\d+]+) (?:hidden units|HU)", text)
        sizes = tuple(int(n) for n in hidden[1].split("+")) if hidden else ()
        first = 400 if prep == "deskewing" else 784
        images = prep if prep != "none" else "distortions" if "[distortions]" in text else prep
        out.append(((first, *sizes, 10), images, float(error)))
    return out


# %% wrong: distorted digits have 784 pixels -> parse_lecun_sizes: 400 for deskewed digits
def parse_lecun(rows):
    out = []
    for row in rows:
        text, prep, error, _ = (part.strip() for part in row.split("|"))
        if text.startswith("pairwise"):
            continue
        hidden = re.search(r"([\d+]+) (?:hidden units|HU)", text)
        sizes = tuple(int(n) for n in hidden[1].split("+")) if hidden else ()
        first = 400 if prep == "deskewing" and "distortions" not in text else 784
        images = "distortions" if "[distortions]" in text else prep
        out.append(((first, *sizes, 10), images, float(error)))
    return out


# %% wrong: errors must have decimals -> parse_lecun_sizes: One entry per network
def parse_lecun(rows):
    entries = []
    for row in rows:
        name, prep, error, source = (part.strip() for part in row.split("|"))
        if name.startswith("pairwise"):
            continue
        inputs = 400 if prep == "deskewing" else 784
        match = re.search(r"([\d+]+) (?:hidden units|HU)", name)
        hidden = [int(n) for n in match[1].split("+")] if match else []
        images = "distortions" if "[distortions]" in name else prep
        entries.append(((inputs, *hidden, 10), images, float(re.search(r"\d+\.\d+", error)[0])))
    return entries


# %% wrong: sizes as floats -> parse_lecun_sizes: The sizes are whole numbers
def parse_lecun(rows):
    entries = []
    for row in rows:
        name, prep, error, source = (part.strip() for part in row.split("|"))
        if name.startswith("pairwise"):
            continue
        inputs = 400 if prep == "deskewing" else 784
        match = re.search(r"([\d+]+) (?:hidden units|HU)", name)
        hidden = [float(n) for n in match[1].split("+")] if match else []
        images = "distortions" if "[distortions]" in name else prep
        entries.append(((inputs, *hidden, 10), images, float(error)))
    return entries


# %% wrong: distortions looked for in the whole row -> parse_lecun_images: where the description says
def parse_lecun(rows):
    entries = []
    for row in rows:
        name, prep, error, source = (part.strip() for part in row.split("|"))
        if name.startswith("pairwise"):
            continue
        inputs = 400 if prep == "deskewing" else 784
        match = re.search(r"([\d+]+) (?:hidden units|HU)", name)
        hidden = [int(n) for n in match[1].split("+")] if match else []
        images = "distortions" if "distortions" in row else prep
        entries.append(((inputs, *hidden, 10), images, float(error)))
    return entries


# %% wrong: deskewing looked for in the whole row -> parse_lecun_sizes: 784 inputs (400 for deskewed digits)
def parse_lecun(rows):
    entries = []
    for row in rows:
        name, prep, error, source = (part.strip() for part in row.split("|"))
        if name.startswith("pairwise"):
            continue
        inputs = 400 if "deskew" in row else 784
        match = re.search(r"([\d+]+) (?:hidden units|HU)", name)
        hidden = [int(n) for n in match[1].split("+")] if match else []
        images = "distortions" if "[distortions]" in name else prep
        entries.append(((inputs, *hidden, 10), images, float(error)))
    return entries


# %% wrong: wider layers first -> parse_lecun_sizes: the numbers before 'hidden units' or 'HU'
def parse_lecun(rows):
    entries = []
    for row in rows:
        name, prep, error, source = (part.strip() for part in row.split("|"))
        if name.startswith("pairwise"):
            continue
        inputs = 400 if prep == "deskewing" else 784
        match = re.search(r"([\d+]+) (?:hidden units|HU)", name)
        hidden = [int(n) for n in sorted(match[1].split("+"), key=int, reverse=True)] if match else []
        images = "distortions" if "[distortions]" in name else prep
        entries.append(((inputs, *hidden, 10), images, float(error)))
    return entries


# %% wrong: pairwise looked for in the whole row -> parse_lecun_left_out: description alone
def parse_lecun(rows):
    entries = []
    for row in rows:
        name, images, error, _ = (part.strip() for part in row.split("|"))
        if "pairwise" in row:
            continue
        match = re.search(r"([\d+]+) (?:hidden units|HU)", name)
        hidden = [int(size) for size in match[1].split("+")] if match else []
        inputs = 400 if images == "deskewing" else 784
        if "[distortions]" in name:
            images = "distortions"
        entries.append(((inputs, *hidden, 10), images, float(error)))
    return entries


# %% wrong: hidden units looked for in the whole row -> parse_lecun_sizes: description alone
def parse_lecun(rows):
    entries = []
    for row in rows:
        name, images, error, _ = (part.strip() for part in row.split("|"))
        if name.startswith("pairwise"):
            continue
        match = re.search(r"([\d+]+) (?:hidden units|HU)", row)
        hidden = [int(size) for size in match[1].split("+")] if match else []
        inputs = 400 if images == "deskewing" else 784
        if "[distortions]" in name:
            images = "distortions"
        entries.append(((inputs, *hidden, 10), images, float(error)))
    return entries


# %% wrong: networks are rows with NN, wherever it stands -> parse_lecun_left_out: description alone
def parse_lecun(rows):
    entries = []
    for row in rows:
        name, images, error, _ = (part.strip() for part in row.split("|"))
        if not ("NN" in row):
            continue
        match = re.search(r"([\d+]+) (?:hidden units|HU)", name)
        hidden = [int(size) for size in match[1].split("+")] if match else []
        inputs = 400 if images == "deskewing" else 784
        if "[distortions]" in name:
            images = "distortions"
        entries.append(((inputs, *hidden, 10), images, float(error)))
    return entries


# %% wrong: no hidden layer where the row says linear -> parse_lecun_sizes: description alone
def parse_lecun(rows):
    entries = []
    for row in rows:
        name, images, error, _ = (part.strip() for part in row.split("|"))
        if name.startswith("pairwise"):
            continue
        match = re.search(r"([\d+]+) (?:hidden units|HU)", name)
        hidden = [int(size) for size in match[1].split("+")] if match and "linear" not in row else []
        inputs = 400 if images == "deskewing" else 784
        if "[distortions]" in name:
            images = "distortions"
        entries.append(((inputs, *hidden, 10), images, float(error)))
    return entries

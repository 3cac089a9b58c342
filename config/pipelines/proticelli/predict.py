#!/usr/bin/env python3
"""Predicts stainings of proteins with ProtiCelli, which has no command line of its own.

    python3 predict.py                   reads requests.csv and options.json in the folder where it is started
    python3 predict.py --names FOLDER    writes proteins.txt and cell_lines.txt, the names that the model knows, into FOLDER

requests.csv has the columns image, protein, cell_line and output_prefix; rows with one image and prefix are one cell. Predictions go to
predictions/, a table of them to predictions.csv, a view of each cell to ellviewer/. One cell that fails does not keep the others from being
done. The exit status is 0 when all predictions are there, 3 when some or all are not, 1 when nothing could be tried.
"""

import csv
import html
import json
import os
import sys
import zlib

SIDE = 512
SOME_FAILED = 3
LANDMARKS = [("microtubules", "Microtubules", "#ff0000", 0), ("er", "Endoplasmic reticulum", "#ffff00", 2), ("nucleus", "Nucleus", "#0000ff", 1)]


class CellError(Exception):
    """What is wrong with one cell, as a sentence."""


def read_cells():
    """Rows of requests.csv by cell, in their order."""
    cells = {}
    with open("requests.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            key = (row["image"], row["output_prefix"], row["cell_line"])
            cells.setdefault(key, []).append(row["protein"])
    return cells


def load_model(options):
    from proticelli import Model

    given = {name: options[name] for name in ("dtype", "device") if options.get(name)}
    for name, variable in (("checkpoint_dir", "PROTICELLI_CHECKPOINT"), ("vae_dir", "PROTICELLI_VAE")):
        if os.environ.get(variable):
            given[name] = os.environ[variable]
    return Model(**given)


def read_image(path, options):
    """Three channels in [-1, 1], as the model takes them."""
    import tifffile

    image = tifffile.imread(path)
    if options.get("normalize"):
        from proticelli.data import ImageNormalizer

        clip = None if options.get("clip_channel") == "none" else 0
        settings = {name: options[name] for name in ("bit_depth", "percentile", "scale_threshold")}
        image = ImageNormalizer(clip_channel=clip, **settings).transform(image)
    if options.get("pixel_size"):
        from proticelli.data import ResolutionResampler

        image = ResolutionResampler(order=options["order"]).transform(image, xy_resolution=options["pixel_size"])
    if len(image.shape) != 3 or image.shape[2] not in (3, 4):
        raise CellError("it has not three channels: microtubules, nucleus, endoplasmic reticulum")
    if tuple(image.shape[:2]) != (SIDE, SIDE):
        raise CellError(f"it has {image.shape[1]} × {image.shape[0]} pixels, and the model takes {SIDE} × {SIDE}")
    return image


def predict_cell(model, cell, proteins, options):
    """Predicts all proteins of one cell. Returns its image, and the path of each prediction."""
    path, prefix, line = cell
    image = read_image(path, options)
    results = model.predict(
        images=[image] * len(proteins),
        protein_names=proteins,
        cell_line_names=[line] * len(proteins),
        num_inference_steps=options["num_inference_steps"],
        batch_size=options["batch_size"],
        seed=options.get("seed"),
        return_latents=False,
        show_progress=False,
    )
    results.save_prediction(prefix=prefix, directory="predictions")
    return image, [written_file(prefix, index, line, protein) for index, protein in enumerate(proteins)]


def written_file(prefix, index, line, protein):
    """The library names files by their place in the list; it tells nobody."""
    name = f"{prefix}_{index}_{line}_cell_{protein}.tif".replace(" ", "_")
    path = os.path.join("predictions", name)
    if not os.path.isfile(path):
        raise CellError(f"the library wrote no {name}")
    return path


def grey(rows, least, most):
    scale = 255 / (most - least) if most > least else 0
    return [bytes(min(255, max(0, int((value - least) * scale))) for value in row) for row in rows]


def write_png(path, rows):
    """Rows of bytes as a grey PNG of 8 bits."""

    def chunk(kind, data):
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    header = len(rows[0]).to_bytes(4, "big") + len(rows).to_bytes(4, "big") + bytes([8, 0, 0, 0, 0])
    body = zlib.compress(b"".join(b"\0" + row for row in rows), 6)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b""))


def write_view(cell, image, proteins, files):
    """What EllViewer shows of a cell: its landmarks, and each protein."""
    import tifffile

    _, prefix, _ = cell
    os.makedirs("ellviewer/images", exist_ok=True)
    pixels = image.tolist()
    # The order of a stack of four has the protein, which is not looked at, in the second place.
    skip = 1 if image.shape[2] == 4 else 0
    shown = []
    for key, title, colour, channel in LANDMARKS:
        at = channel + skip if channel > 0 else channel
        rows = [[pixel[at] for pixel in row] for row in pixels]
        values = [value for row in rows for value in row]
        shown.append((f"{prefix}_{key}.png", title, colour, grey(rows, min(values), max(values))))
    for index, (protein, file) in enumerate(zip(proteins, files)):
        # The viewer takes names for HTML.
        shown.append((f"{prefix}_{index}.png", html.escape(protein), "#00ff00", grey(tifffile.imread(file).tolist(), 0, 255)))
    with open(f"ellviewer/{prefix}.csv", "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["uri", "name", "clip", "transparency", "color", "default"])
        for place, (name, title, colour, rows) in enumerate(shown):
            write_png(os.path.join("ellviewer/images", name), rows)
            # All landmarks and the first protein are seen at once; the others are a click away.
            table.writerow([name, title, "", "1.0", colour, "visible" if place <= len(LANDMARKS) else "yes"])


def reason(error):
    if isinstance(error, KeyError):
        return f"the model knows no {error.args[0] if error.args else 'such name'}"
    return str(error) or type(error).__name__


def predict_all(cells, options):
    total = sum(len(proteins) for proteins in cells.values())
    model = load_model(options)
    done = written = 0
    with open("predictions.csv", "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["image", "cell_line", "protein", "file"])
        for cell, proteins in cells.items():
            path, prefix, line = cell
            print(f"[{done}/{total}] {prefix}", flush=True)
            try:
                image, files = predict_cell(model, cell, proteins, options)
                for protein, name in zip(proteins, files):
                    table.writerow([os.path.basename(path), line, protein, name])
                written += len(files)
                print(f"Saved predictions for {prefix}", flush=True)
                write_view(cell, image, proteins, files)
            except Exception as error:  # whatever the library throws is told of this cell alone
                print(f"Failed to predict {prefix}: {reason(error)}", file=sys.stderr, flush=True)
            done += len(proteins)
    print(f"[{done}/{total}] {written} of {total} predictions", flush=True)
    return 0 if written == total else SOME_FAILED


def write_names(folder):
    model = load_model({})
    for name, names in (("proteins.txt", model.available_proteins), ("cell_lines.txt", model.available_cell_lines)):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.writelines(f"{one}\n" for one in sorted(names))
        print(f"{len(names)} names in {os.path.join(folder, name)}")
    return 0


def main(words):
    try:
        if words[:1] == ["--names"]:
            return write_names(words[1] if len(words) > 1 else ".")
        with open("options.json", encoding="utf-8") as file:
            options = json.load(file)
        return predict_all(read_cells(), options)
    except ImportError as error:
        print(f"{error}. Install ProtiCelli where this runs, or build the image of the Dockerfile beside this program.", file=sys.stderr)
    except OSError as error:
        print(f"The weights or the list could not be read: {error}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

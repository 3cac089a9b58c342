"""Stands for the library ProtiCelli: the same calls, names and failures. What it paints is a demonstration: a mixture of the landmarks."""

import hashlib
import os
import sys

import tifffile

SIDE = 512
CELL_LINES = ["A-431", "BJ [Human fibroblast]", "HeLa", "hTERT-RPE1 (serum starved)", "U2OS"]


def vocabulary():
    """As many keys as the real one has; some are groups of genes, joined by commas."""
    made = [f"GENE{index},GENE{index}B" if index % 28 == 0 else f"GENE{index}" for index in range(12806)]
    return ["ACTB", "HLA-A,HLA-B", "TOMM20", *made]


class PredictionResult:
    def __init__(self, images, metadata):
        self.images = images
        self.metadata = metadata

    def save_prediction(self, prefix="", directory="./"):
        os.makedirs(directory, exist_ok=True)
        for index, (image, about) in enumerate(zip(self.images, self.metadata)):
            name = f"{index}_{about['cell_line_name']}_cell_{about['protein_name']}.tif".replace(" ", "_")
            path = os.path.join(directory, f"{prefix}_{name}".replace(" ", "_") if prefix else name)
            tifffile.imwrite(path, image.tolist())


class Model:
    def __init__(self, checkpoint_dir=None, vae_dir=None, device=None, dtype="float32", protein_map=None, cellline_map=None):
        if dtype not in ("float32", "float16", "bfloat16"):
            raise ValueError(f"unknown dtype {dtype}")
        self.proteins = vocabulary()

    @staticmethod
    def download_checkpoints(dest_dir=None):
        pass

    @property
    def available_proteins(self):
        return self.proteins

    @property
    def available_cell_lines(self):
        return CELL_LINES

    def key_of(self, name):
        """A gene of a group stands for the group where it is in one alone."""
        if name in self.proteins:
            return name
        groups = [key for key in self.proteins if name in key.split(",")]
        if len(groups) != 1:
            raise KeyError(name)
        return groups[0]

    def predict(
        self,
        images,
        protein_names,
        cell_line_names=None,
        num_inference_steps=50,
        batch_size=4,
        seed=None,
        return_latents=False,
        show_progress=True,
    ):
        lines = cell_line_names or [""] * len(images)
        keys = [self.key_of(name) for name in protein_names]
        for line in lines:
            if line not in CELL_LINES:
                print(f"Warning: unknown cell line {line}, using unconditioned", file=sys.stderr)
        painted = [paint(image, key, line, seed) for image, key, line in zip(images, keys, lines)]
        about = [{"protein_name": name, "cell_line_name": line} for name, line in zip(protein_names, lines)]
        return PredictionResult(painted, about)


def paint(image, key, line, seed):
    if tuple(image.shape[:2]) != (SIDE, SIDE):
        raise RuntimeError("Sizes of tensors must match except in dimension 1")
    shares = [byte / 255 for byte in hashlib.sha256(f"{key} {line} {seed}".encode()).digest()[:3]]
    rows = image.tolist()
    values = [[sum(share * value for share, value in zip(shares, pixel)) for pixel in row] for row in rows]
    least, most = min(map(min, values)), max(map(max, values))
    scale = 255 / (most - least) if most > least else 0
    return tifffile.Image([[int((value - least) * scale) for value in row] for row in values])

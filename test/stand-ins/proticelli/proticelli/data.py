"""Stands for what ProtiCelli prepares images with."""

import tifffile


class ImageNormalizer:
    def __init__(self, bit_depth=8, percentile=99.95, clip_channel=0, scale_threshold=0.1):
        if bit_depth not in (8, 16) or clip_channel not in (0, None):
            raise ValueError("unknown setting")
        self.percentile = percentile

    def transform(self, image, save_path=None):
        rows = image.tolist()
        brightness = sorted(pixel[0] for row in rows for pixel in row)
        most = brightness[int((len(brightness) - 1) * self.percentile / 100)] or 1
        return tifffile.Image([[tuple(min(value, most) / most * 2 - 1 for value in pixel) for pixel in row] for row in rows])


class ResolutionResampler:
    def __init__(self, model_resolution=0.1067, order=1, atol=1e-3):
        self.model_resolution = model_resolution
        self.atol = atol

    def transform(self, image, xy_resolution):
        """By the nearest pixel."""
        if abs(xy_resolution - self.model_resolution) <= self.atol:
            return image
        scale = xy_resolution / self.model_resolution
        rows = image.tolist()
        height, width = round(len(rows) * scale), round(len(rows[0]) * scale)
        return tifffile.Image([[rows[int(y / scale)][int(x / scale)] for x in range(width)] for y in range(height)])

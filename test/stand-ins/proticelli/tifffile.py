"""Stands for tifffile: reads TIFF, plain or deflated, and writes it plain, little endian, as lists of numbers with a shape."""

import struct
import zlib

SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8}
SAMPLES = {(8, 1): "B", (16, 1): "H", (32, 3): "f"}


class Image:
    def __init__(self, rows):
        self.rows = rows
        first = rows[0][0]
        self.shape = (len(rows), len(rows[0])) + ((len(first),) if isinstance(first, (list, tuple)) else ())

    def tolist(self):
        return self.rows


def imread(path):
    with open(path, "rb") as file:
        data = file.read()
    if data[:4] != b"II*\0":
        raise ValueError(f"not a TIFF file {data[:4]!r}")
    tags = read_tags(data)
    width, height, channels = tags[256][0], tags[257][0], tags.get(277, [1])[0]
    unpack = {1: bytes, 8: zlib.decompress, 32946: zlib.decompress}.get(tags.get(259, [1])[0])
    if unpack is None or tags.get(317, [1])[0] != 1:
        raise ValueError("this compression is not for this stand-in")
    kind = SAMPLES[(tags[258][0], tags.get(339, [1])[0])]
    strips = b"".join(unpack(data[at : at + length]) for at, length in zip(tags[273], tags[279]))
    values = struct.unpack(f"<{width * height * channels}{kind}", strips[: width * height * channels * struct.calcsize(kind)])
    if channels == 1:
        return Image([list(values[y * width : (y + 1) * width]) for y in range(height)])
    return Image([[values[(y * width + x) * channels : (y * width + x + 1) * channels] for x in range(width)] for y in range(height)])


def read_tags(data):
    at = struct.unpack_from("<I", data, 4)[0]
    tags = {}
    for index in range(struct.unpack_from("<H", data, at)[0]):
        tag, kind, count = struct.unpack_from("<HHI", data, at + 2 + 12 * index)
        place = at + 2 + 12 * index + 8
        if kind not in SIZES or kind == 5:
            continue
        if SIZES[kind] * count > 4:
            place = struct.unpack_from("<I", data, place)[0]
        tags[tag] = struct.unpack_from(f"<{count}{'BBHI'[kind - 1]}", data, place)
    return tags


def imwrite(path, rows):
    """Rows of bytes as grey of 8 bits."""
    height, width = len(rows), len(rows[0])
    entries = [(256, width), (257, height), (258, 8), (259, 1), (262, 1), (273, 8 + 2 + 12 * 9 + 4), (277, 1), (278, height), (279, width * height)]
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries) + b"\0\0\0\0"
    with open(path, "wb") as file:
        file.write(b"II*\0" + struct.pack("<I", 8) + directory + b"".join(bytes(row) for row in rows))

"""The regions that every reader in every language reads, beside their typed text (format document,
section 7). ZTC_CORPUS says where they are."""

import array
import glob
import math
import os
import struct
import unittest

import typed
import zerotouch

CORPUS = os.environ.get("ZTC_CORPUS") or os.path.join(
    os.path.dirname(__file__), "..", "..", "..", "test", "corpus")
_CODES = {"i8": "b", "i16": "h", "i32": "i", "i64": "q", "f32": "f", "f64": "d"}


class Data:
    """What the binding should deliver for a graph of typed text."""

    def __init__(self):
        self.made = {}

    def of(self, value):
        if not isinstance(value, typed.Node):
            return self.plain(value)
        if value not in self.made:
            getattr(self, {"l": "list", "m": "map", "a": "array", "x": "ext"}[value.tag])(value)
        return self.made[value]

    @staticmethod
    def plain(value):
        if not isinstance(value, tuple):
            return value
        kind, content = value
        if kind[0] == "f":
            return float("nan") if content == "nan" else struct.unpack(">d", bytes.fromhex(content))[0]
        if kind[0] == "i":
            return int(content)
        return bytes.fromhex(content) if kind == "b" else content

    def list(self, node):
        items = self.made[node] = []
        items.extend(map(self.of, node.items))

    def map(self, node):
        entries = self.made[node] = {}
        for key, item in node.items:
            entries[key] = self.of(item)

    def array(self, node):
        items = [self.plain((node.kind, item)) for item in node.items]
        self.made[node] = array.array(_CODES[node.kind], items)

    def ext(self, node):
        inside = node.items[0]
        if node.kind == 18:  # an object: its fields, which may refer to it
            fields = inside.items[1]
            entries = self.made[node] = self.made[fields] = {}
            for key, item in fields.items:
                entries[key] = self.of(item)
            return
        inside = self.of(inside)
        self.made[node] = {
            1: lambda: inside % 2**64,
            2: lambda: int.from_bytes(inside, "big", signed=True),
            4: lambda: chr(inside),
            5: lambda: set(inside),
            6: lambda: tuple(inside),
            7: lambda: dict(zip(inside[::2], inside[1::2])),
            17: lambda: inside[1],
            19: lambda: inside,
            20: lambda: inside,
            21: lambda: b"".join((unit % 2**16).to_bytes(2, "little") for unit in inside).decode(
                "utf-16-le", "surrogatepass"),
            22: lambda: inside,
        }.get(node.kind, lambda: zerotouch._convert.restore(node.kind, inside))()


def difference(got, want, known, at="$"):
    """The first difference in types, values or identities, or ''."""
    if type(got) is not type(want):
        return f"{at}: {type(got)} for {type(want)}"
    if isinstance(want, (list, dict, set, tuple, array.array)) and want:
        if id(want) in known:
            return "" if known[id(want)] == id(got) else f"{at}: another one"
        known[id(want)] = id(got)
    if isinstance(want, (list, tuple)):
        if len(got) != len(want):
            return f"{at}: {len(got)} elements for {len(want)}"
        parts = zip(range(len(want)), got, want)
    elif isinstance(want, dict):
        if list(got) != list(want):
            return f"{at}: other keys"
        parts = ((key, got[key], want[key]) for key in want)
    elif isinstance(want, float) and math.isnan(want):
        return "" if math.isnan(got) else f"{at}: {got} for nan"
    elif isinstance(want, array.array):
        parts = zip(range(len(want)), got, want)
        if got.typecode != want.typecode or len(got) != len(want):
            return f"{at}: {got} for {want}"
    else:
        return "" if repr(got) == repr(want) else f"{at}: {got!r} for {want!r}"
    for key, one, other in parts:
        if inside := difference(one, other, known, f"{at}[{key!r}]"):
            return inside
    return ""


class CorpusTest(unittest.TestCase):
    def test_the_corpus_is_here(self):
        self.assertGreater(len(glob.glob(f"{CORPUS}/*.ztc")), 5)

    def test_good_regions_are_read(self):
        for path in sorted(glob.glob(f"{CORPUS}/*.ztc")):
            if os.path.basename(path).startswith("bad-"):
                continue
            with open(path[:-3] + "txt", encoding="utf-8", newline="\n") as file:
                lines = file.read().split("\n")[:-1]
            region = zerotouch.open(path, verify="all")
            self.assertEqual(len(region), len(lines))
            for i, line in enumerate(lines):
                with self.subTest(f"{path} {i}"):
                    want = Data().of(typed.parse(line))
                    self.assertEqual(difference(region[i], want, {}), "")

    def test_bad_regions_are_refused(self):
        for path in sorted(glob.glob(f"{CORPUS}/bad-*.ztc")):
            with self.subTest(path), open(path[:-3] + "txt", encoding="utf-8") as file:
                with self.assertRaisesRegex(zerotouch.FormatError, rf"\({file.readline().strip()}\)"):
                    zerotouch.open(path, verify="all")


if __name__ == "__main__":
    unittest.main()

"""The regions that every reader in every language reads, beside their typed text (format document,
section 7). ZTC_CORPUS says where they are."""

import array
import glob
import math
import os
import re
import unittest

import zerotouch

CORPUS = os.environ.get("ZTC_CORPUS") or os.path.join(
    os.path.dirname(__file__), "..", "..", "..", "test", "corpus")
_CODES = {"i8": "b", "i16": "h", "i32": "i", "i64": "q", "f32": "f", "f64": "d"}


class Parser:
    """Typed text as the data that the binding should deliver."""

    def __init__(self, text):
        self.text, self.at, self.named = text, 0, {}

    def take(self, pattern):
        match = re.compile(pattern).match(self.text, self.at)
        if match:
            self.at = match.end()
        return match

    def string(self):
        raw = self.take(r'"((?:[^"\\]|\\.)*)"')[1]
        return re.sub(r"\\(?:u(....)|(.))", lambda m: chr(int(m[1], 16)) if m[1] else m[2], raw)

    def name(self, name, value):
        if name:
            self.named[name] = value
        return value

    def many(self, end, one):
        while not self.take(end):
            one()
            self.take(",")

    def ext(self, number, name):
        if number == 6:
            self.take(r"\[")
            items = []
            self.many(r"\]", lambda: items.append(self.value()))
            return self.name(name, tuple(items))
        if number == 18:
            self.take(r"\[")
            self.string()
            self.take(",")
            fields = self.value(name)
            self.take(r"\]")
            return fields
        inside = self.value()
        return self.name(name, {
            1: lambda: inside % 2**64,
            2: lambda: int.from_bytes(inside, "big", signed=True),
            4: lambda: chr(inside),
            5: lambda: set(inside),
            7: lambda: dict(zip(inside[::2], inside[1::2])),
            17: lambda: inside[1],
            19: lambda: inside,
            20: lambda: inside,
            21: lambda: b"".join((unit % 2**16).to_bytes(2, "little") for unit in inside).decode(
                "utf-16-le", "surrogatepass"),
            22: lambda: inside,
        }.get(number, lambda: zerotouch._convert.restore(number, inside))())

    def value(self, name=None):
        if match := self.take(r"&(\d+)"):
            name = match[1]
        if match := self.take(r"\*(\d+)"):
            return self.named[match[1]]
        for word, value in (("null", None), ("true", True), ("false", False)):
            if self.take(word):
                return value
        if match := self.take(r'x"([0-9a-f]*)"'):
            return bytes.fromhex(match[1])
        if self.text[self.at] == '"':
            return self.string()
        if match := self.take(r"ext\((\d+),"):
            value = self.ext(int(match[1]), name)
            self.take(r"\)")
            return value
        if self.take(r"\["):
            items = self.name(name, [])
            self.many(r"\]", lambda: items.append(self.value()))
            return items
        if self.take(r"\{"):
            entries = self.name(name, {})

            def entry():
                key = self.string()
                self.take(":")
                entries[key] = self.value()

            self.many(r"\}", entry)
            return entries
        if match := self.take(r"([if]\d+)\["):
            items, kind = [], match[1]
            self.many(r"\]", lambda: items.append(self.number(r"([^,\]]+)()", kind)))
            return self.name(name, array.array(_CODES[kind], items))
        return self.number(r"(-?[\d.e-]+|-?inf|nan)([if]\d+)")

    def number(self, pattern, kind=None):
        match = self.take(pattern)
        kind = kind or match[2]
        if kind[0] == "i":
            return int(match[1])
        return array.array(_CODES[kind], [float(match[1])])[0]


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
                    want = Parser(line).value()
                    self.assertEqual(difference(region[i], want, {}), "")

    def test_bad_regions_are_refused(self):
        for path in sorted(glob.glob(f"{CORPUS}/bad-*.ztc")):
            with self.subTest(path), open(path[:-3] + "txt", encoding="utf-8") as file:
                with self.assertRaisesRegex(zerotouch.FormatError, rf"\({file.readline().strip()}\)"):
                    zerotouch.open(path, verify="all")


if __name__ == "__main__":
    unittest.main()

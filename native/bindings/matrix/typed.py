"""Typed text (format document, section 7) as a graph of nodes, and graphs as tagged JSON.

Tagged JSON, one record a line: null, true, false, or a list that begins with a tag.

    ["i8", "5"] ... ["i64", "5"], ["i", "5"]     integers; "i" where a language has one width
    ["f32", bits], ["f64", bits], ["f", bits]    floats, as the 16 hex digits of the f64 of that value
    ["s", text]  ["b", hex]  ["sym", text]       strings, bytes, symbols
    ["c", text]                                  a character
    ["l", id, [value ...]]  ["t", ...]  ["set", ...]          list, tuple, set
    ["m", id, [[key, value] ...]]  ["o", ...]    a map; one with other keys, whose keys are values
    ["a", id, element, [digits or bits ...]]     a typed array
    ["x", id, ext, payload]                      an ext value
    ["e", ext, text]                             a value of a class of its own, see `own` below
    ["*", id]                                    the container with this id again
"""

import json
import re
import struct


class Node:
    """A container: its tag, its identity, and what is in it."""

    __slots__ = ("tag", "kind", "items")

    def __init__(self, tag, kind=None, items=None):
        self.tag, self.kind, self.items = tag, kind, items if items is not None else []


def bits(value):
    return "nan" if value != value else struct.pack(">d", value).hex()


class Parser:
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

    def begin(self, name, node):
        if name:
            self.named[name] = node
        return node

    def value(self):
        name = None
        if match := self.take(r"&(\d+)"):
            name = match[1]
        elif match := self.take(r"\*(\d+)"):
            return self.named[match[1]]
        for word, value in (("null", None), ("true", True), ("false", False)):
            if self.take(word):
                return value
        if match := self.take(r'x"([0-9a-f]*)"'):
            return ("b", match[1])
        if self.text[self.at] == '"':
            return ("s", self.string())
        if match := self.take(r"ext\((\d+),"):
            node = self.begin(name, Node("x", int(match[1])))
            node.items.append(self.value())
            self.take(r"\)")
            return node
        if self.take(r"\["):
            node = self.begin(name, Node("l"))
            while not self.take(r"\]"):
                node.items.append(self.value())
                self.take(",")
            return node
        if self.take(r"\{"):
            node = self.begin(name, Node("m"))
            while not self.take(r"\}"):
                key = self.string()
                self.take(":")
                node.items.append((key, self.value()))
                self.take(",")
            return node
        if match := self.take(r"([if]\d+)\[([^\]]*)\]"):
            items = match[2].split(",") if match[2] else []
            return self.begin(name, Node("a", match[1], [number(match[1], item) for item in items]))
        match = self.take(r"(-?[\d.e-]+|-?inf|nan)([if]\d+)")
        return (match[2], number(match[2], match[1]))


def number(kind, text):
    if kind[0] == "i":
        return text
    value = float(text)
    if kind == "f32" and value == value and abs(value) != float("inf"):
        value = struct.unpack("<f", struct.pack("<f", value))[0]
    return bits(value)


def parse(text):
    return Parser(text).value()


def to_json(value):
    """A graph as one line of tagged JSON."""
    ids = {}

    def tagged(value):
        if not isinstance(value, Node):
            return list(value) if isinstance(value, tuple) else value
        if value in ids:
            return ["*", ids[value]]
        ids[value] = len(ids) + 1
        head = [value.tag, ids[value]]
        if value.tag == "a":
            return head + [value.kind, value.items]
        if value.tag == "x":
            return head + [value.kind, tagged(value.items[0])]
        if value.tag in "mo":
            return head + [[[key if value.tag == "m" else tagged(key), tagged(item)]
                            for key, item in value.items]]
        return head + [[tagged(item) for item in value.items]]

    return json.dumps(tagged(value))


def from_json(line):
    """The graph of one line of tagged JSON."""
    nodes = {}

    def collect(value):
        if not isinstance(value, list) or value[0] not in ("l", "t", "set", "m", "o", "a", "x"):
            return
        nodes[value[1]] = Node(value[0])
        if value[0] == "x":
            collect(value[3])
        elif value[0] != "a":
            for item in value[2]:
                for part in item if value[0] == "o" else item[1:] if value[0] == "m" else (item,):
                    collect(part)

    def build(value):
        if not isinstance(value, list):
            return value
        tag = value[0]
        if tag == "*":
            return nodes[value[1]]
        if tag not in ("l", "t", "set", "m", "o", "a", "x"):
            return tuple(value)
        node = nodes[value[1]]
        if tag == "a":
            node.kind, node.items = value[2], value[3]
        elif tag == "x":
            node.kind, node.items = value[2], [build(value[3])]
        elif tag in "mo":
            node.items = [(key if tag == "m" else build(key), build(item)) for key, item in value[2]]
        else:
            node.items = [build(item) for item in value[2]]
        return node

    data = json.loads(line)
    collect(data)
    return build(data)


def plain(value, depth=0):
    """A text to sort by, the same for equal values."""
    if not isinstance(value, Node):
        return repr(value)
    if depth > 5:
        return "..."
    return value.tag + str(value.kind) + "".join(plain(item, depth + 1) for item in value.items
                                                 if not isinstance(item, tuple) or item)


def difference(got, want, pairs=None, at="$"):
    """The first difference between two graphs in tags, values, order or identity; '' if there is none."""
    pairs = pairs if pairs is not None else ({}, {})
    if not isinstance(want, Node) or not isinstance(got, Node):
        return "" if type(got) is type(want) and got == want else f"{at}: {got!r} for {want!r}"
    if got.tag != want.tag or got.kind != want.kind:
        return f"{at}: {got.tag} {got.kind} for {want.tag} {want.kind}"
    if got in pairs[0] or want in pairs[1]:
        same = pairs[0].get(got) is want and pairs[1].get(want) is got
        return "" if same else f"{at}: another one"
    pairs[0][got], pairs[1][want] = want, got
    if len(got.items) != len(want.items):
        return f"{at}: {len(got.items)} items for {len(want.items)}"
    ours, theirs = got.items, want.items
    if want.tag == "set":
        ours, theirs = sorted(ours, key=plain), sorted(theirs, key=plain)
    for i, (one, other) in enumerate(zip(ours, theirs)):
        place = f"{at}[{i}]"
        if want.tag in "mo" and want.tag != "":
            inside = difference(one[0], other[0], pairs, place + " key")
            if inside:
                return inside
            one, other, place = one[1], other[1], f"{at}.{other[0]}" if want.tag == "m" else place
        if inside := difference(one, other, pairs, place):
            return inside
    return ""

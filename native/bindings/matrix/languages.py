"""What each language makes of each value: the graph that its reader is expected to print, and whether its
writer can be asked for it."""



from typed import Node, plain

UUID, URI = 16, 22
# Ext ids that come as a value of a class of its own.
OWN = {
    "java": {3, 8, 9, 10, 11, 12, 13, 14, 15, UUID, URI, 23, 24, 25, 26, 27},
    "python": {3, 8, 9, 10, 11, 12, 13, 14, UUID},
    "ruby": {3, 8, 9, 12},
    "perl": {3},
}
# Their payloads have bytes or arrays in them, for which Perl has no type of its own.
BINARY = {2, 3, UUID, 21}


def own(ext, payload):
    """The text that stands for a value of a class of its own: its numbers, from the outside in."""
    if not isinstance(payload, Node):
        return str(int.from_bytes(bytes.fromhex(payload[1]), "big", signed=True)) if (
            ext == 3) else str(payload[1])
    parts = []
    for item in payload.items:
        if isinstance(item, Node):
            parts.append(own(item.kind, item.items[0]))
        elif item[0] == "b":
            parts.append(str(int.from_bytes(bytes.fromhex(item[1]), "big", signed=True)))
        else:
            parts.append(str(item[1]))
    return ",".join(parts)


def _nanosecond(ext, payload):
    """Whether Python can hold the time exactly: in microseconds."""
    items = payload.items if isinstance(payload, Node) else [payload]
    if ext in (8, 14):
        return int(items[1][1]) % 1000 == 0
    if ext == 10:
        return int(payload[1]) % 1000 == 0
    return all(_nanosecond(item.kind, item.items[0]) for item in items if isinstance(item, Node))


def _uuid_text(hexadecimal):
    h = hexadecimal
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


class Expectation:
    """A graph as a language is expected to deliver it."""

    def __init__(self, language):
        self.language, self.made = language, {}

    def of(self, value):
        if isinstance(value, Node) and self.language == "java" and value.kind == "i8":
            return ("b", b"".join((int(item) % 256).to_bytes(1, "big") for item in value.items).hex())
        if isinstance(value, Node):
            if value not in self.made:
                made = self.ext(value) if value.tag == "x" else self.container(value)
                self.made[value] = made
            return self.made[value]
        if not isinstance(value, tuple):
            return value
        tag, content = value
        if tag == "b" and self.language == "perl":
            return ("s", bytes.fromhex(content).decode("latin-1"))
        if self.language != "java" and tag[0] in "if" and tag[1:].isdigit():
            return (tag[0], content)
        return value

    def container(self, node):
        made = self.made[node] = Node(node.tag, node.kind)
        if node.tag == "a" and self.language in ("perl", "ruby"):
            made.tag, made.kind = "l", None
            made.items = [(node.kind[0], item) for item in node.items]
        elif node.tag == "a":
            made.items = node.items
        elif node.tag == "m":
            made.items = [(key, self.of(item)) for key, item in node.items]
            if self.language == "perl":
                made.items.sort(key=lambda entry: entry[0])
        else:
            made.items = [self.of(item) for item in node.items]
        return made

    def elements(self, node, tag):
        """An ext of a list as a container."""
        made = self.made[node] = Node(tag)
        made.items = [self.of(item) for item in node.items[0].items]
        return made

    def ext(self, node):
        language, number, payload = self.language, node.kind, node.items[0]
        if number == 1:
            return ("i", str(int(payload[1]) % 2**64))
        if number == 2:
            return ("i", own(3, payload))
        if number == 4:
            return ("c" if language == "java" else "s", chr(int(payload[1])))
        if number == 5:
            return self.elements(node, "l" if language == "perl" else "set")
        if number == 6:
            return self.elements(node, "t" if language == "python" else "l")
        if number == 7:
            made = self.made[node] = Node("o")
            flat = payload.items
            made.items = [(self.of(key), self.of(item)) for key, item in zip(flat[::2], flat[1::2])]
            return made
        if number == 17:
            return payload.items[1]
        if number == 18:
            return self.through(node, payload.items[1])
        if number == 19:
            return ("sym" if language == "ruby" else "s", payload[1])
        if number == 20:
            return self.through(node, payload)
        if number == 21:
            units = b"".join((int(unit) % 2**16).to_bytes(2, "little") for unit in payload.items)
            return ("s", units.decode("utf-16-le", "surrogatepass"))
        if number == UUID and number not in OWN[language]:
            return ("s", _uuid_text(payload[1]))
        if number == URI and number not in OWN[language]:
            return payload
        if number in OWN[language] and not (
            language == "python" and 8 <= number <= 14 and not _nanosecond(number, payload)):
            return ("e", number, own(number, payload))
        made = self.made[node] = Node("x", number)
        made.items = [self.of(payload)]
        return made

    def through(self, node, value):
        """An ext that is what it contains."""
        if isinstance(value, Node) and value not in self.made and value.tag == "m":
            made = self.made[node] = Node("m")
            self.made[value] = made
            made.items = [(key, self.of(item)) for key, item in value.items]
            if self.language == "perl":
                made.items.sort(key=lambda entry: entry[0])
            return made
        return self.of(value)


def expected(graph, language):
    return Expectation(language).of(graph)


def _nodes(value, seen, skipped=()):
    """The parts of a graph, without what is in ext values of these ids."""
    if isinstance(value, Node) and value not in seen:
        seen.add(value)
        for item in value.items if value.tag != "x" or value.kind not in skipped else ():
            for part in item if isinstance(item, tuple) and value.tag == "m" else (item,):
                _nodes(part, seen, skipped)
    elif isinstance(value, tuple):
        seen.add(value)
    return seen


def can_write(graph, language):
    """Whether the language has values that are stored as this."""
    for part in _nodes(graph, set(), BINARY if language == "perl" else ()):
        tag = part.tag if isinstance(part, Node) else part[0]
        if language == "perl" and tag in ("b", "a"):
            return False
        if tag == "a" and (language == "ruby" or language == "java" and part.kind == "i8"):
            return False
    return True


def written(graph, language):
    """The graph that the writer is expected to store: integers and floats of one width, but in Java."""
    made = {}

    def of(value):
        if isinstance(value, Node):
            if value in made:
                return made[value]
            node = made[value] = Node(value.tag, value.kind)
            if value.tag == "a":
                node.items = value.items
            elif value.tag == "m":
                node.items = [(key, of(item)) for key, item in value.items]
                if language == "perl":
                    node.items.sort(key=lambda entry: entry[0])
            else:
                node.items = [of(item) for item in value.items]
            if value.tag == "x" and value.kind == 5:  # a set, in any order
                node.items[0].items.sort(key=plain)
            return node
        if isinstance(value, tuple) and value[0][0] in "if" and language != "java":
            return (value[0][0], value[1])
        return value

    return of(graph)

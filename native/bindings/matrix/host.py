"""host.py read REGION | host.py write REGION < tagged JSON (see typed.py) | host.py keys|find REGION < keys."""

import array
import datetime
import decimal
import json
import struct
import sys
import uuid

import zerotouch
from zerotouch._convert import restore

CODES = {"i8": "b", "i16": "h", "i32": "i", "i64": "q", "f32": "f", "f64": "d"}
ELEMENTS = {code: element for element, code in CODES.items()}


def bits(value):
    return "nan" if value != value else struct.pack(">d", value).hex()


def unbits(text):
    return float("nan") if text == "nan" else struct.unpack(">d", bytes.fromhex(text))[0]


def nanosecond(value):
    seconds = (value.hour * 60 + value.minute) * 60 + value.second
    return seconds * 1_000_000_000 + value.microsecond * 1000


def local(value):
    return f"{value.year},{value.month},{value.day},{nanosecond(value)}"


def own(value):
    """A value of a class of the standard library, as languages.own has it."""
    if isinstance(value, datetime.datetime) and id(value) in INSTANTS:
        seconds = (value - EPOCH) // datetime.timedelta(seconds=1)
        return 8, f"{seconds},{value.microsecond * 1000}"
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            return 11, local(value)
        seconds = int(value.utcoffset().total_seconds())
        if hasattr(value.tzinfo, "key"):
            return 13, f"{local(value)},{seconds},{value.tzinfo.key}"
        return 12, f"{local(value)},{seconds}"
    if isinstance(value, datetime.date):
        return 9, f"{value.year},{value.month},{value.day}"
    if isinstance(value, datetime.time):
        return 10, str(nanosecond(value))
    if isinstance(value, datetime.timedelta):
        return 14, f"{value.days * 86400 + value.seconds},{value.microseconds * 1000}"
    if isinstance(value, uuid.UUID):
        return 16, value.hex
    if isinstance(value, decimal.Decimal):
        sign, digits, exponent = value.as_tuple()
        return 3, f"{-exponent},{'-' if sign else ''}{''.join(map(str, digits))}"
    raise TypeError(type(value))


def tagged(value, ids):
    if value is None or isinstance(value, bool):
        return value
    kind = type(value)
    if kind is int:
        return ["i", str(value)]
    if kind is float:
        return ["f", bits(value)]
    if kind is str:
        return ["s", value]
    if kind is bytes:
        return ["b", value.hex()]
    containers = (list, dict, tuple, set, frozenset, array.array, zerotouch.Ext)
    if kind not in containers:
        return ["e", *own(value)]
    if id(value) in ids:
        return ["*", ids[id(value)]]
    number = len(ids) + 1
    ids[id(value) if value != () else -number] = number  # there is only one empty tuple
    if kind is list or kind is tuple:
        return ["l" if kind is list else "t", number, [tagged(item, ids) for item in value]]
    if kind is set or kind is frozenset:
        return ["set", number, [tagged(item, ids) for item in value]]
    if kind is dict and all(type(key) is str for key in value):
        return ["m", number, [[key, tagged(item, ids)] for key, item in value.items()]]
    if kind is dict:
        return ["o", number, [[tagged(key, ids), tagged(item, ids)] for key, item in value.items()]]
    if kind is array.array:
        element = ELEMENTS[value.typecode]
        return ["a", number, element, [bits(x) if element[0] == "f" else str(x) for x in value]]
    return ["x", number, value.id, tagged(value.payload, ids)]


INSTANTS = set()
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


class Builder:
    """Native values from tagged JSON."""

    def __init__(self):
        self.made, self.later = {}, []

    def of(self, value):
        if not isinstance(value, list):
            return value
        tag = value[0]
        if tag[0] == "i":
            return int(value[1])
        if tag[0] == "f":
            return unbits(value[1])
        if tag == "s":
            return value[1]
        if tag == "b":
            return bytes.fromhex(value[1])
        if tag == "*":
            return self.made[value[1]]
        if tag == "a":
            convert = unbits if value[2][0] == "f" else int
            return self.keep(value, array.array(CODES[value[2]], map(convert, value[3])))
        if tag == "l":
            items = self.keep(value, [])
            for item in value[2]:
                items.append(None)
                if item == ["*", self.tuple_of(item)]:
                    self.later.append((items, len(items) - 1, item[1]))
                else:
                    items[-1] = self.of(item)
            return items
        if tag == "m":
            entries = self.keep(value, {})
            for key, item in value[2]:
                entries[key] = self.of(item)
            return entries
        return self.ext(value)

    def tuple_of(self, item):
        """The number of a tuple that is not complete so far."""
        return item[1] if isinstance(item, list) and item[0] == "*" and item[1] not in self.made else None

    def keep(self, value, made):
        self.made[value[1]] = made
        return made

    def ext(self, value):
        _, _, number, payload = value
        if number == 1:
            return int(payload[1]) % 2**64
        if number == 2:
            return int.from_bytes(bytes.fromhex(payload[1]), "big", signed=True)
        if number == 5:
            return self.keep(value, {self.of(item) for item in payload[2]})
        if number == 6:
            return self.keep(value, tuple(self.of(item) for item in payload[2]))
        if number == 7:
            entries, flat = self.keep(value, {}), payload[2]
            for key, item in zip(flat[::2], flat[1::2]):
                entries[self.of(key)] = self.of(item)
            return entries
        if number == 21:
            units = b"".join((int(unit) % 2**16).to_bytes(2, "little") for unit in payload[3])
            return units.decode("utf-16-le", "surrogatepass")
        if number == 3 or 9 <= number <= 16 and number != 15:
            return restore(number, self.of(payload))
        ext = self.keep(value, zerotouch.Ext(number, None))
        ext.payload = self.of(payload)
        return ext


def build(line):
    builder = Builder()
    value = builder.of(json.loads(line))
    for items, at, number in builder.later:
        items[at] = builder.made[number]
    return value


def key_of(line):
    """A key, from "i DIGITS", "s HEX" or "b HEX"."""
    kind, text = line.rstrip("\n").split(" ", 1)
    if kind == "i":
        return int(text)
    return bytes.fromhex(text).decode() if kind == "s" else bytes.fromhex(text)


def find(region, key):
    try:
        return region.index_of(key)
    except KeyError:
        return "null"


def main():
    mode, path = sys.argv[1:]
    if mode == "keys":
        keys = [key_of(line) for line in sys.stdin]
        zerotouch.publish(path, range(len(keys)), key=keys.__getitem__)
        return
    if mode == "find":
        region = zerotouch.open(path)
        for line in sys.stdin:
            print(find(region, key_of(line)))
        return
    if mode == "write":
        zerotouch.publish(path, (build(line) for line in sys.stdin))
        return
    # An instant is a datetime in UTC, like one that was stored with an offset of 0.
    original = zerotouch._convert._RESTORE[8]

    def instant(payload):
        value = original(payload)
        INSTANTS.add(id(value))
        KEPT.append(value)
        return value

    zerotouch._convert._RESTORE[8] = instant
    for record in zerotouch.open(path, verify="all"):
        print(json.dumps(tagged(record, {})))


KEPT = []
if __name__ == "__main__":
    main()

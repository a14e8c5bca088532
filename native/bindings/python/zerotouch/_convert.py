"""Values that have a class in Python and an ext id in the format (format document, section 3.7)."""

import dataclasses
import datetime
import decimal
import enum
import struct
import uuid
import zoneinfo

_EXT, _LIST, _END = 0x22, 0x20, 0x23
_I8, _I32, _I64, _ASCII, _UTF8, _BYTES = 0x03, 0x05, 0x06, 0x10, 0x12, 0x14
_DATE = struct.Struct("<BIBBiBbBbBB")
_TIME = struct.Struct("<BIBqB")
_PAIR = struct.Struct("<BIBBqBiBB")
_BEGIN = struct.Struct("<BIB")
_NUMBER = struct.Struct("<Bi")
_SIZED = struct.Struct("<BI")
_ENDS = bytes([_END, _END])


class Ext:
    """A value that Python has no type for: the registered id, and its payload."""

    __slots__ = ("id", "payload")

    def __init__(self, id, payload):  # noqa: A002 (its name in the format)
        self.id = id
        self.payload = payload

    def __repr__(self):
        return f"Ext({self.id!r}, {self.payload!r})"

    def __eq__(self, other):
        if not isinstance(other, Ext):
            return NotImplemented
        return self.id == other.id and self.payload == other.payload

    def __hash__(self):
        return hash((self.id, self.payload))


# ------------------------------------------------------------------------------- to a region --


def _string(text):
    data = text.encode()
    return _SIZED.pack(_UTF8, len(data)) + data


def _bytes(data):
    return _SIZED.pack(_BYTES, len(data)) + data


def _list(ext, *parts):
    return _BEGIN.pack(_EXT, ext, _LIST) + b"".join(parts) + _ENDS


def _integer(value):
    """Two's complement, big-endian, shortest."""
    return value.to_bytes((value if value >= 0 else ~value).bit_length() // 8 + 1, "big", signed=True)


def _date(value):
    return _DATE.pack(_EXT, 9, _LIST, _I32, value.year, _I8, value.month, _I8, value.day, _END, _END)


def _nanosecond(value):
    seconds = (value.hour * 60 + value.minute) * 60 + value.second
    return seconds * 1_000_000_000 + value.microsecond * 1000


def _time(value):
    if value.tzinfo is not None:
        raise TypeError("a time with a time zone, but without a date,")
    return _TIME.pack(_EXT, 10, _I64, _nanosecond(value), _END)


def _datetime(value):
    local = _list(11, _date(value), _TIME.pack(_EXT, 10, _I64, _nanosecond(value), _END))
    if value.tzinfo is None:
        return local
    offset = value.utcoffset()
    if offset is None:
        return local
    if offset.microseconds:
        raise TypeError("a time whose offset is no whole number of seconds")
    fixed = _list(12, local, _NUMBER.pack(_I32, offset.days * 86_400 + offset.seconds))
    zone = getattr(value.tzinfo, "key", None)
    return fixed if not isinstance(zone, str) else _list(13, fixed, _string(zone))


def _timedelta(value):
    seconds = value.days * 86_400 + value.seconds
    return _PAIR.pack(_EXT, 14, _LIST, _I64, seconds, _I32, value.microseconds * 1000, _END, _END)


def _decimal(value):
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise TypeError(f"the decimal {value}")
    unscaled = int(decimal.Decimal((0, digits, 0)))
    if sign and not unscaled:
        raise TypeError("a negative zero as a decimal")
    return _list(3, _NUMBER.pack(_I32, -exponent), _bytes(_integer(-unscaled if sign else unscaled)))


def class_name(kind):
    """The name by which objects of a class are stored."""
    return f"{kind.__module__}.{kind.__qualname__}"


def _enum(value):
    if value.name not in type(value).__members__:
        raise TypeError(f"{value!r}, which is no single constant,")
    return _list(17, _string(class_name(type(value))), _string(value.name))


def _dataclass(value):
    fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return class_name(type(value)), fields


def describe(value):
    """What the C code is to write for a value: events, [another value] or (class name, fields)."""
    if isinstance(value, enum.Enum):
        return _enum(value)
    if isinstance(value, int):
        plain = int(value)
        if -(2**63) <= plain < 2**64:
            return [plain]
        return _BEGIN.pack(_EXT, 2, _BYTES)[:5] + _bytes(_integer(plain)) + bytes([_END])
    if isinstance(value, datetime.datetime):
        return _datetime(value)
    if isinstance(value, datetime.date):
        return _date(value)
    if isinstance(value, datetime.time):
        return _time(value)
    if isinstance(value, datetime.timedelta):
        return _timedelta(value)
    if isinstance(value, decimal.Decimal):
        return _decimal(value)
    if isinstance(value, uuid.UUID):
        return _SIZED.pack(_EXT, 16) + _bytes(value.bytes) + bytes([_END])
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _dataclass(value)
    for plain in (str, float, bytes, dict, list, tuple, set, frozenset):
        if isinstance(value, plain):
            return [dict(value.items()) if plain is dict else plain(value)]
    kind = type(value)
    name = kind.__qualname__ if kind.__module__ == "builtins" else class_name(kind)
    raise TypeError(f"a value of type {name}")


# ----------------------------------------------------------------------------- from a region --

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def _restore_instant(payload):
    seconds, nanos = payload
    try:
        whole = _EPOCH + datetime.timedelta(seconds=seconds, microseconds=nanos // 1000)
    except OverflowError:
        return Ext(8, payload)
    return whole if nanos % 1000 == 0 else Ext(8, payload)


def _restore_date(payload):
    year, month, day = payload
    if not datetime.MINYEAR <= year <= datetime.MAXYEAR:
        return Ext(9, payload)
    return datetime.date(year, month, day)


def _restore_time(nanos):
    seconds, rest = divmod(nanos, 1_000_000_000)
    if rest % 1000:
        return Ext(10, nanos)
    return datetime.time(seconds // 3600, seconds // 60 % 60, seconds % 60, rest // 1000)


def _restore_local(payload):
    day, time = payload
    if isinstance(day, Ext) or isinstance(time, Ext):
        return Ext(11, payload)
    return datetime.datetime.combine(day, time)


def _restore_offset(payload):
    local, offset = payload
    if isinstance(local, Ext):
        return Ext(12, payload)
    delta = datetime.timedelta(seconds=offset)
    zone = datetime.timezone(delta) if delta else datetime.timezone.utc
    return local.replace(tzinfo=zone)


def _restore_zoned(payload):
    fixed, name = payload
    if isinstance(fixed, Ext):
        return Ext(13, payload)
    if not isinstance(name, str):  # ZoneInfo hashes whatever it is
        raise TypeError
    try:
        zone = zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return Ext(13, payload)
    for fold in (0, 1):
        value = fixed.replace(tzinfo=zone, fold=fold)
        if value.utcoffset() == fixed.utcoffset():
            return value
    return fixed.astimezone(zone)


def _restore_duration(payload):
    seconds, nanos = payload
    if nanos % 1000:
        return Ext(14, payload)
    try:
        return datetime.timedelta(seconds=seconds, microseconds=nanos // 1000)
    except OverflowError:
        return Ext(14, payload)


_EXACT = decimal.Context(prec=decimal.MAX_PREC, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN, traps=[
    decimal.Inexact, decimal.InvalidOperation, decimal.Overflow])
_PIECE = 64  # bytes that are converted at once, which takes the square of their number


def _natural(data):
    """A natural number as a Decimal. Its halves first, since multiplication takes little more than linear time."""
    powers = [(_PIECE, decimal.Decimal(256**_PIECE))]
    while powers[-1][0] * 2 < len(data):
        size, power = powers[-1]
        powers.append((size * 2, _EXACT.multiply(power, power)))

    def convert(start, end, level):
        if end - start <= _PIECE:
            return decimal.Decimal(int.from_bytes(data[start:end], "big"))
        size, power = powers[level]
        if end - start <= size:
            return convert(start, end, level - 1)
        high = _EXACT.multiply(convert(start, end - size, level - 1), power)
        return _EXACT.add(high, convert(end - size, end, level - 1))

    return convert(0, len(data), len(powers) - 1)


def _restore_decimal(payload):
    scale, unscaled = payload
    negative = bool(unscaled) and unscaled[0] >= 0x80
    if negative:  # its complement, and one more
        data = (~int.from_bytes(unscaled, "big", signed=True)).to_bytes(len(unscaled), "big")
        magnitude = _EXACT.add(_natural(data), decimal.Decimal(1))
    else:
        magnitude = _natural(unscaled)
    return decimal.Decimal((int(negative), magnitude.as_tuple().digits, -scale))


_RESTORE = {
    3: _restore_decimal,
    8: _restore_instant,
    9: _restore_date,
    10: _restore_time,
    11: _restore_local,
    12: _restore_offset,
    13: _restore_zoned,
    14: _restore_duration,
    16: lambda payload: uuid.UUID(bytes=payload),
}


def restore(ext, payload):
    """A value of a Python class, or Ext where none can hold it exactly."""
    make = _RESTORE.get(ext)
    return make(payload) if make else Ext(ext, payload)

"""Private copies of records in a shared, read-only region, without one write to a page of it."""

import collections.abc
import operator
import os

try:
    from . import _native
except ImportError as _error:
    if _error.name != __name__:
        raise
    raise ImportError(
        f"{os.path.dirname(__file__)} lacks the compiled part of the package: it is the folder of the"
        " sources, which Python finds first here; start from another folder, or build it"
    ) from None
from . import _convert, _errors
from ._convert import Ext, class_name
from ._errors import (
    AccessError, ClosedError, Error, FormatError, IndexRangeError, LimitError, MissingError,
    PathError, UnstorableError,
)

_native.check_interpreter()

__version__ = "0.1.0"
__all__ = [
    "AccessError", "ClosedError", "Error", "Ext", "FormatError", "IndexRangeError", "LimitError", "ListView",
    "MapView", "MissingError", "PathError", "Region", "UnstorableError", "class_name", "open",
    "publish",
]

_VERIFY = {"header": 0, "none": 1, "record": 2, "all": 3}
_AUDIT, _PRELOAD = 0x100, 0x200


class Region(_native.Region, collections.abc.Sequence):
    """The records of a region. `open` makes one.

    `region[i]` is a fresh copy of record `i`: dicts, lists, strings, numbers, all the caller's own.
    Slices, negative indices, `len`, iteration and `in` work as for a list; `__getitems__(indices)`
    copies several records at once, which is what data loaders call. A region is safe in any number of
    threads, in a child after a fork, and pickles as its path and options.
    """

    __slots__ = ()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def __reduce__(self):
        return _reopen, (self.path, self._flags, self._classes)

    def __repr__(self):
        state = ", closed" if self.closed else ""
        return f"<zerotouch.Region {self.path!r}, {len(self)} records{state}>"


class MapView(_native.MapView, collections.abc.Mapping):
    """A map in a private copy. A value is decoded when it is looked up; `copy()` gives a dict, and so does
    pickling it."""

    __slots__ = ()

    def __reduce__(self):
        return dict, (self.copy(),)

    def __repr__(self):
        return f"MapView({self.copy()!r})"


class ListView(_native.ListView, collections.abc.Sequence):
    """A list in a private copy. An element is decoded when it is looked up; `copy()` gives a list, and so does
    pickling it."""

    __slots__ = ()

    def __reduce__(self):
        return list, (self.copy(),)

    def __eq__(self, other):
        if not isinstance(other, (ListView, list)) or len(self) != len(other):
            return NotImplemented if not isinstance(other, (ListView, list)) else False
        return all(map(operator.eq, self, other))

    __hash__ = None

    def __repr__(self):
        return f"ListView({self.copy()!r})"


def _reopen(path, flags, classes):
    return Region(path, flags, classes)


def open(path, *, verify="header", preload=False, classes=None, audit=False):  # noqa: A001
    """Opens a region; a few pages of the file are touched, whatever its size.

    verify   'header' (default), 'none', 'record' (the checksum of each copy) or 'all' (of the whole
             file, before `open` returns)
    preload  read the whole file into memory first
    classes  a dict from names (`class_name(cls)`) to classes, or an iterable of classes: dataclass
             objects and enum constants stored by these names come back as such. Without it, objects
             come as dicts of their fields and constants as their names. No class is ever imported
             because a file names it. Neither __init__ nor __post_init__ is called: fields are set as
             they are stored, also those that the class does not declare.
    audit    map the file privately and writable, for harnesses that look for stray writes
    """
    if verify not in _VERIFY:
        raise ValueError(f"verify is one of {', '.join(_VERIFY)}, not {verify!r}")
    if classes is not None and not isinstance(classes, dict):
        classes = {class_name(kind): kind for kind in classes}
    flags = _VERIFY[verify] | (_AUDIT if audit else 0) | (_PRELOAD if preload else 0)
    return Region(os.path.abspath(os.fsdecode(path)), flags, classes)


def publish(path, records, *, key=None):
    """Writes the records of an iterable to a region at `path`, and returns their number.

    `key` is the name of one field, which each record must have, or a function of a record. It gives the key by which
    `Region.get` finds the record: a str, an int of 64 bits or bytes; a function may give None for a record without
    one. No two records may have the same key.

    Readers see the old file or the new one, whole; when anything fails, the old one is as it was. A
    record is any value: None, bool, int, float, str, bytes, list, tuple, set, dict, typed arrays
    (anything with a one-dimensional buffer of signed integers or floats), datetime, date, time,
    timedelta, Decimal, UUID, Enum constants, dataclass objects, `Ext`. What is one object in a record
    is one object in its copies, and cycles are cycles.
    """
    if isinstance(records, (collections.abc.Mapping, str, bytes, bytearray)):
        kind = type(records).__name__
        raise TypeError(f"a {kind} is one record, and no iterable of records: put it into a list")
    field = None
    if key is not None and not callable(key):
        key, field = operator.itemgetter(key), repr(key)
    return _native.publish(os.path.abspath(os.fsdecode(path)), records, key, field)


_native.setup(
    _errors.exception, Ext, _convert.restore, _convert.describe, MapView, ListView,
)
os.register_at_fork(before=_native.before_fork, after_in_parent=_native.after_fork)

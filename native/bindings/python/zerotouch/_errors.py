"""Exceptions, and how the statuses of the C library become one of them."""

import errno as _errno
import json
import os
import re


class Error(Exception):
    """Any failure of this package. `status` names the C library's status, for instance 'CORRUPT'."""

    status = ""


class FormatError(Error, ValueError):
    """The file is no region, is damaged, or needs a newer library."""


class ClosedError(Error, ValueError):
    """The region was closed, or its file shrank underneath it."""


class UnstorableError(Error, TypeError):
    """A value that cannot be published; the message says which, and where."""


class LimitError(Error, ValueError):
    """A record that is nested too deeply, or holds too much, for this reader; its bytes are sound."""


class PathError(Error, LookupError):
    """A path that leads nowhere, or is malformed."""


class IndexRangeError(Error, IndexError):
    """There is no record of this number."""


class SystemError(Error, OSError):  # noqa: A001 (only seen as a base of what is raised)
    """The operating system refused."""


class MissingError(SystemError, FileNotFoundError):
    """There is no such file."""


class AccessError(SystemError, PermissionError):
    """The file may not be read or written."""


_FORMAT = {
    "NOT_A_REGION", "TRUNCATED", "VERSION", "BYTE_ORDER", "UNSUPPORTED", "EMPTY_FILE", "CORRUPT",
    "CHECKSUM", "BUDGET",
}
_CLASSES = {
    "CLOSED": ClosedError, "LOST": ClosedError, "OUT_OF_RANGE": IndexRangeError,
    "NO_SUCH_KEY": PathError, "BAD_PATH": PathError, "TYPE_MISMATCH": PathError,
    "UNSTORABLE": UnstorableError, "TOO_DEEP": LimitError, "TOO_LARGE": LimitError,
    "DUPLICATE_KEY": UnstorableError, "IO": SystemError, "NOT_FOUND": MissingError,
    "ACCESS": AccessError,
}
_ERRNO = {"NOT_FOUND": _errno.ENOENT, "ACCESS": _errno.EACCES}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")


def path_text(steps):
    """A path in the grammar of the format document."""
    text = "$"
    for step in steps:
        if isinstance(step, str) and _NAME.match(step):
            text += "." + step
        elif isinstance(step, str):
            text += "[" + json.dumps(step, ensure_ascii=False) + "]"
        elif isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f"[{step!r}]"
    return text


def exception(status, message, errno=0, path=None, record=None, steps=None, publishing=False):
    """The exception for a status; called by the C code. Limits of what is published are about a value."""
    if status == "NO_MEMORY":
        return MemoryError(message)
    kind = FormatError if status in _FORMAT else _CLASSES.get(status, Error)
    if publishing and kind is LimitError:
        kind = UnstorableError
    if steps is not None:
        message = f"record {record}: {path_text(steps)}: {message} cannot be published"
    if path is not None and os.path.basename(path) not in message:
        message = f"{path}: {message}"
    text = f"{message} ({status})"
    if issubclass(kind, OSError):
        error = kind(errno or _ERRNO.get(status, 0), text, path)
    else:
        error = kind(text)
    error.status = status
    return error

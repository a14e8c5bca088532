"""Which inherited pages does a forked child un-share while it runs some code? Answers from
/proc/PID/pagemap, looked at from outside: frame numbers before and after (root), and the bit that says
that no other process maps the page (anybody)."""

import array
import os
import re
import struct
import traceback

PRESENT, FILE, EXCLUSIVE, FRAME = 1 << 63, 1 << 61, 1 << 56, (1 << 55) - 1
_MAPPING = re.compile(r"(\w+)-(\w+) ...(.) \S+ \S+ (\d+)")


def snapshot(pid, only=None):
    """Page number to pagemap entry, of private mappings: every page that is there or of a file."""
    entries = {}
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/pagemap", "rb", 0) as pagemap:
        for line in maps:
            start, end, shared, inode = _MAPPING.match(line).groups()
            if shared == "s" or "[v" in line:
                continue
            page, pages = int(start, 16) // 4096, (int(end, 16) - int(start, 16)) // 4096
            pagemap.seek(page * 8)
            entries_here = array.array("Q", pagemap.read(pages * 8))
            for number, bits in enumerate(entries_here, page):
                if number in only if only is not None else inode != "0" or bits & PRESENT:
                    entries[number] = bits
    return entries


def _frames_visible():
    return any(bits & PRESENT and bits & FRAME for bits in snapshot("self").values())


class _Child:
    """A forked process that runs a function between two waits."""

    def __init__(self, work):
        go, self._tell = os.pipe()
        self._told, say = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._tell)
            status = 1
            try:
                os.write(say, b"x")
                os.read(go, 1)
                work()
                status = 0
            except BaseException:
                traceback.print_exc()
            os.write(say, b"x")
            os.read(go, 1)
            os._exit(status)
        os.close(go)
        os.close(say)
        os.read(self._told, 1)

    def run(self):
        os.write(self._tell, b"x")
        os.read(self._told, 1)

    def end(self):
        os.write(self._tell, b"x")
        _, status = os.waitpid(self.pid, 0)
        os.close(self._tell)
        os.close(self._told)
        return status


class PageWatch:
    """Looks at other processes from a process of its own: make it before there is any data, since what
    it allocates and frees would leave holes in the memory of those that it looks at."""

    def __init__(self):
        asked, self._ask = os.pipe()
        self._answer, say = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._ask)
            os.close(self._answer)
            self._serve(asked, say)
            os._exit(0)
        os.close(asked)
        os.close(say)

    @staticmethod
    def _serve(asked, say):
        before, visible = {}, _frames_visible()
        while True:
            request = os.read(asked, 16)
            if not request:
                return
            after, pid = struct.unpack("qq", request)
            if not after:
                before = snapshot(pid)
                os.write(say, struct.pack("qqq", 0, 0, 0))
                continue
            present = sum(1 for bits in before.values() if bits & PRESENT)
            os.write(say, struct.pack("qqq", present, *_compare(before, snapshot(pid, before), visible)))

    def _request(self, after, pid):
        os.write(self._ask, struct.pack("qq", after, pid))
        return struct.unpack("qqq", os.read(self._answer, 24))

    def close(self):
        os.close(self._ask)
        os.waitpid(self.pid, 0)
        os.close(self._answer)

    def watch(self, work):
        """Runs `work` in a forked child; returns how many inherited pages it un-shared, and how many it
        inherited. A second child keeps every page mapped meanwhile, so that a page written is always a
        page copied."""
        keeper, worker = _Child(lambda: None), _Child(work)
        self._request(0, worker.pid)
        worker.run()
        inherited, pages, _ = self._request(1, worker.pid)
        failed = worker.end()
        keeper.run()
        keeper.end()
        if failed:
            raise AssertionError("the watched work failed")
        return pages, inherited


def _compare(before, after, frames_visible):
    frames = exclusive = 0
    for page, was in before.items():
        now = after.get(page, 0)
        if not now & PRESENT:
            continue
        if not was & PRESENT or was & FILE:  # of a file, until it is written to
            changed = not now & FILE
            frames += changed
            exclusive += changed
            continue
        frames += was & FRAME != now & FRAME
        exclusive += bool(now & EXCLUSIVE) and not was & EXCLUSIVE
    return (frames if frames_visible else exclusive), exclusive

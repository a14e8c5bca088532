"""Whatever the bytes of a region are: data or an error, never a crash. The seed is printed."""

import array
import datetime
import decimal
import os
import random
import resource
import tempfile
import unittest
import uuid

import zerotouch


class Thing:
    def __init__(self):
        self.a = 1


def records():
    shared = {"name": "shared", "list": [1, 2, 3, 4, 5]}
    cycle = {"shared": shared}
    cycle["self"] = cycle
    pair = ([], {1, (2, "x")})
    pair[0].append(pair)
    return [
        {"id": 1, "name": "plain", "wide": "\u263a and more of it", "tags": ["a", "bb", "a longer one"]},
        [{"id": i, "text": f"row number {i}", "n": i / 3} for i in range(10)],
        {f"key number {i}": [i, f"v{i}"] for i in range(30)},
        [shared, shared, cycle], pair, zerotouch.Ext(18, ["thing", {"a": 1, "b": shared, "c": shared}]),
        {1: "x", (1, 2): [3], None: {frozenset([5, 6])}}, array.array("d", range(10)),
        [2**64 - 1, 2**70, "a\ud800", datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc),
         datetime.timedelta(1, 2, 3), decimal.Decimal("1.25"), uuid.UUID(int=7)],
        zerotouch.Ext(20, shared), zerotouch.Ext(4_000_000_000, [shared, cycle]),
        "a string as a record", 7, None, [], {}, [[[[[[]]]]]],
    ]


def mapped():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


class HostileTest(unittest.TestCase):
    def setUp(self):
        """Whoever takes more memory than this has a MemoryError, which is no refusal."""
        before = resource.getrlimit(resource.RLIMIT_AS)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_AS, before)
        resource.setrlimit(resource.RLIMIT_AS, (mapped() + (256 << 20), before[1]))

    def test_what_is_small_in_a_file_stays_small(self):
        deep = ["x" * 100_000] * 20
        for _ in range(60):  # 2**60 lists for whoever follows each reference
            deep = [deep, deep]
        pairs = (1, 2)
        for _ in range(60):  # 2**60 numbers for whoever hashes them
            pairs = (pairs, pairs)
        digits = (10**300_000,)
        for _ in range(13):  # 8192 times as many digits
            digits = (digits, digits)
        prime = 2**61 - 1
        bombs = [
            (deep, None), ([zerotouch.Ext(22, "z" * 100_000)] * 20, None),
            (zerotouch.Ext(3, [0, b"\x7f" * 300_000]), None),
            (zerotouch.Ext(3, [-(2**63), b"\x7f"]), zerotouch.FormatError),
            (zerotouch.Ext(9, [1] * 300_000), zerotouch.FormatError),
            (pairs, None), (zerotouch.Ext(5, [pairs]), zerotouch.LimitError),
            (digits, None), (zerotouch.Ext(5, [digits]), zerotouch.LimitError),
            (zerotouch.Ext(7, [zerotouch.Ext(99, pairs), 1]), zerotouch.LimitError),
            (zerotouch.Ext(5, [i * prime for i in range(1, 50_000)]), zerotouch.LimitError),
            (zerotouch.Ext(7, [i // 2 * prime for i in range(2, 100_000)]), zerotouch.LimitError),
        ]
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "r.ztc")
            zerotouch.publish(path, (bomb for bomb, _ in bombs))
            region = zerotouch.open(path, verify="all")
            for i, (_, refusal) in enumerate(bombs):
                with self.subTest(i):
                    if refusal:
                        with self.assertRaises(refusal):
                            region[i]
                    else:
                        self.assertIsNotNone(region[i])

    def test_damaged_regions_give_data_or_errors(self):
        seed = int(os.environ.get("ZTC_SEED", 20240229))
        runs = int(os.environ.get("ZTC_RUNS", 4000))
        print(f"ZTC_SEED={seed} ZTC_RUNS={runs}")
        chance = random.Random(seed)
        count = {"copied": 0, "refused": 0, "not opened": 0, "viewed": 0}
        with tempfile.TemporaryDirectory() as folder:
            good = os.path.join(folder, "good.ztc")
            bad = os.path.join(folder, "bad.ztc")
            zerotouch.publish(good, records())
            with open(good, "rb") as file:
                original = file.read()
            for run in range(runs):
                data = bytearray(original)
                for _ in range(chance.randrange(1, 5)):
                    at, kind = chance.randrange(len(data)), chance.random()
                    if kind < 0.5:
                        data[at] ^= 1 << chance.randrange(8)
                    elif kind < 0.8:
                        data[at] = chance.choice((0, 1, 7, 8, 0x40, 0x7F, 0x80, 0xFF))
                    else:
                        source = chance.randrange(len(data)) & ~7
                        word = original[source : source + 8]
                        data[at & ~7 : (at & ~7) + len(word)] = word
                with open(bad, "wb") as file:
                    file.write(data)
                self.read(bad, {"thing": Thing} if run % 2 else None, count)
        print(count)
        self.assertGreater(count["copied"], runs)
        self.assertGreater(count["refused"], runs / 10)
        self.assertGreater(count["viewed"], runs)

    def read(self, path, classes, count):
        try:  # without checksums, so that the damage reaches the reader
            region = zerotouch.open(path, verify="none", classes=classes)
        except zerotouch.Error:
            count["not opened"] += 1
            return
        for i in range(min(len(region), 20)):
            try:
                repr(region[i])
                count["copied"] += 1
            except zerotouch.Error:
                count["refused"] += 1
            try:
                self.look(region.view(i), 30)
                count["viewed"] += 1
            except (zerotouch.Error, KeyError):
                pass
            try:
                region.copy_path(i, "list[1]")
            except zerotouch.Error:
                pass

    def look(self, view, most):
        if most > 0 and isinstance(view, zerotouch.MapView):
            for key in list(view)[:20]:
                self.look(view[key], most // 2)
        elif most > 0 and isinstance(view, zerotouch.ListView):
            for i in range(min(len(view), 20)):
                self.look(view[i], most // 2)


if __name__ == "__main__":
    unittest.main()

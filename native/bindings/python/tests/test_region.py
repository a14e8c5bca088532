"""What comes back from a region, and what is said when nothing can."""

import array
import dataclasses
import datetime
import decimal
import enum
import multiprocessing
import os
import pickle
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import types
import unittest
import uuid
import zoneinfo

import zerotouch


class Colour(enum.Enum):
    RED = 1


class Flags(enum.Flag):
    A = 1
    B = 2


@dataclasses.dataclass(frozen=True)
class Point:
    x: int
    y: object


@dataclasses.dataclass
class Slotted:
    __slots__ = ("a",)
    a: int


class RegionTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.path = os.path.join(self.folder, "r.ztc")

    def region(self, *records, **options):
        zerotouch.publish(self.path, records)
        return zerotouch.open(self.path, verify="all", **options)

    def through(self, value, **options):
        return self.region(value, **options)[0]

    def assert_same(self, value):
        copy = self.through(value)
        self.assertEqual(copy, value)
        self.assertIs(type(copy), type(value))
        self.assertEqual(self.through([value, 0]), [value, 0])
        self.assertEqual(self.through({"key": value}), {"key": value})

    # ------------------------------------------------------------------------------- values

    def test_plain_values_come_back_as_they_were(self):
        for value in (
            None, True, False, 0, -1, 255, 256, 2**62, 2**63 - 1, -(2**63), 2**63, 2**64 - 1, 2**64,
            -(2**63) - 1, 10**60, -(10**60), 1.5, -0.25, 1e300, float("inf"), b"", b"a\0b\xff",
        ):
            with self.subTest(value):
                self.assert_same(value)
        self.assertNotEqual(self.through(float("nan")), self.through(float("nan")))
        self.assertEqual(str(self.through(-0.0)), "-0.0")

    def test_strings_come_back_as_they_were(self):
        for value in (
            "", "a", "ÿ", "seven77", "eight888", "a\0b", "x" * 100_000, "Jürgen", "ÿ" * 10, "☺",
            "☺" * 1000, "😀", "\U0010ffff", "a\ud800b", "\udfff\ud800", "ﬀ😀\ud800",
        ):
            with self.subTest(value[:10]):
                self.assert_same(value)
                self.assertEqual(self.through({value: 1}), {value: 1})

    def test_containers_come_back_as_they_were(self):
        for value in (
            [], {}, (), set(), [[]], [{}], {"a": {}}, (1,), ((), [()]), {1, 2}, {(1, (2,))},
            {frozenset([1]), frozenset()}, {"a": {"b": {"c": [1, 2]}}}, {1: "a", None: (), 2.5: {}},
            {(1, 2): 3}, {b"x": 1}, {frozenset([1]): 2},
            [{"id": i, "name": f"n{i}", "tags": [f"t{i}"]} for i in range(50)],
            {f"key{i}": {"n": i} for i in range(500)}, {f"☺{i}": i for i in range(300)},
            {f"k{i}": i for i in range(30)}, [{"x": 1}, {"x": None}, {"x": "s"}],
        ):
            with self.subTest(repr(value)[:40]):
                self.assert_same(value)
        self.assertEqual(self.through(frozenset([1])), {1})

    def test_the_order_of_keys_is_kept(self):
        for keys in ("abc", "cba", "☺ab"):
            self.assertEqual(list(self.through({key: 1 for key in keys})), list(keys))

    def test_a_dict_is_an_ordinary_dict(self):
        for count in (1, 5, 6, 11, 30):
            copy = self.through({f"k{i}": i for i in range(count)})
            for i in range(50):
                copy[f"new{i}"] = i
            del copy["k0"]
            copy.update({"k1": "x"})
            self.assertEqual(len(copy), count - 1 + 50 + (count == 1))
            self.assertEqual(copy.pop("k1"), "x")
            self.assertNotIn("k1", copy)

    def test_dates_and_numbers_with_classes(self):
        berlin = zoneinfo.ZoneInfo("Europe/Berlin")
        east = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
        for value in (
            datetime.date.min, datetime.date(2024, 2, 29), datetime.date.max, datetime.time.min,
            datetime.time.max, datetime.datetime.min, datetime.datetime.max,
            datetime.datetime(2020, 1, 2, 3, 4, 5, 6, datetime.timezone.utc),
            datetime.datetime(2020, 1, 2, 3, 4, 5, 6, east),
            datetime.datetime(2021, 10, 31, 2, 30, tzinfo=berlin),
            datetime.datetime(2021, 10, 31, 2, 30, tzinfo=berlin, fold=1),
            datetime.timedelta.min, datetime.timedelta.max, datetime.timedelta(microseconds=-1),
            decimal.Decimal("0"), decimal.Decimal("-1.230"), decimal.Decimal("1E+50"),
            decimal.Decimal("1E-50"), decimal.Decimal("7" * 6000), uuid.UUID(int=0), uuid.UUID(int=2**128 - 1),
        ):
            with self.subTest(repr(value)):
                self.assert_same(value)
                self.assertEqual(repr(self.through(value)), repr(value))

    def test_typed_arrays_are_buffers(self):
        for code, values in (
            ("b", [-128, 127]), ("h", [-3]), ("i", []), ("q", [2**63 - 1]), ("f", [0.5]), ("d", [0.1]),
        ):
            self.assert_same(array.array(code, values))
        copy = self.through(array.array("d", [1, 2, 3]))
        memoryview(copy)[0] = 9.0
        self.assertEqual(copy[0], 9.0)
        self.assertEqual(self.through(bytearray(b"ab")), b"ab")
        self.assertEqual(self.through(memoryview(b"ab")), b"ab")

    def test_numpy_arrays_and_numbers(self):
        import numpy

        for kind in ("int8", "int16", "int32", "int64", "float32", "float64"):
            source = numpy.arange(5, dtype=kind)
            copy = numpy.asarray(self.through(source))
            self.assertEqual((copy.dtype, copy.tolist()), (source.dtype, source.tolist()))
            view = numpy.asarray(self.region({"a": source}).view(0)["a"])
            self.assertEqual((view.dtype, view.tolist()), (source.dtype, source.tolist()))
            self.assertFalse(view.flags.writeable)
        self.assertEqual(
            self.through([numpy.int64(-7), numpy.uint8(200), numpy.float32(0.5), numpy.bool_(True),
                          numpy.uint64(2**64 - 1), numpy.float64(0.1), numpy.str_("s")]),
            [-7, 200, 0.5, True, 2**64 - 1, 0.1, "s"],
        )
        region = self.region("a", "b", "c")
        self.assertEqual(region.__getitems__(numpy.array([2, 0])), ["c", "a"])
        self.assertEqual(region[numpy.int64(1)], "b")

    def test_subclasses_come_as_what_they_extend(self):
        import collections

        Pair = collections.namedtuple("Pair", "a b")
        self.assertEqual(self.through(Pair(1, [2])), (1, [2]))
        self.assertEqual(self.through(collections.OrderedDict(b=1, a=2)), {"b": 1, "a": 2})
        self.assertEqual(self.through(collections.defaultdict(list, a=[1])), {"a": [1]})

    def test_objects_come_as_fields_or_as_the_classes_that_are_named(self):
        value = [Point(1, [Colour.RED]), Slotted(5)]
        self.assertEqual(self.through(value), [{"x": 1, "y": ["RED"]}, {"a": 5}])
        self.assertEqual(self.through(value, classes=[Point, Colour, Slotted]), value)
        renamed = {zerotouch.class_name(Point): Point}
        self.assertEqual(self.through(Point(1, 2), classes=renamed), Point(1, 2))

    def test_what_a_class_does_not_take_is_an_error_about_the_record(self):
        @dataclasses.dataclass
        class Plain:
            x: int

            @property
            def fixed(self):
                return 1

        region = self.region(
            zerotouch.Ext(17, ["A", "x"]), zerotouch.Ext(18, ["A", {"__class__": 1}]),
            zerotouch.Ext(17, ["L", "x"]), zerotouch.Ext(18, ["A", {"__dict__": {"q": 1}}]),
            zerotouch.Ext(18, ["E", {"x": 1}]), zerotouch.Ext(17, ["E", "NONE"]),
            zerotouch.Ext(18, ["S", {"b": 1}]), zerotouch.Ext(18, ["A", {"fixed": 2}]),
            zerotouch.Ext(18, ["A", {"x": 1, "more": 2}]),
            classes={"A": Plain, "E": Colour, "S": Slotted, "L": list},
        )
        for i in range(8):
            said = rf"record {i}: it holds an .*UNSUPPORTED"
            with self.subTest(i), self.assertRaisesRegex(zerotouch.FormatError, said):
                region[i]
        self.assertEqual(vars(region[8]), {"x": 1, "more": 2})

    def test_large_decimals_are_converted_in_small_pieces(self):
        pieces = []

        def piece(value=0):  # which takes the square of its size
            pieces.append(value.bit_length() if isinstance(value, int) else 0)
            return decimal.Decimal(value)

        convert = zerotouch._convert
        self.addCleanup(setattr, convert, "decimal", decimal)
        for size in (1, 2, 63, 64, 65, 128, 129, 1000, 300_000):
            for first in (0, 0x80, 0xFF, 1, 0x7F):
                data = bytes([first]) + (b"\x5a" * size)[1:]
                with self.subTest(f"{size} {first}"):
                    convert.decimal = types.SimpleNamespace(Decimal=piece)
                    copy = self.through(zerotouch.Ext(3, [2, data]))
                    convert.decimal = decimal
                    self.assertEqual(copy.as_tuple().exponent, -2)
                    if size <= 1000:
                        plain = decimal.Decimal(int.from_bytes(data, "big", signed=True))
                        self.assertEqual(repr(copy), repr(plain.scaleb(-2, decimal.Context(prec=9000))))
        self.assertLessEqual(max(pieces), 520)

    def test_too_many_elements_of_one_hash_are_refused(self):
        prime = 2**61 - 1
        few, many = [i * prime for i in range(1, 200)], [i * prime for i in range(1, 20_000)]
        self.assertEqual(self.through(set(few)), set(few))
        large = {i: i for i in range(50_000)} | {f"k{i}": None for i in range(1000)} | dict.fromkeys(few)
        self.assertEqual(self.through(large), large)
        self.assertEqual(self.through(set(large)), set(large))
        flat = [part for i in many for part in (i, 1)]
        for value in (zerotouch.Ext(5, many), zerotouch.Ext(7, flat), zerotouch.Ext(7, [zerotouch.Ext(5, many), 1])):
            with self.assertRaisesRegex(zerotouch.LimitError, "256 elements or keys of one hash.*TOO_LARGE"):
                self.through(value)

    def test_values_without_a_type_come_as_ext_and_go_back(self):
        value = [zerotouch.Ext(4_000_000_000, [1]), zerotouch.Ext(8, [0, 1]), zerotouch.Ext(15, [1, 2, 3])]
        self.assert_same(value)
        self.assertEqual(self.through(zerotouch.Ext(9, [10_000, 1, 1])), zerotouch.Ext(9, [10_000, 1, 1]))
        self.assertEqual(self.through(zerotouch.Ext(22, "http://x")), "http://x")
        self.assertEqual(self.through(zerotouch.Ext(4, 97)), "a")  # of no width

    # ----------------------------------------------------------------------------- identity

    def test_what_is_one_object_stays_one(self):
        one = {"n": 1}
        copy = self.through([one, one, {"deep": one}])
        self.assertIs(copy[0], copy[2]["deep"])
        self.assertIs(copy[0], copy[1])
        pair, numbers, elements = (1, [2]), array.array("i", [1]), {1}
        copy = self.through([pair, pair, numbers, numbers, elements, elements])
        for i in (0, 2, 4):
            self.assertIs(copy[i], copy[i + 1])
        rows = [{"id": i} for i in range(3)]
        copy = self.through({"all": rows, "first": rows[0]})
        self.assertIs(copy["first"], copy["all"][0])

    def test_cycles_are_cycles(self):
        own = [1]
        own.append(own)
        copy = self.through(own)
        self.assertIs(copy[1], copy)
        tree = {"list": []}
        tree["list"].append({"up": tree})
        copy = self.through(tree)
        self.assertIs(copy["list"][0]["up"], copy)
        pair = ([],)
        pair[0].append(pair)
        copy = self.through(pair)
        self.assertIs(copy[0][0], copy)
        other = {1: None}
        other[1] = other
        copy = self.through(other)
        self.assertIs(copy[1], copy)
        point = Point(1, [])
        point.y.append(point)
        copy = self.through(point)
        self.assertIs(copy["y"][0], copy)
        copy = self.through(point, classes=[Point])
        self.assertIs(copy.y[0], copy)

    def test_many_shared_objects(self):
        shared = [{"n": i} for i in range(1000)]
        copy = self.through(shared + shared)
        self.assertIs(copy[999], copy[1999])

    def test_what_is_deep_in_a_graph_is_whole(self):
        @dataclasses.dataclass
        class Node:
            i: int
            before: object

        nodes, objects = [], []
        for i in range(1500):  # every one is shared, so that the chain may be deeper than any owned data
            before = nodes[-1] if nodes else None
            objects.append(Node(i, objects[-1] if objects else None))
            nodes.append({
                "i": i, "next": before, "set": {i, (i,), frozenset([i])}, "map": {(i,): {i}, i: before},
                "day": datetime.date(2020, 1, 1) + datetime.timedelta(i), "ext": zerotouch.Ext(99, [before]),
                "zoned": datetime.datetime(2021, 10, 31, 2, 30, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")),
            })
        region = self.region({"nodes": nodes, "objects": objects}, classes=[Node])
        views = region.view(0)["nodes"][-1].copy()
        for node in (region[0]["nodes"][-1], region.copy_path(0, "nodes[1499]"), views):
            for i in range(1499, -1, -1):
                self.assertEqual((node["i"], node["set"]), (i, {i, (i,), frozenset([i])}))
                self.assertEqual(node["map"][(i,)], {i})
                self.assertIs(node["map"][i], node["next"])
                self.assertIs(node["ext"].payload[0], node["next"])
                self.assertEqual((node["day"], node["zoned"]), (nodes[i]["day"], nodes[i]["zoned"]))
                node = node["next"]
        for node in (region[0]["objects"][-1], region.copy_path(0, "objects[1499]")):
            for i in range(1499, -1, -1):
                self.assertEqual((type(node), node.i), (Node, i))
                node = node.before

    def test_what_is_too_deep_is_no_error_of_publishing(self):
        nodes = [()]
        for _ in range(1500):
            nodes.append((nodes[-1], 1))
        region = self.region({"nodes": nodes})
        self.assertEqual(len(region[0]["nodes"]), 1501)  # from the shallow end
        with self.assertRaisesRegex(zerotouch.LimitError, r"record 0, nodes\[1500\]: it is nested too") as caught:
            region.copy_path(0, "nodes[1500]")
        self.assertEqual(caught.exception.status, "TOO_DEEP")
        self.assertNotIsInstance(caught.exception, TypeError)

    def test_every_copy_is_private_and_outlives_the_region(self):
        region = self.region({"a": [1, 2], "t": "x" * 5000})
        one, two = region[0], region[0]
        one["a"][0] = 9
        one["new"] = 1
        self.assertEqual(two, {"a": [1, 2], "t": "x" * 5000})
        region.close()
        del region
        self.assertEqual(two["a"][1], 2)
        self.assertEqual(list(two), ["a", "t"])

    # ----------------------------------------------------------------------------- sequence

    def test_a_region_is_a_sequence(self):
        records = [{"id": i, "text": "x" * (i % 700)} for i in range(300)]
        region = self.region(*records)
        self.assertEqual(len(region), 300)
        self.assertEqual(list(region), records)
        self.assertEqual(region[-1], records[-1])
        for bounds in (slice(None), slice(5, 9), slice(-3, None), slice(None, None, -7), slice(9, 5)):
            self.assertEqual(region[bounds], records[bounds])
        self.assertIn(records[7], region)
        self.assertEqual(region.index(records[7]), 7)
        self.assertEqual(list(reversed(region))[0], records[-1])
        self.assertTrue(region)

    def test_many_at_once(self):
        records = [{"id": i, "text": "x" * (i % 700)} for i in range(300)]
        region = self.region(*records)
        self.assertEqual(region.__getitems__(list(range(299, -1, -1))), records[::-1])
        self.assertEqual(region.__getitems__([]), [])
        self.assertEqual(region.__getitems__(i for i in (7, -1, 7)), [records[7], records[-1], records[7]])
        large = self.region({"t": "x" * 10**6}, {"t": "y" * 3}, {"t": "z" * 10**6})
        self.assertEqual([len(record["t"]) for record in large.__getitems__([0, 1, 2, 0])],
                         [10**6, 3, 10**6, 10**6])

    def test_records_are_found_by_key(self):
        keys = ["user:1", "ü", "☺", "😀" * 9, "", 0, -1, 2**63 - 1, b"", b"user:1", "1", 1, b"1", None]
        zerotouch.publish(self.path, [{"n": i} for i in range(len(keys))], key=lambda r: keys[r["n"]])
        region = zerotouch.open(self.path, verify="all")
        for i, key in enumerate(keys[:-1]):
            self.assertEqual(region.get(key), {"n": i})
            self.assertEqual(region.index_of(key), i)
        for absent in ("x", 7, b"x", 2**63, 2**80, "\ud800", "😀\ud800", "☺☺"):
            self.assertIsNone(region.get(absent))
            self.assertEqual(region.get(absent, 5), 5)
            with self.assertRaises(KeyError):
                region.index_of(absent)
        for key in (None, 1.0, True, ()):
            with self.assertRaisesRegex(TypeError, "a record key is a str, an int or bytes"):
                region.get(key)
        region.close()
        with self.assertRaises(zerotouch.ClosedError):
            region.get("user:1")
        zerotouch.publish(self.path, [{"id": "a"}, {"id": "b"}], key="id")
        self.assertEqual(zerotouch.open(self.path).get("b"), {"id": "b"})
        self.assertIsNone(self.region(1).get("b"))

    def test_keys_that_cannot_be_are_named(self):
        with self.assertRaisesRegex(zerotouch.UnstorableError, "DUPLICATE_KEY"):
            zerotouch.publish(self.path, [{"id": 1}, {"id": 2}, {"id": 1}], key="id")
        for key, said in ((1.5, "of type float"), ("\ud800", "surrogates"), (2**63, "64 bits")):
            with self.assertRaisesRegex(zerotouch.UnstorableError, "record 0.*record key.*" + said):
                zerotouch.publish(self.path, [{}], key=lambda record: key)
        for record, field in (({}, "id"), ({"id": None}, "id"), (7, "id"), ([1, 2], 2), ("text", "id"), (None, 0)):
            said = rf"r.ztc: record 1: \$: a record without the key {field!r} cannot be published \(UNSTORABLE\)"
            with self.assertRaisesRegex(zerotouch.UnstorableError, said):
                zerotouch.publish(self.path, [{"id": 1, 0: 1, 2: 1}, record], key=field)
        with self.assertRaisesRegex(KeyError, "mine"):
            zerotouch.publish(self.path, [{}], key=lambda record: record["mine"])

    def test_one_record_is_no_list_of_records(self):
        for records in ({"a": 1}, "abc", b"abc", bytearray(b"abc"), types.MappingProxyType({"a": 1})):
            with self.assertRaisesRegex(TypeError, "is one record, .* put it into a list"):
                zerotouch.publish(self.path, records)
        self.assertFalse(os.path.exists(self.path))
        self.assertEqual(zerotouch.publish(self.path, {"a": 1}.items()), 1)

    def test_a_key_is_no_index(self):
        region = self.region({"id": "a"})
        for wrong in (lambda: region["a"], lambda: region[b"a"], lambda: region.view("a"),
                      lambda: region.__getitems__([0, "a"]), lambda: region.copy_path("a", "id")):
            with self.assertRaisesRegex(TypeError, r"is no number; get\(key\) finds a record by its key"):
                wrong()
        with self.assertRaisesRegex(TypeError, "float"):
            region[1.5]

    def test_the_folder_of_the_sources_says_what_it_lacks(self):
        sources = os.path.join(self.folder, "zerotouch")
        shutil.copytree(os.path.dirname(zerotouch.__file__), sources,
                        ignore=shutil.ignore_patterns("*.so", "__pycache__"))
        done = subprocess.run([sys.executable, "-c", "import zerotouch"], cwd=self.folder, capture_output=True, text=True,
                              env={**os.environ, "PYTHONPATH": ""})
        self.assertRegex(done.stderr, f"ImportError: {re.escape(sources)} lacks the compiled part of the package: .*start from "
                                      "another folder")

    def test_parts(self):
        region = self.region({"a": {"b": [10, {"c": "x"}]}, "rows": [{"id": 1}, {"id": 2}], "k y": 3})
        self.assertEqual(region.copy_path(0, "a.b[0]"), 10)
        self.assertEqual(region.copy_path(-1, "$.a.b[1]"), {"c": "x"})
        self.assertEqual(region.copy_path(0, "rows[1]"), {"id": 2})
        self.assertEqual(region.copy_path(0, '["k y"]'), 3)
        rows = [{"id": i} for i in range(3)]
        region = self.region({"list": rows, "again": rows})
        self.assertEqual(region.copy_path(0, "list[1]"), {"id": 2 - 1})

    # -------------------------------------------------------------------------------- views

    def test_views_decode_what_is_looked_at(self):
        record = {
            "a": {"b": [10, {"c": "x"}]}, "rows": [{"id": 1}, {"id": 2}], "e": {}, "l": [], "ü": "☺",
            "n": None, "t": (1, 2), "w": array.array("i", [1, 2]), "d": {f"k{i}": i for i in range(40)},
        }
        view = self.region(record).view(0)
        self.assertEqual(view, record | {"w": memoryview(record["w"])})
        self.assertEqual(list(view), list(record))
        self.assertEqual(view["a"]["b"][1]["c"], "x")
        self.assertEqual(view["a"]["b"][-2], 10)
        self.assertEqual(view["rows"][0:2], [{"id": 1}, {"id": 2}])
        self.assertEqual(view["rows"].copy(), record["rows"])
        self.assertEqual(view["rows"][1].copy(), {"id": 2})
        self.assertEqual([view["d"][f"k{i}"] for i in range(40)], list(range(40)))
        self.assertEqual(view["ü"], "☺")
        self.assertEqual((len(view["e"]), len(view["l"]), view.get("x", 7)), (0, 0, 7))
        self.assertIn("ü", view)
        self.assertNotIn("\ud800", view)
        self.assertNotIn(1, view)
        self.assertEqual(view.copy(), record)
        with self.assertRaises(KeyError):
            view["x"]
        with self.assertRaises(IndexError):
            view["rows"][2]
        with self.assertRaises(TypeError):
            view["w"][0] = 1
        self.assertEqual(self.region(5).view(0), 5)
        cycle = {}
        cycle["self"] = [cycle]
        self.assertEqual(len(self.region(cycle).view(0)["self"][0]["self"][0]), 1)

    def test_a_view_outlives_its_region_and_can_be_published(self):
        region = self.region({"a": [1, {"b": array.array("d", [1.5])}]})
        view = region.view(0)
        numbers = view["a"][1]["b"]
        region.close()
        del region
        self.assertEqual(view["a"][1]["b"][0], 1.5)
        del view
        self.assertEqual(numbers[0], 1.5)
        view = self.region({"a": [1]}).view(0)
        self.assertEqual(self.through([view, view["a"]]), [{"a": [1]}, [1]])

    def test_views_pickle_as_what_they_show(self):
        record = {"a": [1, {"b": array.array("d", [1.5])}], "t": (1,)}
        view = self.region(record).view(0)
        for part, value in ((view, record), (view["a"], record["a"]), (view["a"][1], record["a"][1])):
            again = pickle.loads(pickle.dumps(part))
            self.assertEqual(again, value)
            self.assertIs(type(again), type(value))

    # ------------------------------------------------------------------------------- errors

    def test_what_cannot_be_published_is_named_with_its_place(self):
        self.region("old")
        deep = []
        for _ in range(600):
            deep = [deep]
        for record, said in (
            ([0, {"cb": len}], r"record 1: \$\[1\]\.cb: a value of type builtin_function_or_method"),
            ({"k y": {(1,): object()}}, r'record 1: \$\["k y"\]\[\(1,\)\]: a value of type object'),
            ([1j], r"record 1: \$\[0\]: a value of type complex"),
            (deep, r"record 1: \$(\[0\]){512}: data nested more than 512 levels deep"),
            (decimal.Decimal("NaN"), r"record 1: \$: the decimal NaN"),
            (decimal.Decimal("-0"), r"record 1: \$: a negative zero"),
            ("\ud83d\ude00", r"record 1: \$: a string with a surrogate pair as two characters"),
            (array.array("I", [1]), r"record 1: \$: an array of format 'I'"),
            (memoryview(array.array("i", [1, 2]))[::-1], r"record 1: \$: an array that is not contig"),
            (Flags.A | Flags.B, r"record 1: \$: .*no single constant"),
            (datetime.time(1, tzinfo=datetime.timezone.utc), r"record 1: \$: a time with a time zone"),
            (Point, r"record 1: \$: a value of type type"),
        ):
            with self.subTest(said):
                with self.assertRaisesRegex(zerotouch.UnstorableError, said + r".*cannot be published"):
                    zerotouch.publish(self.path, ["first", record])
                self.assertEqual(zerotouch.open(self.path)[0], "old")
        self.assertEqual(os.listdir(self.folder), ["r.ztc"])

    def test_an_iterator_that_fails(self):
        def records():
            yield 1
            raise KeyError("from within")

        self.region("old")
        with self.assertRaisesRegex(KeyError, "from within"):
            zerotouch.publish(self.path, records())
        with self.assertRaises(TypeError):
            zerotouch.publish(self.path, 5)
        with self.assertRaises(FileNotFoundError):
            zerotouch.publish(os.path.join(self.folder, "no", "such"), [])
        self.assertEqual(zerotouch.open(self.path)[0], "old")
        self.assertEqual(os.listdir(self.folder), ["r.ztc"])

    def test_data_that_changes_meanwhile_is_refused(self):
        values = [1, None, 3]

        @dataclasses.dataclass
        class Meddler:
            @property
            def field(self):
                values.clear()

        Meddler.__dataclass_fields__ = {"field": dataclasses.fields(Point)[0]}
        Meddler.x = Meddler.field
        values[1] = Meddler()
        with self.assertRaisesRegex(zerotouch.UnstorableError, "a list that changes meanwhile"):
            zerotouch.publish(self.path, [values])

    def test_a_value_that_its_key_replaces_meanwhile(self):
        values, armed, junk = {}, False, []

        @dataclasses.dataclass(frozen=True)
        class Key:
            n: int

            def __getattribute__(self, name):
                if name == "n" and armed:
                    values[key] = None
                    junk.extend([["in its place", i] for i in range(100)])
                return object.__getattribute__(self, name)

            def __hash__(self):
                return 1

            def __eq__(self, other):
                return self is other

        key = Key(1)
        values[key] = ["victim" * 3, {"a": 1}]
        armed = True
        zerotouch.publish(self.path, [values])
        armed = False
        region = zerotouch.open(self.path, verify="all", classes=[Key])
        self.assertEqual(list(region[0].values()), [["victim" * 3, {"a": 1}]])

    def test_errors_of_reading(self):
        region = self.region({"n": 1}, {"n": 2})
        for index in (2, -3, 2**62, -(2**63), 2**70, -(2**70)):
            with self.subTest(index):
                with self.assertRaisesRegex(IndexError, "r.ztc"):
                    region[index]
                with self.assertRaises(IndexError):
                    region.__getitems__([0, index])
                with self.assertRaises(IndexError):
                    region.view(index)
        with self.assertRaisesRegex(IndexError, r"there are 2 records"):
            region[2]
        for index in ("0", 1.0, None):
            with self.assertRaises(TypeError):
                region[index]
        with self.assertRaisesRegex(LookupError, r"record 0, a\.x: .*NO_SUCH_KEY"):
            region.copy_path(0, "a.x")
        with self.assertRaisesRegex(LookupError, "BAD_PATH"):
            region.copy_path(0, "n..x")
        region.close()
        region.close()
        self.assertTrue(region.closed)
        with self.assertRaisesRegex(zerotouch.ClosedError, "CLOSED"):
            region[0]
        with self.assertRaises(ValueError):
            region.view(0)
        self.assertEqual(len(region), 2)

    def test_errors_are_text_whatever_they_name(self):
        region = self.region({"a": 1})
        for path in ("☺" * 100, "x" + "☺" * 100, '["' + "é" * 99 + '"]', 'a["' + "é" * 400 + '"]'):
            with self.assertRaises(zerotouch.PathError):
                region.copy_path(0, path)
        folder = os.fsencode(self.folder) + b"/\xff"
        os.mkdir(folder)
        with self.assertRaises(FileNotFoundError):
            zerotouch.open(folder + b"/none\xfe.ztc")
        zerotouch.publish(folder + b"/a.ztc", [1])
        with self.assertRaises(IndexError):
            zerotouch.open(folder + b"/a.ztc")[5]
        with self.assertRaises(FileNotFoundError):
            zerotouch.publish(folder + b"/no/a.ztc", [1])
        with self.assertRaises(zerotouch.UnstorableError):
            zerotouch.publish(folder + b"/a.ztc", [{"a": len}])

    def test_keys_that_are_no_text_are_damage(self):
        self.region({f"☺☺☺☺{i}": i for i in range(5000)})  # too many for the schema, which is checked by open
        with open(self.path, "rb") as file:
            data = file.read()
        sound = "☺☺☺☺7".encode()
        with open(self.path, "wb") as file:
            file.write(data.replace(sound, b"\xff" + sound[1:], 1))
        region = zerotouch.open(self.path, verify="none")
        for work in (lambda: region[0], lambda: list(region.view(0)), lambda: region.view(0).copy()):
            with self.assertRaisesRegex(zerotouch.FormatError, "CORRUPT"):
                work()

    def test_a_path_ends_where_it_ends(self):
        self.region(1)
        for work in (lambda path: zerotouch.open(path), lambda path: zerotouch.publish(path, [1])):
            with self.assertRaisesRegex(ValueError, "null"):
                work(self.path + "\0evil")
        with self.assertRaises(ValueError):
            zerotouch.publish(os.path.join(self.folder, "new\0evil"), [1])
        self.assertEqual(os.listdir(self.folder), ["r.ztc"])

    def test_regions_are_opened_by_open(self):
        with self.assertRaisesRegex(TypeError, "zerotouch.open"):
            zerotouch.Region(path=self.path)

    def test_indices_that_change_meanwhile(self):
        region = self.region(*range(10))
        numbers = [1, 2, 3]

        class Shrinks:
            def __index__(self):
                numbers.clear()
                return 5

        numbers[0] = Shrinks()
        with self.assertRaisesRegex(RuntimeError, "change"):
            region.__getitems__(numbers)

    def test_other_interpreters_are_refused(self):
        try:
            import _xxsubinterpreters  # noqa: F401
        except ImportError:
            self.skipTest("this Python has no _xxsubinterpreters")
        self.region({"a": 1})
        # In a process of its own: an interpreter that ends leaves modules of the standard library broken.
        code = """import sys, zerotouch
import _xxsubinterpreters as interpreters

region = zerotouch.open(sys.argv[1])
inside = '''
try:
    import zerotouch
except ImportError as error:
    assert "main interpreter" in str(error), error
else:
    raise AssertionError("imported")
'''
interpreters.run_string(interpreters.create(), f"import sys; sys.path[:] = {sys.path!r}" + inside)
try:
    region[5]
except zerotouch.Error:
    assert type(region.view(0)) is zerotouch.MapView
    print("refused")"""
        done = subprocess.run([sys.executable, "-c", code, self.path], capture_output=True, text=True)
        self.assertEqual((done.stdout, done.returncode), ("refused\n", 0), done.stderr)

    def test_errors_of_opening(self):
        with self.assertRaises(FileNotFoundError) as caught:
            zerotouch.open(self.path)
        self.assertEqual((caught.exception.status, caught.exception.filename), ("NOT_FOUND", self.path))
        for content, status in ((b"", "EMPTY_FILE"), (b"no region" * 20, "NOT_A_REGION")):
            with open(self.path, "wb") as file:
                file.write(content)
            with self.assertRaisesRegex(zerotouch.FormatError, status):
                zerotouch.open(self.path)
        with self.assertRaisesRegex(ValueError, "verify is one of"):
            zerotouch.open(self.path, verify="most")

    def test_damage_is_found(self):
        region = self.region({"text": "some text that is long enough"})
        with open(self.path, "rb") as file:
            data = bytearray(file.read())
        data[data.index(b"long enough")] ^= 1
        with open(self.path, "wb") as file:
            file.write(data)
        with self.assertRaisesRegex(zerotouch.FormatError, "CHECKSUM"):
            zerotouch.open(self.path).verify()
        with self.assertRaisesRegex(zerotouch.FormatError, "CHECKSUM"):
            zerotouch.open(self.path, verify="record")[0]
        self.assertIsNotNone(region)

    def test_a_file_cut_short_underneath_is_an_error(self):
        region = self.region(*[{"text": "x" * 5000} for _ in range(100)])
        os.truncate(self.path, 4096)
        with self.assertRaises(zerotouch.ClosedError) as caught:
            region[99]
        self.assertEqual(caught.exception.status, "LOST")

    # ---------------------------------------------------------------------------- processes

    def test_pickles_as_its_path_and_options(self):
        region = self.region(Point(1, 2), classes=[Point])
        again = pickle.loads(pickle.dumps(region))
        self.assertEqual(again[0], Point(1, 2))
        self.assertIsNot(again, region)

    def test_workers_by_fork_and_spawn(self):
        region = self.region(*[{"n": i} for i in range(100)])
        region[0]
        for method in ("fork", "spawn"):
            with multiprocessing.get_context(method).Pool(2) as pool:
                self.assertEqual(pool.map(region.__getitem__, range(100)), [{"n": i} for i in range(100)])

    def test_a_child_closes_and_frees_what_its_parent_opened(self):
        region = self.region({"a": 1})
        copy = region[0]
        if (pid := os.fork()) == 0:
            status = 1
            try:
                status = 0 if region[0] == copy and list(region[0]) == ["a"] else 1
                region.close()
                del region
                status += copy != {"a": 1}
            finally:
                os._exit(status)
        self.assertEqual(os.waitpid(pid, 0)[1], 0)
        self.assertEqual(region[0], {"a": 1})

    def test_threads(self):
        records = [{"id": i, "text": "x" * (i * 97 % 200_000)} for i in range(60)]
        region = self.region(*records)
        wrong = []

        def work(start):
            for i in range(start, start + 300):
                if region[i * 7 % 60] != records[i * 7 % 60]:
                    wrong.append(i)
                if region.__getitems__([i % 60, 3]) != [records[i % 60], records[3]]:
                    wrong.append(i)

        threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])

    def test_reopening_many_times_gives_memory_back(self):
        zerotouch.publish(self.path, [{"key one": 1, "key two": 2}] * 3)

        def size():
            with open("/proc/self/statm") as file:
                return int(file.read().split()[0])

        def cycle(count):
            for _ in range(count):
                with zerotouch.open(self.path) as region:
                    copy = region[0]
                del region
                self.assertEqual(copy["key two"], 2)

        cycle(50)
        before = size()
        cycle(500)
        self.assertLess(size() - before, 500)

    def test_keys_outlive_their_region(self):
        keys = []
        for i in range(20):
            zerotouch.publish(self.path, [{f"a key {i}": 1, f"another key {i}": {}}])
            copy = zerotouch.open(self.path)[0]
            keys += copy
            sys.intern(keys[-1])
        self.assertEqual(keys[0], "a key 0")
        self.assertEqual(len(set(keys)), 40)
        self.assertEqual({sys.intern(key) for key in keys}, set(keys))

    def test_the_same_data_gives_the_same_file(self):
        code = (
            "import sys, zerotouch; zerotouch.publish(sys.argv[1],"
            " [{'s': {f'e{i}' for i in range(50)}, 'd': {f'k{i}': i for i in range(50)}}] * 3)"
        )
        contents = set()
        for seed in ("1", "2"):
            subprocess.run([sys.executable, "-c", code, self.path], check=True,
                           env=os.environ | {"PYTHONHASHSEED": seed})
            with open(self.path, "rb") as file:
                contents.add(file.read())
        self.assertEqual(len(contents), 1)


if __name__ == "__main__":
    unittest.main()

"""What might end the process: each in a child of its own, which has to say what it found."""

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import unittest

HEAD = """
import dataclasses, os, sys, threading, zerotouch

path = sys.argv[1]

def chain(length=250_000):
    '''Tuples, each in the next one, and by reference: a list of them, and the last.'''
    last, all = (1,), []
    for _ in range(length):
        last = (last,)
        all.append(last)
    return all, last

@dataclasses.dataclass(frozen=True)
class Frozen:
    field: object

@dataclasses.dataclass(frozen=True)
class Slotted:
    __slots__ = ("field",)
    field: object

class Emptying:
    @property
    def field(self):
        return None

    @field.setter
    def field(self, value):
        value.clear()

class Forking:
    child = None

    def __new__(cls):
        cls.child = os.fork() == 0
        return object.__new__(cls)

def thing(field):
    return zerotouch.Ext(18, ["thing", {"field": field}])

def refusal(*record, **options):
    zerotouch.publish(path, record)
    region = zerotouch.open(path, verify="all", **options)
    try:
        region[0]
    except zerotouch.Error as error:
        return f"{type(error).__name__}: {error}"
    return "read"

def say(*text):
    print(*text, flush=True)
"""
ENCLOSED = "e = zerotouch.Ext(4_000_000_000, None); e.payload = (e,)"
DEEP = r"LimitError: .*: it holds a set or a map with an element or a key that is nested too deeply to be hashed"


class CrashTest(unittest.TestCase):
    def output(self, code):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "r.ztc")
            done = subprocess.run([sys.executable, "-c", HEAD + textwrap.dedent(code), path], capture_output=True,
                                  text=True, timeout=300)
        if done.returncode < 0:
            self.fail(f"the child ended by {signal.Signals(-done.returncode).name}: {done.stdout}{done.stderr}")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def assert_refused(self, made, record, reason=DEEP, **options):
        """Also in a thread with a small stack."""
        classes = options.get("classes", "None")
        for stack in (0, 512 * 1024):
            with self.subTest(stack=stack):
                self.assertRegex(self.output(f"""
                    {made}
                    threading.stack_size({stack})
                    thread = threading.Thread(target=lambda: say(refusal({record}, classes={classes})))
                    thread.start()
                    thread.join()
                    os._exit(0)
                """), reason)

    # ------------------------------------------------------------------------------- hashing

    def test_what_lies_in_itself_is_not_hashed(self):
        self.assert_refused(ENCLOSED, "[e, zerotouch.Ext(5, [e]), 'x' * 20_000]")
        self.assert_refused(ENCLOSED, "[e, zerotouch.Ext(7, [e, 1]), 'x' * 3_000_000]")

    def test_a_chain_of_tuples_is_not_hashed_as_an_element(self):
        self.assert_refused("all, last = chain()", "[all, zerotouch.Ext(5, [last])]")

    def test_a_chain_of_tuples_is_not_hashed_as_a_key(self):
        self.assert_refused("all, last = chain()", "[all, zerotouch.Ext(7, [last, 1])]")

    def test_a_chain_of_tuples_is_not_hashed_in_a_frozen_set(self):
        self.assert_refused("all, last = chain()", "[all, zerotouch.Ext(5, [zerotouch.Ext(5, [last])])]")

    def test_a_chain_of_tuples_is_not_hashed_as_a_field(self):
        for kind in ("Frozen", "Slotted"):
            self.assert_refused("all, last = chain()", "[all, zerotouch.Ext(5, [thing(last)])]",
                                classes=f"{{'thing': {kind}}}")

    def test_a_chain_of_tuples_is_no_name_of_a_time_zone(self):
        self.assert_refused("""
                    import datetime
                    all, last = chain()
                    time = datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc)
                    fixed = zerotouch.Ext(12, [datetime.datetime(2020, 1, 2), 0])""",
                            "[all, zerotouch.Ext(13, [fixed, last])]", reason=r"FormatError: .*record 0")

    def test_what_is_as_deep_as_a_record_may_be_is_hashed(self):
        self.assertEqual(self.output("""
            zerotouch.publish(path, [[chain(200)[0], zerotouch.Ext(5, [chain(200)[1], Frozen(chain(99)[1])])]])
            region = zerotouch.open(path, verify="all", classes=[Frozen])
            say(region[0][1] == {chain(200)[1], Frozen(chain(99)[1])})
        """), "True\n")

    # ----------------------------------------------------------------------- classes that meddle

    def test_a_list_that_a_class_empties_while_it_is_filled(self):
        for record in ("items = []; items += [thing(items), *range(1000)]",
                       "items = []; items += [1, thing(items), 2]",
                       "rows = [{'a': 1, 'b': i} for i in range(9)]; rows[3]['b'] = thing(rows); items = [rows, rows]"):
            with self.subTest(record):
                self.assertRegex(self.output(f"""
                    {record}
                    say(refusal(items, classes={{"thing": Emptying}}))
                """), "^FormatError: .*: it holds a list that a class made shorter while it was filled")

    def test_elements_of_a_set_whose_list_a_class_empties(self):
        self.assertEqual(self.output("""
            class Key(Emptying):
                def __hash__(self):
                    elements.clear()
                    return 1

            elements = ["before"]
            class Keeping:
                field = property(lambda self: None, lambda self, value: globals().update(elements=value))

            shared = [zerotouch.Ext(18, ["key", {}]), *(f"element {i}" for i in range(1000))]
            zerotouch.publish(path, [[shared, zerotouch.Ext(18, ["keeping", {"field": shared}]),
                                      zerotouch.Ext(5, shared)]])
            region = zerotouch.open(path, verify="all", classes={"key": Key, "keeping": Keeping})
            copy = region[0]
            say(len(copy[0]), len(copy[2]))
        """), "0 1001\n")

    def test_a_fork_while_a_record_is_decoded(self):
        for way in ("region[0]", "region.__getitems__([0, 1])[0]", "region[0:2][0]"):
            with self.subTest(way):
                self.assertEqual(self.output(f"""
                    zerotouch.publish(path, [{{"a": thing(1), "b": 2}}, {{"c": 3, "d": "another record"}}])
                    region = zerotouch.open(path, classes={{"thing": Forking}})
                    copy = {way}
                    if Forking.child:
                        assert copy["b"] == 2 and region[1] == {{"c": 3, "d": "another record"}}, copy
                        os._exit(7)
                    say(copy["b"], os.waitstatus_to_exitcode(os.wait()[1]))
                """), "2 7\n")


if __name__ == "__main__":
    unittest.main()

"""The examples of the documents, run as they stand there."""

import os
import re
import tempfile
import unittest

import zerotouch

README = os.path.join(os.path.dirname(__file__), "..", "README.md")
COOKBOOK = os.path.join(os.environ["ZTC_CORPUS"], "..", "..", "..", "docs", "cookbook.md")


def examples(path):
    with open(path, encoding="utf-8") as document:
        return re.findall(r"```python\n(.*?)```", document.read(), re.DOTALL)


def records(count, lang="de"):
    return [
        {"id": f"user:{i}", "subject": f"subject {i}", "prefs": {"lang": lang}}
        for i in range(count)
    ]


class Documents(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder.name)

    def test_readme(self):
        (example,) = examples(README)
        jobs = records(100_001)
        names = {"jobs": jobs}
        exec(example, names)
        self.assertEqual(names["job"], jobs[42])
        self.assertEqual(names["other"], jobs[42])
        self.assertEqual(names["last"], jobs[-1])
        self.assertEqual(names["some"], jobs[10:20])
        self.assertEqual(names["batch"], [jobs[7], jobs[99], jobs[100_000]])
        self.assertEqual(names["language"], "de")
        self.assertEqual(names["subject"], "subject 42")

    def test_a_worker_follows_what_is_published(self):
        (example,) = examples(COOKBOOK)
        zerotouch.publish("jobs.ztc", records(10))

        def jobs():
            yield 4
            zerotouch.publish("jobs.ztc", records(20, "en"))
            yield 15

        done = []
        exec(example, {"jobs": jobs(), "work": done.append})
        self.assertEqual(done, [records(10)[4], records(20, "en")[15]])


if __name__ == "__main__":
    unittest.main()

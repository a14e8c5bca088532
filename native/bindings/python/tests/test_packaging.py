"""What is packed builds again."""

import glob
import os
import subprocess
import sys
import tarfile
import tempfile
import unittest

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class PackagingTest(unittest.TestCase):
    def test_a_source_distribution_has_all_sources(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, "setup.py", "-q", "egg_info", "--egg-base", folder, "sdist", "--dist-dir",
                            folder, "--formats", "gztar"], cwd=HERE, check=True, capture_output=True)
            (packed,) = glob.glob(os.path.join(folder, "*.tar.gz"))
            with tarfile.open(packed) as archive:
                names = {name.partition("/")[2] for name in archive.getnames()}
        sources = [path for folder in ("src", "common", "zerotouch", "tests")
                   for path in glob.glob(os.path.join(folder, "*.[chp]*"), root_dir=HERE)]
        self.assertGreater(len(sources), 25)
        self.assertEqual([path for path in sources if path not in names], [])


if __name__ == "__main__":
    unittest.main()

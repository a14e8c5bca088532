"""Every language writes every shape that it has, every language reads what the others wrote, and each reader's
values are compared with the typed text that the C library prints of the same file.

    matrix.py FOLDER --text TEXT --c HOST --corpus FOLDER [--report FILE] LANGUAGE=COMMAND ...

A command is run as `COMMAND write REGION < tagged JSON` and `COMMAND read REGION` (see typed.py), and as
`COMMAND keys REGION < keys` and `COMMAND find REGION < keys`: the number of each record by its key. C is asked
to write typed text, and its readings are what the others are held against."""

import argparse
import glob
import os
import shlex
import subprocess
import sys
from xml.sax.saxutils import quoteattr

import languages
import typed

HERE = os.path.dirname(os.path.abspath(__file__))


def run(command, *arguments, lines=None):
    done = subprocess.run([*command, *arguments], input="".join(line + "\n" for line in lines or ()),
                          capture_output=True, text=True, encoding="utf-8", errors="surrogatepass")
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)}: {done.stderr.strip()[-2000:]}")
    return done.stdout.split("\n")[:-1]


# Other strings, other types: none of the keys of keys.txt.
ABSENT = ["s user:43", "s e\u0301", "i 1", "b 00", "b c3a9"]


def line(key):
    """A line of keys.txt as hosts read it: strings as the hexadecimal digits of their UTF-8."""
    kind, text = key[:1], key[2:]
    return f"{kind} {text.encode().hex() if kind == 's' else text}"


class Matrix:
    def __init__(self, options):
        self.folder, self.text = options.folder, [options.text]
        self.hosts = {name: shlex.split(command)
                      for name, command in (host.split("=", 1) for host in options.hosts)}
        self.results = []

    def case(self, name, wrong):
        self.results.append((name, wrong))
        print(f"{name}: {'; '.join(wrong[:5]) or 'the same'}", flush=True)

    def texts(self, region):
        return run(self.text, region)

    def write(self, name, shapes):
        """Lets a language write what it can; its file says what was meant."""
        region = os.path.join(self.folder, f"{name}.ztc")
        graphs = [graph for graph in map(typed.parse, shapes) if languages.can_write(graph, name)]
        wrong = []
        try:
            run(self.hosts[name], "write", region, lines=map(typed.to_json, graphs))
            texts = self.texts(region)
            if len(texts) != len(graphs):
                wrong.append(f"{len(texts)} records for {len(graphs)}")
            for i, (text, graph) in enumerate(zip(texts, graphs)):
                stored = languages.written(typed.parse(text), name)
                if difference := typed.difference(stored, languages.written(graph, name)):
                    wrong.append(f"record {i}, {text[:80]}: {difference}")
        except (RuntimeError, OSError) as error:
            wrong.append(str(error))
        self.case(f"{name} writes {len(graphs)} of {len(shapes)} shapes", wrong)
        return region

    def read(self, name, region, label):
        wrong = []
        try:
            texts = self.texts(region)
            lines = run(self.hosts[name], "read", region)
            if len(lines) != len(texts):
                wrong.append(f"{len(lines)} records for {len(texts)}")
            for i, (text, line) in enumerate(zip(texts, lines)):
                want = languages.expected(typed.parse(text), name)
                if difference := typed.difference(typed.from_json(line), want):
                    wrong.append(f"record {i}, {text[:80]}: {difference}")
        except (RuntimeError, OSError) as error:
            wrong.append(str(error))
        self.case(f"{name} reads {label}", wrong)

    def write_in_c(self, host, shapes):
        """The C library writes every shape, and what it wrote is that shape."""
        region, wrong = os.path.join(self.folder, "c.ztc"), []
        try:
            run(host, "write", region, lines=shapes)
            texts = self.texts(region)
            if len(texts) != len(shapes):
                wrong.append(f"{len(texts)} records for {len(shapes)}")
            for i, (text, shape) in enumerate(zip(texts, shapes)):
                if difference := typed.difference(typed.parse(text), typed.parse(shape)):
                    wrong.append(f"record {i}, {text[:80]}: {difference}")
        except (RuntimeError, OSError) as error:
            wrong.append(str(error))
        self.case(f"c writes {len(shapes)} of {len(shapes)} shapes", wrong)
        return region

    def keys(self, hosts, keys):
        """Each language gives records keys, and each finds them by these, and nothing by others."""
        present, absent = [line(key) for key in keys], [line(key) for key in ABSENT]
        want = [str(i) for i in range(len(present))] + ["null"] * len(absent)
        for writer, command in hosts.items():
            region = os.path.join(self.folder, f"{writer}-keys.ztc")
            try:
                run(command, "keys", region, lines=present)
            except (RuntimeError, OSError) as error:
                self.case(f"{writer} writes keys", [str(error)])
                continue
            for reader, finder in hosts.items():
                wrong = []
                try:
                    found = run(finder, "find", region, lines=present + absent)
                    if len(found) != len(want):
                        wrong.append(f"{len(found)} answers for {len(want)}")
                    wrong += [f"{key!r}: {got} for {meant}"
                              for key, got, meant in zip(keys + ABSENT, found, want) if got != meant]
                except (RuntimeError, OSError) as error:
                    wrong.append(str(error))
                self.case(f"{reader} finds records by the keys of {writer}", wrong)

    def report(self, path):
        failed = sum(1 for _, wrong in self.results if wrong)
        with open(path, "w", encoding="utf-8") as out:
            out.write(f'<testsuite name="matrix" tests="{len(self.results)}" failures="{failed}">\n')
            for name, wrong in self.results:
                out.write(f'<testcase classname="matrix" name={quoteattr(name)}>')
                if wrong:
                    out.write(f"<failure message={quoteattr(wrong[0])}/>")
                out.write("</testcase>\n")
            out.write("</testsuite>\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--text", required=True)
    parser.add_argument("--c", required=True)
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--report")
    parser.add_argument("hosts", nargs="+")
    options = parser.parse_args()
    matrix = Matrix(options)
    with open(os.path.join(HERE, "shapes.txt"), encoding="utf-8", newline="\n") as file:
        shapes = file.read().split("\n")[:-1]
    regions = {f"C's {os.path.basename(path)[:-4]}": path
               for path in sorted(glob.glob(f"{options.corpus}/*.ztc"))
               if not os.path.basename(path).startswith("bad-")}
    regions["what c wrote"] = matrix.write_in_c([options.c], shapes)
    for name in matrix.hosts:
        regions[f"what {name} wrote"] = matrix.write(name, shapes)
    for name in matrix.hosts:
        for label, region in regions.items():
            matrix.read(name, region, label)
    with open(os.path.join(HERE, "keys.txt"), encoding="utf-8", newline="\n") as file:
        matrix.keys({"c": [options.c], **matrix.hosts}, file.read().split("\n")[:-1])
    if options.report:
        matrix.report(options.report)
    failed = sum(1 for _, wrong in matrix.results if wrong)
    print(f"{len(matrix.results) - failed} the same, {failed} different")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()

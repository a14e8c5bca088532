"""CPU time a record, against mmap + marshal and mmap + pickle. In every round each way takes its turn;
the ratios are the medians over the rounds.

    PYTHONPATH=... python3 bench/cpu.py [--records 200000] [--rounds 9]
"""

import argparse
import marshal
import mmap
import os
import pickle
import statistics
import struct
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import mail  # noqa: E402
import zerotouch  # noqa: E402

GOAL = 0.5


def write_blob(folder, name, dumps, count):
    places, at = [0], 0
    with open(f"{folder}/{name}", "wb") as out:
        for i in range(count):
            data = dumps(mail.job(i))
            out.write(data)
            at += len(data)
            places.append(at)
    with open(f"{folder}/{name}.index", "wb") as out:
        out.write(struct.pack(f"<{len(places)}Q", *places))


def mapped(path):
    with open(path, "rb") as file:
        return mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)


def by_blob(folder, name, loads):
    data, index = memoryview(mapped(f"{folder}/{name}")), mapped(f"{folder}/{name}.index")
    place = struct.Struct("<QQ").unpack_from

    def run(order):
        for i in order:
            start, end = place(index, i * 8)
            loads(data[start:end])

    return run


def by_region(region):
    def run(order):
        for i in order:
            region[i]

    return run


def by_batch(region):
    def run(order):
        for at in range(0, len(order), 32):
            region.__getitems__(order[at : at + 32])

    return run


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    count = options.records
    with tempfile.TemporaryDirectory() as folder:
        zerotouch.publish(f"{folder}/jobs.ztc", map(mail.job, range(count)))
        write_blob(folder, "marshal", marshal.dumps, count)
        write_blob(folder, "pickle", lambda job: pickle.dumps(job, -1), count)
        region = zerotouch.open(f"{folder}/jobs.ztc")
        ways = {
            "region[i]": by_region(region),
            "__getitems__(32)": by_batch(region),
            "mmap + marshal": by_blob(folder, "marshal", marshal.loads),
            "mmap + pickle": by_blob(folder, "pickle", pickle.loads),
        }
        step = 7919
        while count % step == 0:
            step += 2
        orders = {
            "sequential": list(range(count)),
            "random": [i * step % count for i in range(count)],
        }
        print(f"{count} records, {options.rounds} rounds, Python {sys.version.split()[0]};"
              " a ratio below 1 is less CPU than the peer")
        for name, order in orders.items():
            seconds = {way: [] for way in ways}
            names = list(ways)
            for turn in range(options.rounds + 1):
                names.append(names.pop(0))  # nobody always follows the same one
                for way in names:
                    before = time.process_time()
                    ways[way](order)
                    if turn:
                        seconds[way].append(time.process_time() - before)
            print(f"\n{name} order")
            for way in ways:
                print(f"  {way:18} {statistics.median(seconds[way]) / count * 1e6:6.2f} µs")
            for ours in ("region[i]", "__getitems__(32)"):
                for peer in ("mmap + marshal", "mmap + pickle"):
                    ratios = [a / b for a, b in zip(seconds[ours], seconds[peer])]
                    ratio = statistics.median(ratios)
                    verdict = "" if "pickle" in peer else (
                        f"goal {GOAL}: " + ("met" if ratio <= GOAL else "missed"))
                    print(f"  {ours:18} / {peer:15} {ratio:.2f}"
                          f"  ({min(ratios):.2f} .. {max(ratios):.2f})  {verdict}")


if __name__ == "__main__":
    main()

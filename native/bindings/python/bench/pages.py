"""Pages that a forked worker un-shares beyond an empty loop, for 10^3 to 10^6 copies of mail jobs, beside
mmap + marshal and a list of live data.

    PYTHONPATH=... python3 bench/pages.py [--records 200000]
"""

import argparse
import gc
import marshal
import mmap
import os
import struct
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "tests")]
from pagewatch import PageWatch  # noqa: E402

WATCH = PageWatch()  # before there is any data
import mail  # noqa: E402
import zerotouch  # noqa: E402


def write(folder, count):
    """By somebody else: a worker pool opens a region, it does not make it."""
    if os.fork():
        os.wait()
        return
    zerotouch.publish(f"{folder}/jobs.ztc", map(mail.job, range(count)))
    places = [0]
    with open(f"{folder}/jobs.marshal", "wb") as out:
        for i in range(count):
            places.append(places[-1] + out.write(marshal.dumps(mail.job(i))))
    with open(f"{folder}/jobs.index", "wb") as out:
        out.write(struct.pack(f"<{len(places)}Q", *places))
    os._exit(0)


def mapped(path):
    with open(path, "rb") as file:
        return mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)


def loop(times, count, work):
    def run():
        for i in range(times):
            work(i * 7919 % count)

    return run


def show(name, count, work):
    gc.collect()
    gc.freeze()
    for power in range(3, 7):
        idle, _ = WATCH.watch(loop(10**power, count, lambda i: None))
        pages, inherited = WATCH.watch(loop(10**power, count, work))
        print(f"{name:16} {10**power:8} records: {pages - idle:6} pages beyond the empty loop's {idle},"
              f" of {inherited} inherited")
        if pages > 1000:
            break


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=200_000)
    count = parser.parse_args().records
    with tempfile.TemporaryDirectory() as folder:
        write(folder, count)
        region = zerotouch.open(f"{folder}/jobs.ztc")
        data, index = memoryview(mapped(f"{folder}/jobs.marshal")), mapped(f"{folder}/jobs.index")
        place = struct.Struct("<QQ").unpack_from

        def load(i):
            start, end = place(index, i * 8)
            return marshal.loads(data[start:end])

        show("region[i]", count, lambda i: region[i])
        show("region.view(i)", count, lambda i: region.view(i)["prefs"]["lang"])
        show("mmap + marshal", count, load)
        jobs = [mail.job(i) for i in range(count)]
        show("live data", count, lambda i: jobs[i]["prefs"]["lang"])
        WATCH.close()


if __name__ == "__main__":
    main()

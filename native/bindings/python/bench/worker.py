"""One forked worker, for the page-diff harness:

    python3 bench/worker.py make-region jobs.ztc
    pagediff run --inherited --baseline 'python3 bench/worker.py empty jobs.ztc' -- \
        python3 bench/worker.py copy jobs.ztc

Ways: empty (open the region, run the same loop, copy nothing), copy, batch, view; and what else is done: marshal and
pickle (out of a mapped file that `make-peers FILE` wrote), and over live data read, deepcopy and roundtrip (by pickle),
whose empty loop is live.
ZTC_RECORDS and ZTC_TIMES are the number of records, and of copies (100000 each).
"""

import copy as copies
import gc
import marshal
import mmap
import os
import pickle
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import mail  # noqa: E402
import zerotouch  # noqa: E402

RECORDS = int(os.environ.get("ZTC_RECORDS", 100_000))
TIMES = int(os.environ.get("ZTC_TIMES", 100_000))


def empty(region):
    for i in range(TIMES):
        i * 7919 % RECORDS


def copy(region):
    for i in range(TIMES):
        region[i * 7919 % RECORDS]


def batch(region):
    for i in range(0, TIMES, 32):
        region.__getitems__([at * 7919 % RECORDS for at in range(i, i + 32)])


def view(region):
    for i in range(TIMES):
        region.view(i * 7919 % RECORDS)["prefs"]["lang"]


def write_peer(path, dumps):
    """Records one after the other, and behind them where each begins."""
    places = [0]
    with open(path, "wb") as out:
        for i in range(RECORDS):
            places.append(places[-1] + out.write(dumps(mail.job(i))))
        out.write(struct.pack(f"<{RECORDS + 1}Q", *places))


def peer(loads):
    place = struct.Struct("<QQ").unpack_from

    def run(data):
        index = len(data) - 8 * (RECORDS + 1)
        for i in range(TIMES):
            start, end = place(data, index + i * 7919 % RECORDS * 8)
            loads(data[start:end])

    return run


def mapped(path):
    with open(path, "rb") as file:
        return memoryview(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ))


def deepcopy(jobs):
    for i in range(TIMES):
        copies.deepcopy(jobs[i * 7919 % RECORDS])


def roundtrip(jobs):
    for i in range(TIMES):
        pickle.loads(pickle.dumps(jobs[i * 7919 % RECORDS], 5))


def read(jobs):
    for i in range(TIMES):
        jobs[i * 7919 % RECORDS]["prefs"]["lang"]


def main():
    way, path = sys.argv[1], sys.argv[2]
    if way == "make-region":
        zerotouch.publish(path, map(mail.job, range(RECORDS)))
        return
    if way == "make-peers":
        write_peer(path + ".marshal", marshal.dumps)
        write_peer(path + ".pickle", lambda job: pickle.dumps(job, 5))
        return
    peers = {"marshal": marshal.loads, "pickle": pickle.loads}
    live = {"read": read, "deepcopy": deepcopy, "roundtrip": roundtrip, "live": empty}
    if way in peers:
        data, work = mapped(f"{path}.{way}"), peer(peers[way])
    elif way in live:
        data, work = [mail.job(i) for i in range(RECORDS)], live[way]
    else:
        data, work = zerotouch.open(path), {"empty": empty, "copy": copy, "batch": batch, "view": view}[way]
    gc.collect()
    gc.freeze()  # as every parent of workers should
    if os.fork() == 0:
        work(data)
        os._exit(0)
    _, status = os.wait()
    sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()

"""One forked worker, for the page-diff harness:

    python3 bench/worker.py make-region jobs.ztc
    pagediff run --inherited --baseline 'python3 bench/worker.py empty jobs.ztc' -- \
        python3 bench/worker.py copy jobs.ztc

Ways: empty (open the region, run the same loop, copy nothing), copy, batch, view, read (live data).
ZTC_RECORDS and ZTC_TIMES are the number of records, and of copies (100000 each).
"""

import gc
import os
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


def read(jobs):
    for i in range(TIMES):
        jobs[i * 7919 % RECORDS]["prefs"]["lang"]


def main():
    way, path = sys.argv[1], sys.argv[2]
    if way == "make-region":
        zerotouch.publish(path, map(mail.job, range(RECORDS)))
        return
    data = [mail.job(i) for i in range(RECORDS)] if way == "read" else zerotouch.open(path)
    work = {"empty": empty, "copy": copy, "batch": batch, "view": view, "read": read}[way]
    gc.collect()
    gc.freeze()  # as every parent of workers should
    if os.fork() == 0:
        work(data)
        os._exit(0)
    _, status = os.wait()
    sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()

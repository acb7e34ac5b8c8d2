"""Prints what a question costs, beside a bare socket in the same run: measure.py SOCKET ENTITY"""

import socket
import sys
import time

import tagger
from tagger import _protocol

CALLS = 20000


def medians(*calls):
    """The medians of calls by turns, so that each sees the same machine, in microseconds."""
    taken = [[] for _ in calls]
    for _ in range(CALLS):
        for call, times in zip(calls, taken):
            begin = time.perf_counter_ns()
            call()
            times.append(time.perf_counter_ns() - begin)
    # The first half warms up both sides.
    return [sorted(times[CALLS // 2 :])[CALLS // 4] / 1e3 for times in taken]


def main(path, entity):
    bare = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    bare.connect(path)
    request = _protocol.tags_request(entity, tagger.LOW)

    def ping():
        bare.sendall(request)
        bare.recv(65536)

    client = tagger.Client(path)
    replica = tagger.Client(path, replica=True)
    replica.wait_synced(10)
    for _ in range(3):
        one, two = medians(ping, lambda: client.tag(entity))
        (three,) = medians(lambda: replica.tag(entity))
        print(
            "bare socket p50 %.1f us, Client.tag p50 %.1f us, ratio %.2f; replica p50 %.2f us" % (one, two, two / one, three)
        )


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Prints what a question costs, beside a bare socket in the same run: measure.py SOCKET ENTITY"""

import socket
import sys
import time

import tagger
from tagger import _protocol

CALLS = 20000


def median(call):
    taken = []
    for _ in range(CALLS):
        begin = time.perf_counter_ns()
        call()
        taken.append(time.perf_counter_ns() - begin)
    return sorted(taken[CALLS // 2 :])[CALLS // 4] / 1e3  # the first half warms up both sides


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
        one, two = median(ping), median(lambda: client.tag(entity))
        print(
            "bare socket p50 %.1f us, Client.tag p50 %.1f us, ratio %.2f; replica p50 %.2f us"
            % (one, two, two / one, median(lambda: replica.tag(entity)))
        )


if __name__ == "__main__":
    main(*sys.argv[1:])

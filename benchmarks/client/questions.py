"""The latency of /v1/tags of one entity at two agents, by turns, one in flight: questions.py ENTITY SOCKET SOCKET"""

import socket
import sys
import time

CALLS = 30000


def connection(path):
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.connect(path)
    return sock


def main(entity, *paths):
    request = ("GET /v1/tags?entity=%s HTTP/1.1\r\nHost: localhost\r\n\r\n" % entity).encode()
    for round in range(3):
        medians = []
        for path in paths:  # a block each: a turn of the other agent between two questions would let this one fall asleep
            sock = connection(path)
            taken = []
            for _ in range(CALLS):
                begin = time.perf_counter_ns()
                sock.sendall(request)
                answer = sock.recv(65536)
                taken.append(time.perf_counter_ns() - begin)
            assert b" 200 OK" in answer, answer
            medians.append(sorted(taken[CALLS // 2 :])[CALLS // 4] / 1e3)
        print("before p50 %.0f us, after p50 %.0f us, ratio %.2f" % (*medians, medians[1] / medians[0]))


if __name__ == "__main__":
    main(*sys.argv[1:])

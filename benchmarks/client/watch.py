"""The size and the time of a watch's initial state, in each form, read and thrown away: watch.py SOCKET"""

import socket
import sys
import time


def main(path):
    for form in ("true", "compact", "true", "compact", "true", "compact"):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.connect(path)
        begin = time.monotonic()
        sock.sendall(b"GET /v1/watch?cardinality=high&sources=%s HTTP/1.1\r\nHost: localhost\r\n\r\n" % form.encode())
        size, tail = 0, b""
        while b'"synced"' not in tail:
            data = sock.recv(1 << 18)
            size += len(data)
            tail = (tail + data)[-200:]
        print("sources=%s: %.1f MB in %.0f ms" % (form, size / 1e6, (time.monotonic() - begin) * 1e3))
        sock.close()


if __name__ == "__main__":
    main(*sys.argv[1:])

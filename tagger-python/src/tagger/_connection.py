"""HTTP/1.1 over a Unix socket, within a deadline: requests without a body, and answers with a length or in chunks.

``http.client`` costs half of a question; the answers of an agent need no more than this.
"""

from __future__ import annotations

import re
import socket
import struct
import time
from typing import Iterator, Optional, Tuple

from ._errors import DeadlineExceeded, TaggerError, Unreachable

_READ_BYTES = 65536
_LONGEST_HEAD = 16384
_LONGEST_LINE = 64 << 20
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]{1,12})\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked\r\n", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection: *close\r\n", re.IGNORECASE)


class Connection:
    """A connection to the agent, made by the first question. Not thread-safe."""

    __slots__ = ("_deadline", "_end", "_path", "_sock", "_timeout", "_used")

    def __init__(self, path: str) -> None:
        self._path = path
        self._sock: Optional[socket.socket] = None
        self._used = False
        self._timeout = 0.0
        self._deadline = 0.0
        self._end: Optional[float] = None

    def ask(self, request: bytes, deadline: float) -> Tuple[int, bytes]:
        """Asks, and asks again over a new connection if the old one was closed meanwhile.

        :param deadline: seconds for the whole answer
        :return: the status and the body
        :raises TaggerError: if there is no answer
        """
        self._end = time.monotonic() + deadline
        self._deadline = deadline
        try:
            try:
                head, rest = self._begin(request)
            except (ConnectionError, EOFError):
                if not self._used:
                    raise
                self.close()
                head, rest = self._begin(request)
            length = _LENGTH.search(head)
            if length is not None:
                size = int(length.group(1))
                if len(rest) < size:
                    rest = self._rest(rest, size)
                body = rest[:size] if len(rest) > size else rest
            else:
                body = b"".join(self._chunks(head, rest))
            self._used = True
            if _CLOSES.search(head) is not None:
                self.close()
            return int(head[9:12]), body
        except BaseException as e:
            self._failed(e)
            raise

    def lines(
        self, request: bytes, deadline: float, silence: Optional[float] = None
    ) -> Iterator[Tuple[int, bytes]]:
        """The status, and the lines of an endless answer; for an error the body as one line.

        :param deadline: seconds until the head of the answer
        :param silence: seconds without a byte after which the agent counts as lost; None: no limit
        :raises TaggerError: if there is no answer, or the answer ends
        """
        self._end = time.monotonic() + deadline
        self._deadline = deadline
        has_begun = False
        try:
            head, rest = self._begin(request)
            status = int(head[9:12])
            if status != 200:
                length = _LENGTH.search(head)
                yield status, self._rest(rest, int(length.group(1))) if length else b""
                return
            self._end = None
            self._until(silence)
            has_begun = True
            begun = b""
            for chunk in self._chunks(head, rest):
                parts = (begun + chunk).split(b"\n")
                begun = parts.pop()
                if len(begun) > _LONGEST_LINE:
                    raise ValueError("a line has no end")
                for line in parts:
                    if line:
                        yield status, line
            raise EOFError("the watch has ended")
        except GeneratorExit:
            self.close()
            raise
        except BaseException as e:
            if has_begun and isinstance(e, (OSError, EOFError)):  # a silence among them
                self.close()
                raise Unreachable("the agent at %s went away: %s" % (self._path, e)) from e
            self._failed(e)
            raise

    def shutdown(self) -> None:
        """Ends a question of another thread."""
        sock = self._sock
        if sock is not None:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # the connection has ended already

    def close(self) -> None:
        """Closes the connection. The next question makes a new one."""
        if self._sock is not None:
            self._sock.close()
            self._sock = None
            self._timeout = 0.0
            self._used = False

    def __del__(self) -> None:
        self.close()  # the thread has ended, or the client was dropped

    def _begin(self, request: bytes) -> Tuple[bytes, bytes]:
        sock = self._sock
        if sock is None:
            sock = self._connect()
        elif self._timeout != self._deadline:
            self._until(self._deadline)
        sock.sendall(request)
        data = sock.recv(_READ_BYTES)
        end = data.find(b"\r\n\r\n")
        while end < 0:
            if not data:
                raise EOFError("the connection is closed")
            if len(data) > _LONGEST_HEAD or not data.startswith(b"HTTP/1."[: len(data)]):
                raise ValueError("the answer is no HTTP: %.60r" % data)
            more = self._receive()
            if not more:
                raise EOFError("the connection is closed")
            data += more
            end = data.find(b"\r\n\r\n")
        if not data.startswith(b"HTTP/1.") or not data[9:12].isdigit():
            raise ValueError("the answer is no HTTP: %.60r" % data)
        return data[: end + 2], data[end + 4 :]

    def _connect(self) -> socket.socket:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.settimeout(None)  # otherwise a default of the process would count
        self._sock = sock
        self._used = False
        self._until(self._left())
        sock.connect(self._path)
        self._until(self._left())
        return sock

    def _until(self, seconds: Optional[float]) -> None:
        """Sets the time limit of one step: by the kernel, which costs nothing later."""
        self._timeout = 0.0 if seconds is None else seconds
        micros = 0 if seconds is None else max(1, int(seconds * 1e6))
        limit = struct.pack("ll", *divmod(micros, 1_000_000))
        if self._sock is not None:
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)

    def _left(self) -> float:
        left = self._deadline if self._end is None else self._end - time.monotonic()
        if left <= 0:
            raise BlockingIOError("the deadline has passed")
        return left

    def _receive(self) -> bytes:
        """Further bytes, within what is left of the deadline, however slowly they come."""
        if self._end is not None:
            self._until(self._left())
        if self._sock is None:
            raise EOFError("the connection is closed")
        return self._sock.recv(_READ_BYTES)

    def _rest(self, data: bytes, size: int) -> bytes:
        parts = [data]
        missing = size - len(data)
        while missing > 0:
            more = self._receive()
            if not more:
                raise EOFError("the connection is closed")
            parts.append(more)
            missing -= len(more)
        return b"".join(parts)

    def _chunks(self, head: bytes, data: bytes) -> Iterator[bytes]:
        if _CHUNKED.search(head) is None:
            raise ValueError("the answer has no length")
        while True:
            end = data.find(b"\r\n")
            while end < 0:
                if len(data) > 64:
                    raise ValueError("a chunk has no size")
                data = self._rest(data, len(data) + 1)
                end = data.find(b"\r\n")
            size = int(data[:end].split(b";")[0], 16)
            data = self._rest(data[end + 2 :], size + 2)
            if size == 0:
                return
            yield data[:size]
            data = data[size + 2 :]

    def _failed(self, error: BaseException) -> None:
        """Closes the connection, whose state is unknown now, and raises a known error as a :class:`TaggerError`."""
        self.close()
        if isinstance(error, TaggerError):
            return
        if isinstance(error, (BlockingIOError, socket.timeout)):
            raise DeadlineExceeded("the agent at %s did not answer in time" % self._path) from error
        if isinstance(error, FileNotFoundError):
            raise Unreachable(
                "there is no agent: no socket %s; start an agent with 'tagger run', or mount its folder into this container"
                % self._path
            ) from error
        if isinstance(error, (OSError, EOFError)):
            raise Unreachable(
                "the agent at %s can't be asked: %s" % (self._path, error or type(error).__name__)
            ) from error
        if isinstance(error, ValueError):
            raise TaggerError("the server at %s is no tagger agent: %s" % (self._path, error)) from error

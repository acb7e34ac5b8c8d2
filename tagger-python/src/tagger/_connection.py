"""HTTP over a Unix socket, within a deadline."""

from __future__ import annotations

import http.client
import io
import json
import socket
import time
from typing import Any, Optional

from ._errors import BadRequest, DeadlineExceeded, TaggerError, Unreachable


class _Reader(io.RawIOBase):
    """Reads from a socket until the deadline of its connection, however slowly the bytes come."""

    def __init__(self, connection: Connection, sock: socket.socket) -> None:
        self._connection = connection
        self._sock = sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._connection.left())
        return self._sock.recv_into(buffer)


class _Socket:
    """The socket interface for ``http.client``, with :class:`_Reader` in place of the socket's file."""

    def __init__(self, connection: Connection, sock: socket.socket) -> None:
        self._connection = connection
        self._sock = sock

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self._connection, self._sock))

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(self._connection.left())
        self._sock.sendall(data)

    def close(self) -> None:
        self._sock.close()


class Connection(http.client.HTTPConnection):
    """A connection to the agent. Not thread-safe."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost")
        self._path = path
        self._deadline: Optional[float] = None
        self.used = False

    def until(self, deadline: Optional[float]) -> None:
        """Sets the deadline of all further steps, on the monotonic clock; None: no deadline."""
        self._deadline = deadline

    def left(self) -> Optional[float]:
        if self._deadline is None:
            return None
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise socket.timeout("the deadline has passed")
        return left

    def connect(self) -> None:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.settimeout(self.left())
            sock.connect(self._path)
        except BaseException:
            sock.close()
            raise
        self.used = False
        self.sock = _Socket(self, sock)

    def __del__(self) -> None:
        self.close()  # the thread has ended, or the client was dropped

    def ask(self, target: str) -> http.client.HTTPResponse:
        """Asks, and asks again over a new connection if the old one was closed meanwhile.

        :raises TaggerError: if there is no answer
        """
        try:
            try:
                return self._get(target)
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                if not self.used:
                    raise
                self.close()
                return self._get(target)
        except BaseException as e:
            self._failed(e)
            raise

    def _get(self, target: str) -> http.client.HTTPResponse:
        self.putrequest("GET", target, skip_accept_encoding=True)
        self.endheaders()
        return self.getresponse()

    def body(self, response: http.client.HTTPResponse) -> Any:
        """Reads a whole answer.

        :return: None for an unknown entity
        :raises TaggerError: for an error, or an invalid answer
        """
        try:
            data = response.read()
            self.used = True
            answer = json.loads(data)
        except BaseException as e:
            self._failed(e)
            raise
        if not isinstance(answer, dict):
            raise TaggerError("the server at %s is no tagger agent: the answer is %.100r" % (self._path, answer))
        if response.status == 200:
            return answer
        error = answer.get("error")
        code, message = (error.get("code"), error.get("message")) if isinstance(error, dict) else (None, answer)
        if code == "unknown_entity":
            return None
        kind = BadRequest if response.status in (400, 414) else TaggerError
        raise kind("the agent at %s answers %d: %.500s" % (self._path, response.status, message))

    def _failed(self, error: BaseException) -> None:
        """Closes the connection, whose state is unknown now, and raises a known error as a :class:`TaggerError`."""
        self.close()
        if isinstance(error, socket.timeout):
            raise DeadlineExceeded("the agent at %s did not answer in time" % self._path) from error
        if isinstance(error, FileNotFoundError):
            raise Unreachable(
                "there is no agent: no socket %s; start an agent with 'tagger run'" % self._path
            ) from error
        if isinstance(error, (OSError, http.client.HTTPException)):
            raise Unreachable(
                "the agent at %s can't be asked: %s" % (self._path, error or type(error).__name__)
            ) from error
        if isinstance(error, ValueError):
            raise TaggerError("the server at %s is no tagger agent: %s" % (self._path, error)) from error

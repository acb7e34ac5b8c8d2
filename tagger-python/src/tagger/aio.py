"""The client for ``asyncio``.

    async with tagger.aio.Client() as client:
        await client.tag("container_id://3f4a", tagger.HIGH)
"""

from __future__ import annotations

import asyncio
import re
from typing import Any, AsyncIterator, Dict, List, Optional, Tuple

from . import _cardinality, _protocol
from ._cardinality import LOW, AnyCardinality
from ._errors import DeadlineExceeded, TaggerError, Unreachable
from ._protocol import DEADLINE, Attribute, Event, Tags, default_socket

__all__ = ["Client"]

_Streams = Tuple[asyncio.StreamReader, asyncio.StreamWriter]
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]{1,12})\r\n", re.IGNORECASE)
_LONGEST_LINE = 64 << 20


class Client:
    """Asks an agent; :class:`tagger.Client` describes the methods. For one event loop. Parallel questions have a connection each; up
    to eight idle connections are kept.

    :param socket_path: the agent's socket; by default :func:`default_socket`
    :param deadline: seconds for an answer, including the connection; not for :meth:`watch`
    """

    def __init__(self, socket_path: Optional[str] = None, deadline: float = DEADLINE) -> None:
        self._path = socket_path or default_socket()
        self._deadline = deadline
        self._idle: List[_Streams] = []

    async def tag(self, entity: str, cardinality: AnyCardinality = LOW, wait: float = 0.0) -> List[str]:
        """The tags of an entity."""
        return (await self.tag_with_completeness(entity, cardinality, wait)).tags

    async def tag_with_completeness(self, entity: str, cardinality: AnyCardinality = LOW, wait: float = 0.0) -> Tags:
        """The tags of an entity, and whether they are complete."""
        answer = await self._ask(_protocol.tags_request(entity, cardinality, wait), wait)
        if answer is None:
            return Tags([], True)
        return Tags(_protocol.tags_of(self._path, answer), answer.get("complete") is True)

    async def standard(self, entity: str) -> List[str]:
        """The standard tags of an entity."""
        return _protocol.tags_of(self._path, await self._ask(_protocol.standard_request(entity)), "standard")

    async def self_tags(self, cardinality: AnyCardinality = LOW, wait: float = 0.0) -> List[str]:
        """The tags of the container of this process."""
        return _protocol.tags_of(self._path, await self._ask(_protocol.self_request(cardinality, wait), wait))

    async def self_resource(self, wait: float = 0.0) -> Dict[str, Attribute]:
        """:meth:`tagger.Client.self_resource`."""
        return _protocol.attributes_of(self._path, await self._ask(_protocol.self_resource_request(wait), wait))

    async def list_entities(self, *prefixes: str) -> Dict[str, Dict[str, List[str]]]:
        """The report of each source about each entity."""
        answer = await self._ask(_protocol.list_request("/v1/entities", prefixes))
        return {entity: known["tags"] for entity, known in answer["entities"].items()}

    async def watch(self, *prefixes: str, cardinality: AnyCardinality = LOW) -> AsyncIterator[Event]:
        """The present entities, then ``synced``, then changes as they happen, until the agent goes away."""
        level = _cardinality.of(cardinality).value
        request = _protocol.list_request("/v1/watch", prefixes, cardinality=level)
        streams = None
        try:
            streams = await asyncio.wait_for(self._open(), self._deadline)
            status, head = await asyncio.wait_for(_begin(streams, request), self._deadline)
            if status != 200:
                _protocol.answer(self._path, status, await _body(streams[0], head))
            begun = b""
            async for chunk in _chunks(streams[0]):
                *lines, begun = (begun + chunk).split(b"\n")
                if len(begun) > _LONGEST_LINE:
                    raise ValueError("a line has no end")
                for line in lines:
                    if line:
                        yield _protocol.event(self._path, status, line)
            raise Unreachable("the agent at %s went away" % self._path)
        except Exception as e:
            raise self._known(e) from e
        finally:
            if streams is not None:
                streams[1].close()

    async def close(self) -> None:
        """Closes the idle connections. The client may be used again."""
        while self._idle:
            self._idle.pop()[1].close()

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    async def _ask(self, request: bytes, wait: float = 0.0) -> Any:
        try:
            status, body = await asyncio.wait_for(self._exchange(request), self._deadline + wait)
        except Exception as e:
            raise self._known(e) from e
        return _protocol.answer(self._path, status, body)

    async def _exchange(self, request: bytes) -> Tuple[int, bytes]:
        while True:
            is_used = bool(self._idle)
            streams = self._idle.pop() if is_used else await self._open()
            try:
                status, head = await _begin(streams, request)
                body = await _body(streams[0], head)
            except BaseException as e:
                streams[1].close()
                if is_used and isinstance(e, (ConnectionError, asyncio.IncompleteReadError)):
                    continue  # the agent has closed the idle connection meanwhile
                raise
            if len(self._idle) < 8:
                self._idle.append(streams)
            else:
                streams[1].close()
            return status, body

    async def _open(self) -> _Streams:
        return await asyncio.open_unix_connection(self._path)

    def _known(self, error: Exception) -> Exception:
        if isinstance(error, TaggerError):
            return error
        if isinstance(error, asyncio.TimeoutError):
            return DeadlineExceeded("the agent at %s did not answer in time" % self._path)
        if isinstance(error, FileNotFoundError):
            return Unreachable("there is no agent: no socket %s; start an agent with 'tagger run'" % self._path)
        if isinstance(error, (OSError, EOFError)):
            return Unreachable("the agent at %s can't be asked: %s" % (self._path, error))
        if isinstance(error, (ValueError, asyncio.LimitOverrunError)):
            return TaggerError("the server at %s is no tagger agent: %s" % (self._path, error))
        return error


async def _begin(streams: _Streams, request: bytes) -> Tuple[int, bytes]:
    reader, writer = streams
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n"))[:-2]
    if not head.startswith(b"HTTP/1.") or not head[9:12].isdigit():
        raise ValueError("the answer is no HTTP: %.60r" % head)
    return int(head[9:12]), head


async def _body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    length = _LENGTH.search(head)
    if length is not None:
        return await reader.readexactly(int(length.group(1)))
    return b"".join([chunk async for chunk in _chunks(reader)])


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while True:
        size = int((await reader.readuntil(b"\r\n"))[:-2].split(b";")[0], 16)
        data = await reader.readexactly(size + 2)
        if size == 0:
            return
        yield data[:size]

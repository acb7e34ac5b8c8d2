"""The client, with errors as exceptions."""

from __future__ import annotations

import os
import threading
import weakref
from typing import Any, Dict, Iterator, List, Optional

from . import _cardinality, _protocol
from ._cardinality import HIGH, LOW, ORCHESTRATOR, AnyCardinality
from ._connection import Connection
from ._protocol import DEADLINE, Attribute, Event, Tags, default_socket
from ._replica import Replica


def _level(cardinality: AnyCardinality) -> int:
    """The place of a level's tags in a replica."""
    level = cardinality if isinstance(cardinality, _cardinality.Cardinality) else _cardinality.of(cardinality)
    return 0 if level is LOW else 1 if level is ORCHESTRATOR else 2


class Client:
    """Asks an agent. Thread-safe: each thread keeps a connection, and reconnects after a restart of the agent. A child may use
    the client after ``fork``.

    :param socket_path: the agent's socket; by default :func:`default_socket`
    :param deadline: seconds for an answer, including the connection; not for :meth:`watch`
    :param replica: whether to keep a copy of the agent's tags in this process: a lookup is then a lookup in a dict, and answers
        without the agent too. Costs a thread, and the memory of the tags
    """

    def __init__(self, socket_path: Optional[str] = None, deadline: float = DEADLINE, replica: bool = False) -> None:
        self._path = socket_path or default_socket()
        self._deadline = deadline
        self._local = threading.local()
        self._has_replica = replica
        self._replica: Optional[Replica] = None
        self._pid = 0
        self._lock = threading.Lock()
        if replica:
            after_fork = weakref.WeakMethod(self._after_fork)
            os.register_at_fork(after_in_child=lambda: (after_fork() or (lambda: None))())
            self._followed()

    def tag(self, entity: str, cardinality: AnyCardinality = LOW, wait: float = 0.0) -> List[str]:
        """The tags of an entity, at a level and below, sorted within each level. On a miss the agent asks its collectors.

        :param entity: ``prefix://id``, for instance ``container_id://3f4a``
        :param cardinality: :data:`LOW`, :data:`ORCHESTRATOR`, :data:`HIGH`, their names, or a boolean: true is high
        :param wait: the longest wait for complete tags, in seconds, up to 30; beyond the deadline
        :return: the tags; empty for an unknown entity
        :raises BadRequest: if an argument is not valid
        :raises TaggerError: if the agent can't be asked
        """
        replica = self._replica
        if replica is not None and not wait and self._pid == os.getpid():
            known = replica.entities.get(entity)
            if known is not None:
                return list(known[0][_level(cardinality)])
        return self.tag_with_completeness(entity, cardinality, wait).tags

    def tag_with_completeness(self, entity: str, cardinality: AnyCardinality = LOW, wait: float = 0.0) -> Tags:
        """:meth:`tag`, and whether the tags are complete. An unknown entity has no tags and is complete."""
        if self._has_replica:
            known = self._followed().entities.get(entity)
            if known is not None and (known[1] or not wait):
                return Tags(list(known[0][_level(cardinality)]), known[1])
        answer = self._ask(_protocol.tags_request(entity, cardinality, wait), wait)
        if answer is None:
            return Tags([], True)
        return Tags(_protocol.tags_of(self._path, answer), answer.get("complete") is True)

    def standard(self, entity: str) -> List[str]:
        """The standard tags of an entity: ``env``, ``service`` and ``version``.

        :return: as :meth:`tag`
        :raises TaggerError: as :meth:`tag`
        """
        return _protocol.tags_of(self._path, self._ask(_protocol.standard_request(entity)), "standard")

    def self_tags(self, cardinality: AnyCardinality = LOW, wait: float = 0.0) -> List[str]:
        """The tags of the container of this process, or of the process. The kernel tells the agent who asks.

        :param cardinality: as for :meth:`tag`
        :param wait: as for :meth:`tag`
        :return: the tags; empty if nobody can tell
        :raises TaggerError: if the agent can't be asked
        """
        return _protocol.tags_of(self._path, self._ask(_protocol.self_request(cardinality, wait), wait))

    def self_resource(self, wait: float = 0.0) -> Dict[str, Attribute]:
        """The attributes of the entity of :meth:`self_tags`, by OpenTelemetry's semantic conventions.

        :param wait: as for :meth:`tag`
        :return: attribute names to texts or lists of texts; empty if nobody can tell
        :raises TaggerError: if the agent can't be asked
        """
        return _protocol.attributes_of(self._path, self._ask(_protocol.self_resource_request(wait), wait))

    def list_entities(self, *prefixes: str) -> Dict[str, Dict[str, List[str]]]:
        """The report of each source about each entity, before the merge.

        :param prefixes: the kinds of entities, such as ``container_id``; an empty list means all kinds
        :raises TaggerError: if the agent can't be asked
        """
        answer = self._ask(_protocol.list_request("/v1/entities", prefixes))
        return {entity: known["tags"] for entity, known in answer["entities"].items()}

    def watch(self, *prefixes: str, cardinality: AnyCardinality = LOW) -> Iterator[Event]:
        """The present entities, then ``synced``, then changes as they happen, until the agent goes away. The iterator has a separate
        connection, closed with the iterator.

        :param prefixes: the kinds of entities; an empty list means all kinds
        :param cardinality: the level of the tags
        :raises TaggerError: if the agent can't be asked, or goes away
        """
        level = _cardinality.of(cardinality).value
        request = _protocol.list_request("/v1/watch", prefixes, cardinality=level)
        for status, line in Connection(self._path).lines(request, self._deadline):
            yield _protocol.event(self._path, status, line)

    def wait_synced(self, timeout: Optional[float] = None) -> bool:
        """Waits until the replica has all entities of the agent.

        :param timeout: seconds; None for no limit
        :return: whether it has; false for a client without a replica
        """
        return self._has_replica and self._followed().synced.wait(timeout)

    @property
    def problem(self) -> Optional[str]:
        """Why the replica does not follow the agent at the moment; None if it does, or without a replica."""
        return self._followed().problem if self._has_replica else None

    def close(self) -> None:
        """Closes this thread's connection, and the replica. The client may be used again."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
        with self._lock:
            if self._replica is not None:
                self._replica.close()
                self._replica = None

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _ask(self, request: bytes, wait: float = 0.0) -> Any:
        status, body = self._connection().ask(request, self._deadline + wait)
        return _protocol.answer(self._path, status, body)

    def _connection(self) -> Connection:
        local = self._local
        if getattr(local, "pid", None) != os.getpid():  # a child must not use the parent's connection
            local.pid = os.getpid()
            local.connection = Connection(self._path)
        connection: Connection = local.connection
        return connection

    def _followed(self) -> Replica:
        """The replica; a child makes one of its own, because threads do not survive a fork."""
        replica = self._replica
        if replica is not None and self._pid == os.getpid():
            return replica
        with self._lock:
            if self._replica is None or self._pid != os.getpid():
                known = None if self._replica is None else self._replica.entities
                self._replica = Replica(self._path, self._deadline, known)
                self._pid = os.getpid()
            return self._replica

    def _after_fork(self) -> None:
        self._lock = threading.Lock()  # another thread may have held the lock at the fork

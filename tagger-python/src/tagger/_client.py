"""The client, with errors as exceptions."""

from __future__ import annotations

import functools
import http.client
import json
import os
import re
import threading
import time
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple
from urllib.parse import quote, urlencode

from . import _cardinality
from ._cardinality import LOW, AnyCardinality
from ._connection import Connection
from ._errors import BadRequest, Unreachable

#: The default deadline of an answer, in seconds.
DEADLINE = 1.0

_SYSTEM_SOCKET = "/run/tagger/tagger.sock"

#: The agent takes request lines of 16 KB; this leaves room for the rest of the line.
_LONGEST_ENTITY = 15 * 1024


class Event(NamedTuple):
    """A change of an entity."""

    #: ``added``, ``modified``, ``deleted``, or ``synced``: the end of the present entities.
    type: str
    #: The entity; empty for ``synced``.
    entity: str
    #: The tags after the change; empty for ``deleted`` and ``synced``.
    tags: List[str]


def default_socket() -> str:
    """The socket of the agent: ``TAGGER_CLIENT_AGENT`` (``unix:PATH``, or a path), else ``TAGGER_IPC_SOCKET``, else the first existing
    path of ``/run/tagger/tagger.sock`` and ``$XDG_RUNTIME_DIR/tagger/tagger.sock``.

    :raises TaggerError: if ``TAGGER_CLIENT_AGENT`` names an agent on the network, which this module can't ask
    """
    agent = os.environ.get("TAGGER_CLIENT_AGENT", "")
    if agent.startswith("unix:") and len(agent) > len("unix:"):
        return re.sub("^/+", "/", agent[len("unix:") :])
    if agent and not agent.startswith("/"):
        raise Unreachable(f"TAGGER_CLIENT_AGENT is '{agent}': this module asks an agent over its Unix socket, unix:PATH")
    configured = agent or os.environ.get("TAGGER_IPC_SOCKET", "")
    if configured:
        return configured
    own = os.environ.get("XDG_RUNTIME_DIR", "")
    if own and not os.path.exists(_SYSTEM_SOCKET):
        candidate = os.path.join(own, "tagger", "tagger.sock")
        if os.path.exists(candidate):
            return candidate
    return _SYSTEM_SOCKET


class Client:
    """Asks an agent. Thread-safe: each thread keeps a connection, and reconnects after a restart of the agent. A child may use
    the client after ``fork``.

    :param socket_path: the agent's socket; by default :func:`default_socket`
    :param deadline: seconds for an answer, including the connection; not for :meth:`watch`
    """

    def __init__(self, socket_path: Optional[str] = None, deadline: float = DEADLINE) -> None:
        self._path = socket_path or default_socket()
        self._deadline = deadline
        self._local = threading.local()

    def tag(self, entity: str, cardinality: AnyCardinality = LOW) -> List[str]:
        """The tags of an entity, at a level and below, sorted within each level. On a miss the agent asks its collectors.

        :param entity: ``prefix://id``, for instance ``container_id://3f4a``
        :param cardinality: :data:`LOW`, :data:`ORCHESTRATOR`, :data:`HIGH`, their names, or a boolean: true is high
        :return: the tags; empty for an unknown entity
        :raises BadRequest: if the entity or the cardinality is not valid
        :raises TaggerError: if the agent can't be asked
        """
        answer = self._ask(_question(_entity(entity), "cardinality=" + _cardinality.of(cardinality).value))
        return [] if answer is None else list(answer["tags"])

    def standard(self, entity: str) -> List[str]:
        """The standard tags of an entity: ``env``, ``service`` and ``version``.

        :return: as :meth:`tag`
        :raises TaggerError: as :meth:`tag`
        """
        answer = self._ask(_question(_entity(entity), "standard=true"))
        return [] if answer is None else list(answer["standard"])

    def list_entities(self, *prefixes: str) -> Dict[str, Dict[str, List[str]]]:
        """The report of each source about each entity, before the merge.

        :param prefixes: the kinds of entities, such as ``container_id``; an empty list means all kinds
        :raises TaggerError: if the agent can't be asked
        """
        answer = self._ask(_target("/v1/entities", [("prefix", prefix) for prefix in prefixes]))
        return {entity: known["tags"] for entity, known in answer["entities"].items()}

    def watch(self, *prefixes: str, cardinality: AnyCardinality = LOW) -> Iterator[Event]:
        """The present entities, then ``synced``, then changes as they happen, until the agent goes away. The iterator has a separate
        connection, closed with the iterator.

        :param prefixes: the kinds of entities; an empty list means all kinds
        :param cardinality: the level of the tags
        :raises TaggerError: if the agent can't be asked, or goes away
        """
        level = _cardinality.of(cardinality).value
        connection = Connection(self._path)
        try:
            connection.until(time.monotonic() + self._deadline)
            pairs = [("prefix", prefix) for prefix in prefixes] + [("cardinality", level)]
            response = connection.ask(_target("/v1/watch", pairs))
            if response.status != 200:
                connection.body(response)
            connection.until(None)
            while True:
                try:
                    line = response.readline()
                except (OSError, http.client.HTTPException) as e:
                    raise Unreachable("the agent at %s went away: %s" % (self._path, e)) from e
                if not line.endswith(b"\n"):
                    raise Unreachable("the agent at %s went away" % self._path)
                event = json.loads(line)
                yield Event(event["type"], event.get("entity", ""), event.get("tags", []))
        finally:
            connection.close()

    def close(self) -> None:
        """Closes this thread's connection. The client may be used again."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _ask(self, target: str) -> Any:
        connection = self._connection()
        connection.until(time.monotonic() + self._deadline)
        return connection.body(connection.ask(target))

    def _connection(self) -> Connection:
        local = self._local
        if getattr(local, "pid", None) != os.getpid():  # a child must not use the parent's connection
            local.pid = os.getpid()
            local.connection = Connection(self._path)
        connection: Connection = local.connection
        return connection


@functools.lru_cache(maxsize=1024)
def _question(entity: str, how: str) -> str:
    try:
        quoted = quote(entity, safe="")
    except UnicodeError as e:
        raise BadRequest("the entity id %.40r can't be sent: %s" % (entity, e)) from e
    if len(quoted) > _LONGEST_ENTITY:
        raise BadRequest("the entity id %.40r... is too long: at most %d bytes" % (entity, _LONGEST_ENTITY))
    return "/v1/tags?entity=" + quoted + "&" + how


def _target(path: str, parameters: List[Tuple[str, str]]) -> str:
    try:
        return path + "?" + urlencode(parameters)
    except (TypeError, UnicodeError) as e:
        raise BadRequest("the question can't be sent: %s" % e) from e


def _entity(entity: str) -> str:
    if not isinstance(entity, str):
        raise BadRequest("an entity id is text such as container_id://3f4a, not %s" % type(entity).__name__)
    return entity

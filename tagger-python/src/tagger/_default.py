"""The functions of the module, over a client shared by the process."""

from __future__ import annotations

import logging
from typing import Dict, Iterator, List, Set

from ._cardinality import LOW, AnyCardinality
from ._client import Client, Event, default_socket

_log = logging.getLogger("tagger")
_clients: Dict[str, Client] = {}
_logged: Set[str] = set()


def _client() -> Client:
    path = default_socket()  # looked up each time: the agent's start or a change of the environment may follow the import
    return _clients.get(path) or _clients.setdefault(path, Client(path))


def get_tags(entity: str, cardinality: AnyCardinality = LOW) -> List[str]:
    """The tags of an entity, at a level and below.

    Never raises: without an agent, without an answer within a second, or with invalid arguments, there are no tags. Each kind of
    error is logged once, at debug, by the logger ``tagger``.

    :param entity: ``prefix://id``, for instance ``container_id://3f4a``
    :param cardinality: :data:`LOW`, :data:`ORCHESTRATOR`, :data:`HIGH`, their names, or a boolean: true is high
    :return: a new list, sorted within each level; empty for an unknown entity, and on any error
    """
    try:
        return _client().tag(entity, cardinality)
    except Exception as e:
        kind = type(e).__name__
        if kind not in _logged:
            _logged.add(kind)
            _log.debug("no tags, and none whenever this happens again: %s: %s", kind, e)
        return []


def tag(entity: str, cardinality: AnyCardinality = LOW) -> List[str]:
    """An alias of :func:`get_tags`."""
    return get_tags(entity, cardinality)


def standard(entity: str) -> List[str]:
    """:meth:`Client.standard`, of the default client."""
    return _client().standard(entity)


def list_entities(*prefixes: str) -> Dict[str, Dict[str, List[str]]]:
    """:meth:`Client.list_entities`, of the default client."""
    return _client().list_entities(*prefixes)


def watch(*prefixes: str, cardinality: AnyCardinality = LOW) -> Iterator[Event]:
    """:meth:`Client.watch`, of the default client."""
    return _client().watch(*prefixes, cardinality=cardinality)

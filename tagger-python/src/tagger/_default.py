"""The functions of the module, over a client shared by the process."""

from __future__ import annotations

import logging
from typing import Any, Callable, Dict, Iterator, List, Set

from ._cardinality import LOW, AnyCardinality
from ._client import Client
from ._protocol import Attribute, Event, Tags, default_socket

_log = logging.getLogger("tagger")
_clients: Dict[str, Client] = {}
_logged: Set[str] = set()


def _client() -> Client:
    path = default_socket()  # looked up each time: the agent's start or a change of the environment may follow the import
    return _clients.get(path) or _clients.setdefault(path, Client(path))


def _ask(entity: str, cardinality: AnyCardinality = LOW, wait: float = 0.0) -> List[str]:
    return _client().tag(entity, cardinality, wait)


#: Answers :func:`get_tags`; replaced by the stub of :mod:`tagger.testing`.
answering: Callable[..., List[str]] = _ask


def get_tags(*arguments: Any, **named: Any) -> List[str]:
    """The tags of an entity, at a level and below: ``get_tags(entity, cardinality=LOW, wait=0.0)``.

    Never raises: without an agent, without an answer within a second, or with invalid arguments, there are no tags. Each kind of
    error is logged once, at debug, by the logger ``tagger``.

    :param entity: ``prefix://id``, for instance ``container_id://3f4a``
    :param cardinality: :data:`LOW`, :data:`ORCHESTRATOR`, :data:`HIGH`, their names, or a boolean: true is high
    :param wait: the longest wait for complete tags, in seconds, up to 30; none by default
    :return: a new list, sorted within each level; empty for an unknown entity, and on any error
    """
    try:
        return answering(*arguments, **named)
    except Exception as e:
        kind = type(e).__name__
        if kind not in _logged:
            _logged.add(kind)
            _log.debug("no tags, and none whenever this happens again: %s: %s", kind, e)
        return []


def tag(*arguments: Any, **named: Any) -> List[str]:
    """An alias of :func:`get_tags`."""
    return get_tags(*arguments, **named)


def tag_with_completeness(entity: str, cardinality: AnyCardinality = LOW, wait: float = 0.0) -> Tags:
    """:meth:`Client.tag_with_completeness`, of the default client."""
    return _client().tag_with_completeness(entity, cardinality, wait)


def standard(entity: str) -> List[str]:
    """:meth:`Client.standard`, of the default client."""
    return _client().standard(entity)


def self_tags(cardinality: AnyCardinality = LOW, wait: float = 0.0) -> List[str]:
    """:meth:`Client.self_tags`, of the default client."""
    return _client().self_tags(cardinality, wait)


def self_resource(wait: float = 0.0) -> Dict[str, Attribute]:
    """:meth:`Client.self_resource`, of the default client."""
    return _client().self_resource(wait)


def list_entities(*prefixes: str) -> Dict[str, Dict[str, List[str]]]:
    """:meth:`Client.list_entities`, of the default client."""
    return _client().list_entities(*prefixes)


def watch(*prefixes: str, cardinality: AnyCardinality = LOW) -> Iterator[Event]:
    """:meth:`Client.watch`, of the default client."""
    return _client().watch(*prefixes, cardinality=cardinality)

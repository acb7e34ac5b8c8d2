"""The questions and answers of an agent: docs/protocol.md."""

from __future__ import annotations

import functools
import json
import os
import re
from typing import Any, Dict, List, NamedTuple, Optional, Union
from urllib.parse import quote, urlencode

from . import _cardinality
from ._cardinality import AnyCardinality
from ._errors import BadRequest, TaggerError, Unreachable

#: The value of an attribute.
Attribute = Union[str, List[str]]

#: The default deadline of an answer, in seconds.
DEADLINE = 1.0

#: The longest wait of an agent for complete tags, in seconds.
LONGEST_WAIT = 30.0

_SYSTEM_SOCKET = "/run/tagger/tagger.sock"

#: The agent takes request lines of 16 KB; this leaves room for the rest of the line.
_LONGEST_ENTITY = 15 * 1024

_CONTAINER = re.compile("[0-9a-f]{64}|[0-9a-f]{32}-[0-9]{1,10}")


class Tags(NamedTuple):
    """The tags of an entity."""

    #: Sorted within each level.
    tags: List[str]
    #: Whether the tags are final until the next change outside. If not, ask again later.
    complete: bool


class Event(NamedTuple):
    """A change of an entity."""

    #: ``added``, ``modified``, ``deleted``, or ``synced``: the end of the present entities. Also ``alive``, now and then.
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


def request(target: str, headers: str = "") -> bytes:
    """The bytes of a request."""
    return ("GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n" % (target, headers)).encode("ascii")


def tags_request(entity: str, cardinality: AnyCardinality, wait: float = 0.0) -> bytes:
    """Asks for the tags of an entity.

    :raises BadRequest: if an argument is not valid
    """
    if not isinstance(entity, str):
        raise BadRequest("an entity id is text such as container_id://3f4a, not %s" % type(entity).__name__)
    return _question(entity, "cardinality=" + _cardinality.of(cardinality).value + _wait(wait))


def standard_request(entity: str) -> bytes:
    """Asks for the standard tags of an entity; raises as :func:`tags_request`."""
    if not isinstance(entity, str):
        raise BadRequest("an entity id is text such as container_id://3f4a, not %s" % type(entity).__name__)
    return _question(entity, "standard=true")


def self_request(cardinality: AnyCardinality, wait: float = 0.0) -> bytes:
    """Asks for the entity of this process."""
    return _own_request("/v1/self?cardinality=" + _cardinality.of(cardinality).value + _wait(wait))


def self_resource_request(wait: float = 0.0) -> bytes:
    """Asks for the attributes of the entity of this process."""
    return _own_request("/v1/resource?entity=self" + _wait(wait))


def _own_request(target: str) -> bytes:
    claim = own_claim()
    return request(target, "Tagger-Local-Data: %s\r\n" % claim if claim else "")


def list_request(path: str, prefixes: Any, **parameters: str) -> bytes:
    """Asks for many entities."""
    try:
        pairs = [("prefix", prefix) for prefix in prefixes] + list(parameters.items())
        return request(path + "?" + urlencode(pairs))
    except (TypeError, UnicodeError) as e:
        raise BadRequest("the question can't be sent: %s" % e) from e


def answer(path: str, status: int, body: bytes) -> Any:
    """Reads an answer.

    :return: None for an unknown entity
    :raises TaggerError: for an error, or an invalid answer
    """
    try:
        found = json.loads(body)
    except ValueError as e:
        raise TaggerError("the server at %s is no tagger agent: %s" % (path, e)) from e
    if not isinstance(found, dict):
        raise TaggerError("the server at %s is no tagger agent: the answer is %.100r" % (path, found))
    if status == 200:
        return found
    error = found.get("error")
    code, message = (error.get("code"), error.get("message")) if isinstance(error, dict) else (None, found)
    if code in ("unknown_entity", "unknown_origin"):
        return None
    kind = BadRequest if status in (400, 414) else TaggerError
    raise kind("the agent at %s answers %d: %.500s" % (path, status, message))


def tags_of(path: str, found: Optional[Dict[str, Any]], name: str = "tags") -> List[str]:
    """The tags of an answer.

    :raises TaggerError: if the answer has none
    """
    if found is None:
        return []
    tags = found.get(name)
    if not isinstance(tags, list):
        raise TaggerError("the server at %s is no tagger agent: the answer has no %s" % (path, name))
    return tags


def attributes_of(path: str, found: Optional[Dict[str, Any]]) -> Dict[str, Attribute]:
    """The attributes of an answer.

    :raises TaggerError: if the answer has none
    """
    if found is None:
        return {}
    attributes = found.get("attributes")
    if not isinstance(attributes, dict):
        raise TaggerError("the server at %s is no tagger agent: the answer has no attributes" % path)
    return attributes


def event(path: str, status: int, line: bytes) -> Event:
    """Reads a line of a watch; raises as :func:`answer`."""
    found = answer(path, status, line)
    return Event(str(found.get("type", "")), str(found.get("entity", "")), list(found.get("tags", [])))


def own_claim() -> str:
    """What this process knows of its own container: ``in-<inode>,ci-<container id>``, as far as known."""
    items = []
    try:
        v1 = "/sys/fs/cgroup/memory"
        inode = os.stat(v1 if os.path.isdir(v1) else "/sys/fs/cgroup").st_ino
        if inode > 1:
            items.append("in-%d" % inode)
    except OSError:
        pass
    try:
        with open("/proc/self/cgroup") as file:
            found = _CONTAINER.findall(file.read(65536))
        if found:
            items.append("ci-" + found[-1])
    except OSError:
        pass
    return ",".join(items)


def _wait(seconds: float) -> str:
    if seconds == 0:
        return ""
    if not isinstance(seconds, (int, float)) or not 0 <= seconds <= LONGEST_WAIT:
        raise BadRequest("wait is %.50r, and must be 0 to %d seconds" % (seconds, LONGEST_WAIT))
    return "&wait=%dms" % (seconds * 1000)


@functools.lru_cache(maxsize=1024)
def _question(entity: str, how: str) -> bytes:
    try:
        quoted = quote(entity, safe="")
    except UnicodeError as e:
        raise BadRequest("the entity id %.40r can't be sent: %s" % (entity, e)) from e
    if len(quoted) > _LONGEST_ENTITY:
        raise BadRequest("the entity id %.40r... is too long: at most %d bytes" % (entity, _LONGEST_ENTITY))
    return request("/v1/tags?entity=" + quoted + "&" + how)

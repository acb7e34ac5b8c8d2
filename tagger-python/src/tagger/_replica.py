"""A copy of the agent's tags in this process, kept up to date by a watch."""

from __future__ import annotations

import json
import random
import threading
from typing import Dict, List, Optional, Tuple

from . import _protocol
from ._connection import Connection
from ._errors import TaggerError

#: Seconds between two attempts to connect: at first, and at most.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0

#: Seconds without a line after which an agent counts as lost: an agent gives a sign of life every 20 s.
_LONGEST_SILENCE = 60.0


#: The tags up to each level, and whether they are complete.
Known = Tuple[Tuple[List[str], List[str], List[str]], bool]


class Replica:
    """Follows the agent in a thread of its own. Reads are lookups in a dict, from any thread; without the agent the last state is
    served."""

    def __init__(self, path: str, deadline: float, known: Optional[Dict[str, Known]] = None) -> None:
        self._path = path
        self._deadline = deadline
        self.entities: Dict[str, Known] = {} if known is None else dict(known)
        #: The entities that an agent sends anew, until all have come; the known ones are served meanwhile.
        self._new: Optional[Dict[str, Known]] = None
        self.synced = threading.Event()
        #: Why the agent is not followed at the moment; None while it is.
        self.problem: Optional[str] = "the agent has not answered yet"
        self._token = ""
        self._connection: Optional[Connection] = None
        self._ended = threading.Event()
        threading.Thread(target=self._run, name="tagger-replica", daemon=True).start()

    def close(self) -> None:
        """Ends the thread."""
        self._ended.set()
        connection = self._connection
        if connection is not None:
            connection.shutdown()

    def _run(self) -> None:
        pause = _FIRST_PAUSE
        while not self._ended.is_set():
            connection = self._connection = Connection(self._path)
            if not self._token and self.entities:
                self._new = {}  # the agent will not tell which of the known entities have gone
            try:
                for status, line in connection.lines(self._request(), self._deadline, _LONGEST_SILENCE):
                    self._take(status, line)
                    pause = _FIRST_PAUSE
                    if self._ended.is_set():
                        return
            except TaggerError as e:
                self.problem = str(e)
            except Exception as e:  # an agent of another version, for instance
                self.problem = "the agent's report can't be used: %s: %s" % (type(e).__name__, e)
            finally:
                connection.close()
            # At random, so that the clients of a restarted agent do not all return at the same moment.
            self._ended.wait(pause * (1 + random.random()))
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _request(self) -> bytes:
        resume = {"resume": self._token} if self._token else {}
        return _protocol.list_request("/v1/watch", [], sources="true", cardinality="high", **resume)

    def _take(self, status: int, line: bytes) -> None:
        if status != 200:
            _protocol.answer(self._path, status, line)
        event = json.loads(line)
        kind = event["type"]
        if kind in ("added", "modified"):
            low = event.get("low", [])
            orchestrator = low + event.get("orchestrator", [])
            high = orchestrator + event.get("high", [])
            self._next[event["entity"]] = ((low, orchestrator, high), event.get("complete", False))
        elif kind == "deleted":
            self._next.pop(event["entity"], None)
        elif kind == "start_over":
            self._new = {}
        elif kind == "synced":
            if self._new is not None:
                self.entities, self._new = self._new, None
            self.synced.set()
        elif kind == "token":
            self._token = event["token"]
        self.problem = None

    @property
    def _next(self) -> Dict[str, Known]:
        return self.entities if self._new is None else self._new

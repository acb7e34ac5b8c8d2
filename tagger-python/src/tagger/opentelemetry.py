"""A resource detector for OpenTelemetry's SDK: the attributes of this process, from the tagger agent.

The distribution registers the detector as ``tagger``: ``OTEL_EXPERIMENTAL_RESOURCE_DETECTORS=tagger`` is all that an application needs.
"""

from __future__ import annotations

import os
from typing import List

from opentelemetry.sdk.resources import Resource, ResourceDetector

from ._client import Client
from ._errors import TaggerError

__all__ = ["TaggerResourceDetector"]

_WAIT = 0.3
_SPARE = 0.1


class TaggerResourceDetector(ResourceDetector):
    """Asks the agent once.

    :param wait: the longest wait for complete attributes, in seconds; the answer comes a tenth of a second later at most
    """

    def __init__(self, raise_on_error: bool = False, wait: float = _WAIT) -> None:
        super().__init__(raise_on_error)
        self._wait = wait

    def detect(self) -> Resource:
        """The attributes of this process by OpenTelemetry's semantic conventions.

        :return: the resource; empty without an agent, or if nobody can tell
        :raises TaggerError: if the agent can't be asked, and ``raise_on_error`` is true
        """
        try:
            with Client(deadline=_SPARE) as client:
                found = client.self_resource(self._wait)
        except TaggerError:
            if self.raise_on_error:
                raise
            return Resource.get_empty()
        # Before version 1.42 the SDK merged the environment's attributes in any order.
        for name in _of_the_user():
            found.pop(name, None)
        return Resource(found)


def _of_the_user() -> List[str]:
    names = [pair.split("=", 1)[0].strip() for pair in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "").split(",")]
    return names + ["service.name"] if os.environ.get("OTEL_SERVICE_NAME") else names

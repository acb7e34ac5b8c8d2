"""A stub for tests of checks, with the shape of ``datadog_checks.base.stubs.tagging``.

    def test_check(monkeypatch):
        stub = tagger.testing.TaggerStub()
        stub.set_tags({"container_id://web": ["env:prod"]})
        with stub.installed():
            check("web")  # calls tagger.get_tags
        stub.assert_called("container_id://web", tagger.ORCHESTRATOR)
"""

from __future__ import annotations

import contextlib
from typing import Dict, Iterator, List, Set, Tuple

from . import _cardinality, _default
from ._cardinality import HIGH, LOW, ORCHESTRATOR, AnyCardinality, Cardinality

__all__ = ["TaggerStub"]


class TaggerStub:
    """Answers with the tags of the test, at every level, and remembers the questions. Stricter than :func:`tagger.get_tags`: a wrong
    argument raises."""

    LOW = LOW
    ORCHESTRATOR = ORCHESTRATOR
    HIGH = HIGH

    def __init__(self) -> None:
        self._tags: Dict[str, List[str]] = {}
        self._calls: Set[Tuple[str, Cardinality]] = set()

    def set_tags(self, tags: Dict[str, List[str]]) -> None:
        """Sets the tags of entities, in place of all tags before."""
        self._tags = {entity: list(known) for entity, known in tags.items()}

    def reset(self) -> None:
        """Forgets all tags and questions."""
        self._tags = {}
        self._calls = set()

    def tag(self, entity: str, cardinality: AnyCardinality = LOW, wait: float = 0.0) -> List[str]:
        """The tags of an entity.

        :raises ValueError: if the entity or the cardinality is not valid
        """
        if not isinstance(entity, str) or "://" not in entity:
            raise ValueError("%.100r is no entity id: container_id://3f4a, for instance" % (entity,))
        self._calls.add((entity, _cardinality.of(cardinality)))
        return list(self._tags.get(entity, []))

    get_tags = tag

    def assert_called(self, entity: str, cardinality: AnyCardinality = LOW) -> None:
        """Checks that a question was asked."""
        asked = (entity, _cardinality.of(cardinality))
        assert asked in self._calls, "nobody has asked for %s at %s; the questions: %s" % (
            entity,
            asked[1].value,
            sorted((name, level.value) for name, level in self._calls),
        )

    @contextlib.contextmanager
    def installed(self) -> Iterator[TaggerStub]:
        """Answers :func:`tagger.get_tags` and :func:`tagger.tag` in this process, until the end of the block."""
        before = _default.answering
        _default.answering = self.tag
        try:
            yield self
        finally:
            _default.answering = before

"""``get_tags``: the arguments of ``tag()``, and the empty list on any error."""

import logging
import pathlib
import subprocess
import sys
import time

import pytest

import tagger
from tagger import _default

LOW = ["env:prod", "image_name:web", "service:shop", "team:core"]
ORCHESTRATOR = LOW + ["pod_name:web-1"]
HIGH = ORCHESTRATOR + ["container_id:web"]


@pytest.fixture
def default(shared, monkeypatch):
    monkeypatch.setenv("TAGGER_IPC_SOCKET", shared.socket)
    monkeypatch.setattr(_default, "_logged", set())


@pytest.mark.parametrize(
    "arguments, tags",
    [
        ((), LOW),
        ((tagger.LOW,), LOW),
        ((tagger.ORCHESTRATOR,), ORCHESTRATOR),
        ((tagger.HIGH,), HIGH),
        (("low",), LOW),
        (("orch",), ORCHESTRATOR),
        (("Orchestrator",), ORCHESTRATOR),
        (("HIGH",), HIGH),
        ((False,), LOW),
        ((True,), HIGH),
    ],
)
def test_takes_what_tag_takes(default, arguments, tags):
    assert tagger.get_tags("container_id://web", *arguments) == tags
    assert tagger.tag("container_id://web", *arguments) == tags


def test_other_letters(default):
    assert tagger.get_tags("container_id://größe") == ["größe:ein Meter"]


def test_unknown_entity_has_no_tags(default):
    assert tagger.get_tags("container_id://nobody") == []


@pytest.mark.parametrize(
    "entity, cardinality",
    [
        (None, "low"),
        (b"container_id://web", "low"),
        (17, "low"),
        (["container_id://web"], "low"),
        ("", "low"),
        ("web", "low"),
        ("://web", "low"),
        ("Container://web", "low"),
        ("container_id://", "low"),
        ("container_id://" + "x" * 1_000_000, "low"),
        ("container_id://" + "ü" * 10_000, "low"),
        ("container_id://\ud800", "low"),
        ("container_id://web\r\nX-Evil: 1", "low"),
        ("container_id://web", "medium"),
        ("container_id://web", None),
        ("container_id://web", 2),
        ("container_id://web", b"low"),
    ],
)
def test_what_makes_no_sense_has_no_tags(default, entity, cardinality):
    assert tagger.get_tags(entity, cardinality) == []
    assert tagger.get_tags("container_id://web") == LOW, "the next question is not spoilt"


def test_each_kind_of_error_is_logged_once_at_debug(default, caplog, monkeypatch, tmp_path):
    caplog.set_level(logging.DEBUG, "tagger")
    tagger.get_tags("web")
    tagger.get_tags("also web")
    monkeypatch.setenv("TAGGER_IPC_SOCKET", str(tmp_path / "none.sock"))
    tagger.get_tags("container_id://web")
    tagger.get_tags("container_id://web")

    assert [(record.levelname, record.getMessage().split(": ")[1]) for record in caplog.records] == [
        ("DEBUG", "BadRequest"),
        ("DEBUG", "Unreachable"),
    ]


def test_agent_that_hangs_costs_a_second(served, monkeypatch):
    monkeypatch.setenv("TAGGER_IPC_SOCKET", served(lambda connection: connection.recv(65536) and connection.recv(1)))
    begin = time.monotonic()
    assert tagger.get_tags("container_id://web") == []
    assert 0.9 < time.monotonic() - begin < 3


def test_list_is_the_callers(default):
    tagger.get_tags("container_id://web").append("mine")
    assert tagger.get_tags("container_id://web") == LOW


def test_the_other_functions(default):
    assert tagger.standard("container_id://web") == ["env:prod", "service:shop"]
    assert tagger.list_entities("job") == {"job://1": {"static": ["name:init"]}}
    events = tagger.watch("job")
    assert next(events) == tagger.Event("added", "job://1", ["name:init"])
    events.close()


def test_import_asks_nobody(tmp_path):
    program = "import tagger; print(tagger.get_tags('container_id://web'))"
    printed = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env={"TAGGER_IPC_SOCKET": str(tmp_path / "none"), "PYTHONPATH": str(pathlib.Path(tagger.__file__).parents[1])},
        check=True,
        capture_output=True,
        text=True,
    )
    assert (printed.stdout, printed.stderr) == ("[]\n", "")

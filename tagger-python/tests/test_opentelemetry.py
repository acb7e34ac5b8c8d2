"""The resource detector, found and run by OpenTelemetry's SDK, beside a real agent."""

import pytest
from opentelemetry.sdk.resources import Resource

import tagger
from tagger.opentelemetry import TaggerResourceDetector


@pytest.fixture
def agent(shared, monkeypatch):
    monkeypatch.setenv("TAGGER_IPC_SOCKET", shared.socket)
    return shared


def test_detector_has_the_attributes_of_this_process(agent):
    known = tagger.Client(agent.socket).self_resource(wait=2)
    found = TaggerResourceDetector(wait=2).detect().attributes
    assert known
    assert {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()} == known


def test_sdk_finds_the_detector_and_the_user_wins(agent, monkeypatch):
    monkeypatch.setenv("OTEL_EXPERIMENTAL_RESOURCE_DETECTORS", "tagger")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "mine")
    name, value = next(iter(tagger.Client(agent.socket).self_resource(wait=2).items()))
    attributes = Resource.create().attributes
    assert attributes["service.name"] == "mine"
    assert name in attributes
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "%s=of-the-user" % name)
    assert Resource.create().attributes[name] == "of-the-user"


def test_detector_leaves_out_what_the_user_set(agent, monkeypatch):
    name = next(iter(tagger.Client(agent.socket).self_resource(wait=2)))
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "x=1, %s = mine" % name)
    assert name not in TaggerResourceDetector(wait=2).detect().attributes


def test_without_an_agent_there_is_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("TAGGER_IPC_SOCKET", str(tmp_path / "none.sock"))
    assert TaggerResourceDetector().detect() == Resource.get_empty()
    with pytest.raises(tagger.Unreachable):
        TaggerResourceDetector(raise_on_error=True).detect()

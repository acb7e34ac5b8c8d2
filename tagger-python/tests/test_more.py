"""Completeness, waits, this process's own tags, the replica, asyncio and the stub for tests."""

import asyncio
import os
import signal
import time

import pytest

import tagger
import tagger.aio
import tagger.testing

WEB = "container_id://web"
LOW = ["env:prod", "image_name:web", "service:shop", "team:core"]
HIGH = LOW + ["pod_name:web-1", "container_id:web"]


def until(condition):
    """Waits for a condition; an agent's file and sockets are looked at several times a second."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "the condition has not come"
        os.sched_yield()


def test_completeness(shared):
    with tagger.Client(shared.socket) as client:
        assert client.tag_with_completeness(WEB, "high") == tagger.Tags(HIGH, True)
        assert client.tag_with_completeness("container_id://nobody") == ([], True)


def test_wait_for_an_entity_that_comes(own):
    own.entities.write_text("entities {}")
    client = tagger.Client(own.start().socket)
    assert client.tag(WEB) == []
    own.entities.write_text('entities { "%s" { low = ["team:edge"] } }' % WEB)
    assert client.tag(WEB, wait=10) == ["team:edge"]


@pytest.mark.parametrize("wait", [-1, 31, "2s", None, float("nan")])
def test_wait_that_is_none(shared, wait):
    with pytest.raises(tagger.BadRequest, match="wait is"):
        tagger.Client(shared.socket).tag(WEB, "low", wait)


def test_own_tags_are_a_list(shared):
    tags = tagger.Client(shared.socket).self_tags("high", wait=0.2)
    assert isinstance(tags, list)


def test_own_attributes_have_the_names_of_opentelemetry(shared):
    attributes = tagger.Client(shared.socket).self_resource(wait=0.2)
    assert isinstance(attributes, dict)
    assert all(isinstance(value, (str, list)) for value in attributes.values())
    with pytest.raises(tagger.BadRequest, match="wait is"):
        tagger.Client(shared.socket).self_resource(wait=-1)


def test_arguments_of_any_kind_are_no_tags(shared, monkeypatch):
    monkeypatch.setenv("TAGGER_IPC_SOCKET", shared.socket)
    assert tagger.get_tags() == []
    assert tagger.get_tags(WEB, "low", 0, "more") == []
    assert tagger.get_tags(WEB, level="low") == []
    assert tagger.tag(entity=WEB, cardinality=tagger.LOW) == LOW


def test_replica_answers_from_memory_and_follows(own):
    with tagger.Client(own.start().socket, replica=True) as client:
        assert client.wait_synced(10)
        assert client.tag(WEB, tagger.HIGH) == HIGH
        client.tag(WEB).append("changed")
        assert client.tag(WEB) == LOW
        own.entities.write_text('entities { "%s" { low = ["team:edge"] } }' % WEB)
        until(lambda: client.tag(WEB, tagger.HIGH) == ["team:edge"])
        assert client.problem is None
        own.stop(signal.SIGKILL)
        until(lambda: client.problem is not None)
        assert client.tag(WEB) == ["team:edge"]  # the last state
        own.start()
        until(lambda: client.problem is None)
        assert client.tag(WEB) == ["team:edge"]


def test_replica_in_a_child_is_a_new_one(shared):
    client = tagger.Client(shared.socket, replica=True)
    assert client.wait_synced(10)
    child = os.fork()
    if child == 0:
        ok = client.tag(WEB) == LOW and client.wait_synced(10) and client.problem is None
        os._exit(0 if ok else 1)
    assert os.waitpid(child, 0)[1] == 0
    client.close()


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"])
def test_replica_without_an_agent_says_why(served, answer):
    def talk(connection):
        connection.recv(65536)
        connection.sendall(answer)

    with tagger.Client(served(talk), replica=True) as client:
        until(lambda: client.problem != "the agent has not answered yet")
        assert client.problem


def test_asyncio(own):
    async def ask():
        async with tagger.aio.Client(own.start().socket) as client:
            assert await client.tag(WEB, "high") == HIGH
            assert await client.tag_with_completeness("container_id://nobody") == ([], True)
            assert await client.standard(WEB) == ["env:prod", "service:shop"]
            assert isinstance(await client.self_tags(), list)
            assert isinstance(await client.self_resource(), dict)
            assert WEB in await client.list_entities("container_id")
            assert await asyncio.gather(*[client.tag(WEB) for _ in range(20)]) == [LOW] * 20
            types = []
            async for event in client.watch("container_id"):
                types.append(event.type)
                if event.type == "synced":
                    break
            assert types == ["added", "added", "synced"]
            with pytest.raises(tagger.BadRequest):
                await client.tag("web")
            own.stop(signal.SIGKILL)
            with pytest.raises(tagger.Unreachable):
                await client.tag(WEB)
            own.start()
            assert await client.tag(WEB) == LOW

    asyncio.run(ask())


def test_asyncio_and_an_agent_that_is_silent(served):
    async def ask(path):
        client = tagger.aio.Client(path, deadline=0.1)
        with pytest.raises(tagger.DeadlineExceeded):
            await client.tag(WEB)

    asyncio.run(ask(served(lambda connection: connection.recv(65536) and connection.recv(1))))


def test_stub():
    stub = tagger.testing.TaggerStub()
    stub.set_tags({WEB: ["env:prod"]})
    with stub.installed():
        assert tagger.get_tags(WEB, stub.HIGH) == ["env:prod"]
        assert tagger.get_tags("container_id://other") == []
    stub.assert_called(WEB, "high")
    with pytest.raises(AssertionError, match="nobody has asked"):
        stub.assert_called(WEB)
    with pytest.raises(ValueError, match="no entity id"):
        stub.tag("web")
    stub.reset()
    assert stub.tag(WEB) == []


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{\"tags\":17}",
        b"HTTP/1.1 200 OK\r\nx: " + b"x" * 20000,
        b"HTTP/1.1 2x0 OK\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_answer_that_is_odd(served, answer):
    def talk(connection):
        connection.recv(65536)
        connection.sendall(answer)

    with pytest.raises(tagger.TaggerError):
        tagger.Client(served(talk), deadline=2).tag(WEB)

"""The client: errors with names, connections that last and come back."""

import ast
import os
import pathlib
import signal
import socket
import threading
import time

import pytest

import tagger

WEB = "container_id://web"
LOW = ["env:prod", "image_name:web", "service:shop", "team:core"]


def test_errors_say_what_is_wrong(shared):
    with tagger.Client(shared.socket) as client:
        with pytest.raises(tagger.BadRequest, match="no entity id|web"):
            client.tag("web")
        with pytest.raises(ValueError, match="'medium' is no cardinality"):
            client.tag(WEB, "medium")
        with pytest.raises(tagger.BadRequest, match="not bytes"):
            client.tag(b"container_id://web")
        with pytest.raises(tagger.BadRequest, match="Docker"):
            client.list_entities("Docker")
        with pytest.raises(tagger.BadRequest, match="Docker"):
            next(client.watch("Docker"))
        assert client.tag("container_id://nobody") == []
        assert client.standard("container_id://nobody") == []
        assert client.list_entities("nobody") == {}
        assert client.tag(WEB) == LOW


def test_socket_that_is_missing_or_none(tmp_path):
    with pytest.raises(tagger.Unreachable, match="tagger run"):
        tagger.Client(str(tmp_path / "none")).tag(WEB)
    (tmp_path / "file").write_text("")
    with pytest.raises(tagger.Unreachable, match="refused"):
        tagger.Client(str(tmp_path / "file")).tag(WEB)
    with pytest.raises(tagger.Unreachable, match="too long"):
        tagger.Client("/tmp/" + "x" * 200).tag(WEB)


def test_socket_without_permission(shared):
    """Root has every permission: a child drops the permission."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        else:
            os.chmod(shared.socket, 0)
        try:
            tagger.Client(shared.socket).tag(WEB)
        except Exception as e:
            os.write(write, ("%s: %s" % (type(e).__name__, e)).encode())
        os._exit(0)
    os.close(write)
    with open(read) as told:
        assert told.read().startswith("Unreachable: the agent at")
    os.waitpid(child, 0)


@pytest.mark.parametrize(
    "answer, error",
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", tagger.TaggerError),
        (b"", tagger.Unreachable),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", tagger.Unreachable),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", tagger.TaggerError),
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\n[]", tagger.TaggerError),
        (b"HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\n{}", tagger.TaggerError),
    ],
)
def test_what_is_no_agent(served, answer, error):
    def talk(connection):
        connection.recv(65536)
        connection.sendall(answer)

    with pytest.raises(error):
        tagger.Client(served(talk)).tag(WEB)


def test_deadline_counts_for_the_whole_answer(served):
    """Each byte comes in time, the answer does not."""
    over = threading.Event()

    def talk(connection):
        connection.recv(65536)
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b" " * 1000:
            connection.sendall(bytes([byte]))
            over.wait(0.02)

    begin = time.monotonic()
    with pytest.raises(tagger.DeadlineExceeded):
        tagger.Client(served(talk), deadline=0.3).tag(WEB)
    assert time.monotonic() - begin < 3
    over.set()


def test_connection_that_was_closed_meanwhile_is_made_anew(served):
    connections = []

    def talk(connection):
        connections.append(connection)
        connection.recv(65536)
        body = b'{"tags":["a:b"]}'
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    with tagger.Client(served(talk)) as client:
        assert [client.tag(WEB) for _ in range(3)] == [["a:b"]] * 3
    assert len(connections) == 3


def test_agent_that_is_killed_and_started_again(own):
    client = tagger.Client(own.start().socket)
    assert client.tag(WEB) == LOW
    own.stop(signal.SIGKILL)
    with pytest.raises(tagger.Unreachable):
        client.tag(WEB)
    own.start()
    assert client.tag(WEB) == LOW
    client.close()


def test_threads_share_a_client(shared):
    client = tagger.Client(shared.socket)
    answers = []

    def ask():
        answers.extend(client.tag(WEB) for _ in range(200))
        client.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [LOW] * 1600


def test_child_has_a_connection_of_its_own(shared):
    client = tagger.Client(shared.socket)
    assert client.tag(WEB) == LOW
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        for _ in range(100):
            os.write(write, b"." if client.tag(WEB) == LOW else b"!")
        os._exit(0)
    os.close(write)
    assert [client.tag(WEB) for _ in range(100)] == [LOW] * 100
    with open(read) as told:
        assert told.read() == "." * 100
    os.waitpid(child, 0)
    client.close()


def test_watch_tells_what_there_is_and_what_changes(own):
    events = tagger.Client(own.start().socket).watch("container_id", cardinality="high")
    there = [next(events), next(events)]
    assert {event.entity for event in there} == {WEB, "container_id://größe"}
    assert all(event.type == "added" for event in there)
    assert next(events) == tagger.Event("synced", "", [])
    own.entities.write_text('entities { "%s" { low = ["team:edge"] } }' % WEB)
    changes = {event.entity: event for event in (next(events), next(events))}
    assert changes[WEB] == tagger.Event("modified", WEB, ["team:edge"])
    assert changes["container_id://größe"].type == "deleted"
    own.stop(signal.SIGKILL)
    with pytest.raises(tagger.Unreachable, match="went away"):
        next(events)


@pytest.mark.parametrize("rest", [b"", b"0\r\n\r\n", b'8\r\n{"type":\r\n', b'8\r\n{"type":\r\n0\r\n\r\n', b'20\r\n{"type":'])
def test_watch_that_ends_anywhere_is_an_agent_that_went_away(served, rest):
    def talk(connection):
        connection.recv(65536)
        connection.sendall(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n12\r\n{"type":"synced"}\n\r\n' + rest)

    events = tagger.Client(served(talk)).watch()
    assert next(events).type == "synced"
    with pytest.raises(tagger.Unreachable, match="went away"):
        next(events)


def test_watch_that_is_dropped_closes_its_connection(served):
    closed = threading.Event()

    def talk(connection):
        connection.recv(65536)
        connection.sendall(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n12\r\n{"type":"synced"}\n\r\n')
        if connection.recv(1) == b"":
            closed.set()

    events = tagger.Client(served(talk)).watch()
    assert next(events).type == "synced"
    events.close()
    assert closed.wait(5)


def test_runs_on_python_3_8():
    for file in pathlib.Path(tagger.__file__).parent.glob("*.py"):
        ast.parse(file.read_text(), str(file), feature_version=(3, 8))


def test_where_the_agent_is_looked_for(monkeypatch, tmp_path):
    from tagger._client import default_socket

    monkeypatch.delenv("TAGGER_IPC_SOCKET", raising=False)
    monkeypatch.delenv("TAGGER_CLIENT_AGENT", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert default_socket() == "/run/tagger/tagger.sock"
    (tmp_path / "tagger").mkdir()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "tagger/tagger.sock"))
    listener.close()
    assert default_socket() == str(tmp_path / "tagger/tagger.sock")
    monkeypatch.setenv("TAGGER_IPC_SOCKET", "/elsewhere")
    assert default_socket() == "/elsewhere"
    monkeypatch.setenv("TAGGER_CLIENT_AGENT", "unix:/by/agent")
    assert default_socket() == "/by/agent"
    monkeypatch.setenv("TAGGER_CLIENT_AGENT", "unix:///by/url")
    assert default_socket() == "/by/url"
    monkeypatch.setenv("TAGGER_CLIENT_AGENT", "/by/path")
    assert default_socket() == "/by/path"
    monkeypatch.setenv("TAGGER_CLIENT_AGENT", "tls://node7:7733")
    with pytest.raises(tagger.TaggerError, match="node7"):
        default_socket()
    assert tagger.get_tags("container_id://x", "low") == []

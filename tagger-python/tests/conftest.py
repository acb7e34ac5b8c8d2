"""A real agent, the built distribution, with static entities in a file under the control of the tests."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import threading

import pytest

TAGGER = pathlib.Path(
    os.environ.get("TAGGER_HOME", pathlib.Path(__file__).parents[2] / "distribution/target/tagger/tagger")
)
ENTITIES = """
entities {
  "container_id://web" { low = ["image_name:web", "team:core"], orchestrator = ["pod_name:web-1"], high = ["container_id:web"],
                         standard = ["env:prod", "service:shop"] }
  "container_id://größe" { low = ["größe:ein Meter"] }
  "job://1" { low = ["name:init"] }
}
"""


class Agent:
    """An agent on a separate socket."""

    def __init__(self, directory):
        self.socket = str(directory / "tagger.sock")
        self.entities = directory / "entities.conf"
        self.entities.write_text(ENTITIES)
        self._config = directory / "tagger.conf"
        self._config.write_text(
            'tagger.collectors { static { file = "%s", poll-interval = 50ms }, docker.enabled = false, ecs.enabled = false'
            ", kubernetes.enabled = false }\n" % self.entities
        )
        self._process = None

    def start(self):
        self._process = subprocess.Popen(
            [str(TAGGER / "bin/tagger"), "run", "-c", str(self._config), "--socket", self.socket],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "TAGGER_ARCHIVE": "off"},
        )
        for line in self._process.stdout:
            if line.startswith("ready after"):
                return self
        raise AssertionError("the agent has not started: see 'mvn -B -DskipTests package'")

    def stop(self, how=signal.SIGTERM):
        if self._process is not None:
            self._process.send_signal(how)
            self._process.stdout.close()
            self._process.wait(10)
            self._process = None


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """An agent that runs during all tests."""
    agent = Agent(tmp_path_factory.mktemp("agent")).start()
    yield agent
    agent.stop()


@pytest.fixture
def own(tmp_path):
    """An agent for one test, not started yet."""
    agent = Agent(tmp_path)
    yield agent
    agent.stop(signal.SIGKILL)


@pytest.fixture
def served(tmp_path):
    """A fake server on a socket: each connection goes to a function."""
    with contextlib.ExitStack() as stack:

        def serve(answer):
            path = str(tmp_path / "other.sock")
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            listener.bind(path)
            listener.listen()
            stack.callback(listener.close)

            def accept():
                while True:
                    try:
                        connection, _ = listener.accept()
                    except OSError:
                        return
                    threading.Thread(target=talk, args=(connection,), daemon=True).start()

            def talk(connection):
                with connection, contextlib.suppress(OSError):
                    answer(connection)

            stack.callback(lambda: listener.shutdown(socket.SHUT_RDWR))
            threading.Thread(target=accept, daemon=True).start()
            return path

        yield serve

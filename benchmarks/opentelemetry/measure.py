#!/usr/bin/env python3
"""Measures what tagger-opentelemetry adds to the start of a program with OpenTelemetry's stock Java agent, in pairs.

Usage: benchmarks/opentelemetry/measure.py [PAIRS]
Prints the medians of PAIRS (10) pairs of starts, without and with the extension, for four states of the tagger agent: running, missing, late by
2 s, and hanging. Each start ends with an exported metric; the attributes of the resource are counted. Needs the built tree."""
import glob, json, os, socket, statistics, subprocess, sys, tempfile, threading, time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TAGGER = ROOT + "/distribution/target/tagger/tagger/bin/tagger"
STOCK = ROOT + "/integration-tests/target/opentelemetry/opentelemetry-javaagent.jar"
EXTENSION = next(jar for jar in glob.glob(ROOT + "/tagger-opentelemetry/target/tagger-opentelemetry-*.jar")
                 if "sources" not in jar and "javadoc" not in jar)
SERVICE = """public class Service {
    public static void main(String[] arguments) throws Exception {
        System.out.println("main " + (System.currentTimeMillis() - java.lang.management.ManagementFactory.getRuntimeMXBean().getStartTime()));
        Thread.currentThread().join();
    }
}
"""


def start(work, *options):
    """The milliseconds from the start of the JVM to main, and the attributes of the first exported resource."""
    process = subprocess.Popen(
        ["java", "-javaagent:" + STOCK, "-Dotel.metrics.exporter=experimental-otlp/stdout", "-Dotel.metric.export.interval=100",
         "-Dotel.traces.exporter=none", "-Dotel.logs.exporter=none", "-Dtagger.client.agent=" + work + "/tagger.sock", *options,
         "-cp", work, "Service"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    main = attributes = None
    try:
        for line in process.stdout:
            if line.startswith("main "):
                main = int(line.split()[1])
            elif line.startswith('{"resourceMetrics"'):
                attributes = json.loads(line)["resourceMetrics"][0]["resource"]["attributes"]
            if main is not None and attributes is not None:
                return main, len(attributes)
    finally:
        process.kill()
        process.wait()
    raise SystemExit("the service has ended without a metric")


class Agent:
    def __init__(self, work):
        open(work + "/tagger.conf", "w").write("tagger.collectors { docker.enabled = false, kubernetes.enabled = false, ecs.enabled = false,"
                                               " containerd.enabled = false }\n")
        self.process = subprocess.Popen([TAGGER, "run", "-c", work + "/tagger.conf", "--socket", work + "/tagger.sock"],
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in self.process.stdout:
            if line.startswith("ready after"):
                break
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def stop(self):
        self.process.terminate()
        self.process.wait()


def pairs(work, name, count, before=lambda: None, after=lambda: None):
    without, with_it, attributes = [], [], []
    for _ in range(count):
        before()
        without.append(start(work))
        after()
        before()
        with_it.append(start(work, "-Dotel.javaagent.extensions=" + EXTENSION))
        after()
    added = statistics.median(b[0] - a[0] for a, b in zip(without, with_it))
    print(f"{name:28} without {statistics.median(a[0] for a in without):.0f} ms, with {statistics.median(b[0] for b in with_it):.0f} ms, "
          f"added {added:.0f} ms (median of {count} pairs); attributes {statistics.median(a[1] for a in without):.0f} and "
          f"{statistics.median(b[1] for b in with_it):.0f}", flush=True)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    work = tempfile.mkdtemp(prefix="tagger-otel.")
    open(work + "/Service.java", "w").write(SERVICE)
    subprocess.run(["javac", "-d", work, work + "/Service.java"], check=True)
    start(work)  # the files are read once
    agent = Agent(work)
    pairs(work, "a running agent", count)
    agent.stop()
    pairs(work, "no agent", count)
    late = []

    def soon():
        late.append(threading.Timer(2, lambda: late.append(Agent(work))))
        late[-1].start()

    def over():
        while not isinstance(late[-1], Agent):
            time.sleep(0.05)
        late[-1].stop()
    pairs(work, "an agent that is 2 s late", min(count, 3), soon, over)
    hanging = socket.socket(socket.AF_UNIX)
    hanging.bind(work + "/tagger.sock")
    hanging.listen(100)
    pairs(work, "an agent that hangs", count)
    hanging.close()


if __name__ == "__main__":
    main()

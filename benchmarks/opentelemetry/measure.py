#!/usr/bin/env python3
"""Measures what tagger-opentelemetry and tagger-javaagent add to the start of a program, in pairs.

Usage: benchmarks/opentelemetry/measure.py [PAIRS]
Prints the medians of PAIRS (10) pairs of starts for four states of the tagger agent: running, missing, late by 2 s, and hanging. With OpenTelemetry's
stock Java agent, without and with the extension, and with tagger-javaagent before and behind the stock agent: such a start ends with an exported
metric, and the attributes of the resource are counted. And tagger-javaagent alone in a JVM. Needs the built tree."""
import glob, json, os, socket, statistics, subprocess, sys, tempfile, threading, time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TAGGER = ROOT + "/distribution/target/tagger/tagger/bin/tagger"
STOCK = ROOT + "/integration-tests/target/opentelemetry/opentelemetry-javaagent.jar"


def built(module):
    return next(jar for jar in glob.glob(f"{ROOT}/{module}/target/{module}-*.jar") if "sources" not in jar and "javadoc" not in jar)


STOCK_AGENT = ["-javaagent:" + STOCK]
OURS = ["-javaagent:" + built("tagger-javaagent")]
EXTENDED = STOCK_AGENT + ["-Dotel.javaagent.extensions=" + built("tagger-opentelemetry")]
WITH_STOCK = {"extension": EXTENDED, "tagger-javaagent before": OURS + STOCK_AGENT, "tagger-javaagent behind": STOCK_AGENT + OURS}
SERVICE = """public class Service {
    public static void main(String[] arguments) throws Exception {
        System.out.println("main " + (System.currentTimeMillis() - java.lang.management.ManagementFactory.getRuntimeMXBean().getStartTime()));
        Thread.currentThread().join();
    }
}
"""


def start(work, options):
    """The milliseconds from the start of the JVM to main, and the attributes of the first exported resource; 0 without the stock agent."""
    process = subprocess.Popen(
        ["java", "-Dotel.metrics.exporter=experimental-otlp/stdout", "-Dotel.metric.export.interval=100",
         "-Dotel.traces.exporter=none", "-Dotel.logs.exporter=none", "-Dtagger.client.agent=" + work + "/tagger.sock", *options,
         "-cp", work, "Service"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    main = None
    attributes = None if STOCK_AGENT[0] in options else []
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


def pairs(work, state, count, base, variants, before=lambda: None, after=lambda: None):
    def once(options):
        before()
        result = start(work, options)
        after()
        return result
    for name, options in variants.items():
        found = [(once(base), once(options)) for _ in range(count)]
        without, with_it = [a for a, _ in found], [b for _, b in found]
        added = statistics.median(b[0] - a[0] for a, b in found)
        print(f"{state:25} {name:25} without {statistics.median(a[0] for a in without):.0f} ms, with {statistics.median(b[0] for b in with_it):.0f} ms, "
              f"added {added:.0f} ms (median of {count} pairs); attributes {statistics.median(a[1] for a in without):.0f} and "
              f"{statistics.median(b[1] for b in with_it):.0f}", flush=True)


def all_pairs(work, state, count, *around):
    pairs(work, state, count, STOCK_AGENT, WITH_STOCK, *around)
    pairs(work, state, count, [], {"tagger-javaagent alone": OURS}, *around)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    work = tempfile.mkdtemp(prefix="tagger-otel.")
    open(work + "/Service.java", "w").write(SERVICE)
    subprocess.run(["javac", "-d", work, work + "/Service.java"], check=True)
    start(work, EXTENDED)  # the files are read once
    agent = Agent(work)
    all_pairs(work, "a running agent", count)
    agent.stop()
    all_pairs(work, "no agent", count)
    late = []

    def soon():
        late.append(threading.Timer(2, lambda: late.append(Agent(work))))
        late[-1].start()

    def over():
        while not isinstance(late[-1], Agent):
            time.sleep(0.05)
        late[-1].stop()
    all_pairs(work, "an agent that is 2 s late", min(count, 3), soon, over)
    hanging = socket.socket(socket.AF_UNIX)
    hanging.bind(work + "/tagger.sock")
    hanging.listen(100)
    all_pairs(work, "an agent that hangs", min(count, 5))
    hanging.close()


if __name__ == "__main__":
    main()

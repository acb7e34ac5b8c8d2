#!/usr/bin/env python3
"""Measures the Collector's processor tagger, and prints what it saw.

Usage: benchmarks/otelcol/measure.py cost COLLECTOR [PAIRS]
       benchmarks/otelcol/measure.py names COLLECTOR KUBERNETES
  cost   the processor time of the Collector for each span, in pairs without and with the processor, beside a running agent
  names  the attributes of the same pods by the Collector's own k8s_attributes and by tagger, with a real API server; COLLECTOR has both
         (k8sattributes.yaml), KUBERNETES is the folder made by .ci/kubernetes/build; as root
Needs the built distribution."""
import http.client, importlib.util, json, os, re, statistics, subprocess, sys, tempfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
spec = importlib.util.spec_from_file_location("kubernetes", ROOT + "/benchmarks/kubernetes/measure.py")
kubernetes = importlib.util.module_from_spec(spec)
spec.loader.exec_module(kubernetes)
SPANS = 100


def field(number, kind, value):
    """A field of Protocol Buffers."""
    def varint(n):
        out = b""
        while n > 0x7f:
            out += bytes([n & 0x7f | 0x80])
            n >>= 7
        return out + bytes([n])
    if kind == 2:
        return varint(number << 3 | 2) + varint(len(value)) + value
    return varint(number << 3 | 1) + value.to_bytes(8, "little")


def text(name, value):
    return field(1, 2, name.encode()) + field(2, 2, field(1, 2, value.encode()))


def batch(entity):
    """An ExportTraceServiceRequest with the spans of one resource."""
    spans = b"".join(field(2, 2, field(1, 2, os.urandom(16)) + field(2, 2, os.urandom(8)) + field(5, 2, b"GET /offers")
                           + field(7, 1, 1) + field(8, 1, 2) + field(9, 2, text("http.request.method", "GET"))
                           + field(9, 2, text("url.path", "/offers"))) for _ in range(SPANS))
    resource = field(1, 2, field(1, 2, text("container.id", entity)) + field(1, 2, text("service.name", "shop")))
    return field(1, 2, resource + field(2, 2, spans))


class Collector:
    def __init__(self, program, config, **environment):
        self.work, self.port = tempfile.mkdtemp(prefix="tagger-otelcol."), kubernetes.free_port()
        open(self.work + "/config.yaml", "w").write(config.replace("PORT", str(self.port)))
        self.log = self.work + "/log"
        self.process = subprocess.Popen([program, "--config", self.work + "/config.yaml"], stdout=open(self.log, "w"), stderr=subprocess.STDOUT,
                                        env=dict(os.environ, **environment))
        kubernetes.wait(lambda: "Everything is ready" in open(self.log).read(), what="the Collector: " + self.log)
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port)

    def send(self, body, kind="application/x-protobuf"):
        self.connection.request("POST", "/v1/traces", body, {"content-type": kind})
        answer = self.connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status

    def close(self):
        self.process.kill()
        self.process.wait()


def cost(program, count=5):
    work = tempfile.mkdtemp(prefix="tagger-otelcol.")
    entity = "c" * 64
    open(work + "/tagger.conf", "w").write("tagger.collectors { docker.enabled = false, kubernetes.enabled = false, ecs.enabled = false,"
                                           ' containerd.enabled = false, static.entities { "container_id://%s" { low = ["team:core", "env:prod", "service:shop",'
                                           ' "version:1.2", "kube_namespace:shop", "pod_name:web-1", "kube_deployment:web", "image_name:acme/web",'
                                           ' "image_tag:1.2", "kube_container_name:web"] } } }' % entity)
    agent = subprocess.Popen([kubernetes.TAGGER, "run", "-c", work + "/tagger.conf", "--socket", work + "/tagger.sock"],
                             stdout=open(work + "/log", "w"), stderr=subprocess.STDOUT)
    kubernetes.wait(lambda: "ready after" in open(work + "/log").read(), what="the agent: " + work)
    data = batch(entity)
    connection = http.client.HTTPConnection("localhost")
    connection.sock = kubernetes.socket.socket(kubernetes.socket.AF_UNIX)
    connection.sock.connect(work + "/tagger.sock")
    connection.request("GET", "/v1/resource?entity=container_id://" + entity)
    print(len(json.loads(connection.getresponse().read())["attributes"]), "attributes for each batch")

    def run(processors):
        collector = Collector(program, f"""
receivers: {{ otlp: {{ protocols: {{ http: {{ endpoint: "127.0.0.1:PORT" }} }} }} }}
processors: {{ tagger: {{ endpoint: "unix://{work}/tagger.sock" }} }}
exporters: {{ nop: }}
service: {{ telemetry: {{ metrics: {{ level: none }} }}, pipelines: {{ traces: {{ receivers: [otlp], processors: [{processors}], exporters: [nop] }} }} }}
""")
        for _ in range(500):
            collector.send(data)
        begin = kubernetes.cpu(collector.process.pid)
        for _ in range(5000):
            collector.send(data)
        used = kubernetes.cpu(collector.process.pid) - begin
        collector.close()
        return used / 5000 / SPANS * 1e9

    try:
        pairs = []
        for i in range(count):
            found = {each: run(each) for each in (("", "tagger") if i % 2 else ("tagger", ""))}
            pairs.append((found[""], found["tagger"]))
    finally:
        agent.terminate()
    print(f"processor time for each span, {SPANS} spans in a batch: without {statistics.median(a for a, _ in pairs):.0f} ns, with "
          f"{statistics.median(b for _, b in pairs):.0f} ns, ratio {statistics.median(b / a for a, b in pairs):.2f} (medians of {count} pairs)")


def names(program, binaries):
    cluster = kubernetes.Cluster(os.path.abspath(binaries))
    try:
        cluster.rights("apiserver", "services", "namespaces", "host")
        cluster.kubelet()
        cluster.call("POST", "/api/v1/namespaces", {"metadata": {"name": "shop", "labels": {"team": "core"}}})
        owners = [("ReplicaSet", "apps/v1", "web-56c89cfff7"), ("DaemonSet", "apps/v1", "agent"), ("StatefulSet", "apps/v1", "db"),
                  ("Job", "batch/v1", "nightly-28741230"), None]
        for i, owner in enumerate(owners):
            p = kubernetes.pod(f"p{i}", labels={"app": "web", "app.kubernetes.io/version": "3", "pod-template-hash": "56c89cfff7"},
                               annotations={"resource.opentelemetry.io/service.criticality": "high"})
            p["spec"]["containers"] = p["spec"]["containers"][:1]
            if owner:
                p["metadata"]["ownerReferences"] = [{"kind": owner[0], "apiVersion": owner[1], "name": owner[2], "uid": "u", "controller": True}]
            cluster.call("POST", "/api/v1/namespaces/shop/pods", p)
        pods = lambda: cluster.call("GET", "/api/v1/namespaces/shop/pods")["items"]
        kubernetes.wait(lambda: all(p["status"]["phase"] == "Running" for p in pods()), 120, "all pods")
        agent = kubernetes.Agent(cluster, "source = apiserver")
        agent.synced()
        config = """
receivers: { otlp: { protocols: { http: { endpoint: "127.0.0.1:PORT" } } } }
processors:
  tagger: { endpoint: "unix://SOCKET", wait: 10s }
  k8s_attributes:
    auth_type: kubeConfig
    wait_for_metadata: true
    pod_association: [{ sources: [{ from: resource_attribute, name: k8s.pod.uid }] }]
    extract:
      metadata: [METADATA]
      otel_annotations: true
      labels: [{ key: app, from: pod }, { key: team, from: namespace }]
exporters: { debug: { verbosity: detailed } }
service: { telemetry: { metrics: { level: none } }, pipelines: { traces: { receivers: [otlp], processors: [CHOSEN], exporters: [debug] } } }
""".replace("SOCKET", agent.socket).replace("METADATA", ", ".join(
            ["k8s.namespace.name", "k8s.pod.name", "k8s.pod.uid", "k8s.pod.start_time", "k8s.deployment.name", "k8s.deployment.uid", "k8s.replicaset.name",
             "k8s.replicaset.uid", "k8s.daemonset.name", "k8s.daemonset.uid", "k8s.statefulset.name", "k8s.statefulset.uid", "k8s.job.name", "k8s.job.uid",
             "k8s.cronjob.name", "k8s.node.name", "k8s.cluster.uid", "k8s.container.name", "container.id", "container.image.name", "container.image.tag",
             "service.namespace", "service.name", "service.version", "service.instance.id"]))
        found = {}
        for chosen in ("k8s_attributes", "tagger"):
            collector = Collector(program, config.replace("CHOSEN", chosen), KUBECONFIG=cluster.kubeconfig())
            for p in pods():
                container = p["status"]["containerStatuses"][0]["containerID"].split("://")[1]
                body = {"resourceSpans": [{"resource": {"attributes": [{"key": key, "value": {"stringValue": value}} for key, value in (
                    ("container.id", container), ("k8s.pod.uid", p["metadata"]["uid"]), ("k8s.container.name", "c0"), ("k8s.container.restart_count", "0"))]},
                    "scopeSpans": [{"spans": [{"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "name": "s",
                                               "startTimeUnixNano": "1", "endTimeUnixNano": "2"}]}]}]}
                collector.send(json.dumps(body), "application/json")
            kubernetes.wait(lambda: open(collector.log).read().count("ResourceSpans #0") == len(owners), what="the spans: " + collector.log)
            time.sleep(0.5)
            for block in open(collector.log).read().split("ResourceSpans #0")[1:]:
                attributes = dict(re.findall(r"-> (\S+): \w+\((.*)\)", block.split("ScopeSpans")[0]))
                found.setdefault(attributes["k8s.pod.uid"], {})[chosen] = attributes
            collector.close()
        agent.close()
        both = set()
        differences = {}
        for p in pods():
            theirs, ours = found[p["metadata"]["uid"]]["k8s_attributes"], found[p["metadata"]["uid"]]["tagger"]
            for name in sorted(theirs.keys() | ours.keys()):
                if theirs.get(name) == ours.get(name):
                    both.add(name)
                else:
                    differences.setdefault(name, []).append((p["metadata"]["name"], theirs.get(name), ours.get(name)))
        print("equal: " + ", ".join(sorted(both - differences.keys())))
        for name, rows in sorted(differences.items()):
            print(f"{name}:")
            for pod, theirs, ours in rows:
                print(f"   {pod}: k8s_attributes {theirs}, tagger {ours}")
    finally:
        cluster.close()


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in ("cost", "names"):
        raise SystemExit(__doc__)
    program = os.path.abspath(sys.argv[2])
    cost(program, *map(int, sys.argv[3:4])) if sys.argv[1] == "cost" else names(program, sys.argv[3])


if __name__ == "__main__":
    main()

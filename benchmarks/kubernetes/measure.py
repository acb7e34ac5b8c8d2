#!/usr/bin/env python3
"""Measures the built agent beside a real etcd, API server and hollow kubelet (kubemark), and prints what it saw.

Usage: benchmarks/kubernetes/measure.py BIN PART...
  BIN      the folder made by .ci/kubernetes/build
  delays   from a container's start to its tags, for each source; from a change of a label, a service and a namespace to the tags
  cost     processor, memory, bytes and requests of the agent at rest with 110 and 500 pods, for each source; the API server's processor
  cluster  one agent for all pods of a cluster: 5,000 pods, and 50,000 with the argument 'cluster-large'
  losses   a killed API server, rights taken away, a renewed token, a compacted etcd: nothing lost, and the seconds to recover
  tags     the tags of real pods beside an independent reading of 'kubectl get pods -o json'
Needs root, Debian's etcd-server and kubectl, and the built distribution. JAVA_HOME chooses the Java."""
import atexit, datetime, http.client, json, os, re, shutil, socket, ssl, statistics, subprocess, sys, tempfile, threading, time
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TAGGER = ROOT + "/distribution/target/tagger/tagger/bin/tagger"
NODE = "hollow-1"
AUDIT = """apiVersion: audit.k8s.io/v1
kind: Policy
rules: [{level: Metadata, users: ["system:serviceaccount:tagger:tagger"], omitStages: [RequestReceived]}]
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait(condition, seconds=60, what="it"):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            value = condition()
            if value:
                return value
        except (OSError, http.client.HTTPException, ValueError, KeyError):
            pass
        time.sleep(0.02)
    raise SystemExit(f"{what} has not happened within {seconds} s")


class Cluster:
    def __init__(self, binaries):
        self.bin, self.work = binaries, tempfile.mkdtemp(prefix="tagger-k8s.")
        self.port, self.etcd_port = free_port(), free_port()
        self.processes, self.local = {}, threading.local()
        open(self.work + "/tokens.csv", "w").write("admin-token,admin,admin,system:masters\n")
        open(self.work + "/audit.yaml", "w").write(AUDIT)
        subprocess.run(["openssl", "genrsa", "-out", self.work + "/key", "2048"], check=True, stderr=subprocess.DEVNULL)
        etcd = f"http://127.0.0.1:{self.etcd_port}"
        self.start("etcd", ["etcd", "--data-dir", self.work + "/etcd", "--listen-client-urls", etcd, "--advertise-client-urls", etcd,
                            "--listen-peer-urls", f"http://127.0.0.1:{free_port()}", "--unsafe-no-fsync", "--quota-backend-bytes=8000000000"])
        self.start_server()
        self.kubectl("apply", "--validate=false", "-f", ROOT + "/deploy/kubernetes/namespace.yaml")
        self.kubectl("apply", "--validate=false", "-f", ROOT + "/deploy/kubernetes/serviceaccount.yaml")

    def start(self, name, command):
        log = open(f"{self.work}/{name}.log", "a")
        self.processes[name] = subprocess.Popen(command, stdout=log, stderr=log)

    def start_server(self, *more):
        self.start("kube-apiserver", [
            self.bin + "/kube-apiserver", f"--etcd-servers=http://127.0.0.1:{self.etcd_port}", "--bind-address=127.0.0.1",
            f"--secure-port={self.port}", f"--cert-dir={self.work}/certificates", "--service-account-issuer=https://tagger.test",
            f"--service-account-signing-key-file={self.work}/key", f"--service-account-key-file={self.work}/key",
            "--authorization-mode=RBAC", f"--token-auth-file={self.work}/tokens.csv", "--service-cluster-ip-range=10.0.0.0/24",
            "--disable-admission-plugins=ServiceAccount", f"--audit-log-path={self.work}/audit.log",
            f"--audit-policy-file={self.work}/audit.yaml", "--max-requests-inflight=1000", "--max-mutating-requests-inflight=1000", *more])
        self.local = threading.local()
        wait(lambda: self.raw("GET", "/readyz")[1] == b"ok", what="a ready API server")

    def kill(self, name):
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def raw(self, method, path, body=None, kind="application/json"):
        for attempt in range(2):
            connection = getattr(self.local, "connection", None)
            if connection is None:
                context = ssl.create_default_context(cafile=self.work + "/certificates/apiserver.crt")
                connection = self.local.connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=60)
            try:
                connection.request(method, path, json.dumps(body) if body is not None else None,
                                   {"Authorization": "Bearer admin-token", "Content-Type": kind})
                answer = connection.getresponse()
                return answer.status, answer.read()
            except (OSError, http.client.HTTPException):
                self.local.connection = None
                if attempt:
                    raise

    def call(self, method, path, body=None, kind="application/json"):
        status, text = self.raw(method, path, body, kind)
        if status >= 300:
            raise SystemExit(f"{method} {path}: {status} {text[:300]}")
        return json.loads(text)

    def patch(self, path, change):
        return self.call("PATCH", path, change, "application/merge-patch+json")

    def kubeconfig(self, token="admin-token", file="admin"):
        path = f"{self.work}/kubeconfig-{file}"
        open(path, "w").write(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "x",
            "clusters": [{"name": "c", "cluster": {"server": f"https://127.0.0.1:{self.port}",
                                                   "certificate-authority": self.work + "/certificates/apiserver.crt"}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}], "users": [{"name": "u", "user": {"token": token}}]}))
        return path

    def token(self):
        return self.call("POST", "/api/v1/namespaces/tagger/serviceaccounts/tagger/token",
                         {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}})["status"]["token"]

    def kubectl(self, *arguments):
        return subprocess.run(["kubectl", "--kubeconfig", self.kubeconfig(), *arguments], check=True, capture_output=True, text=True).stdout

    def rights(self, *names, verb="apply"):
        for name in names:
            self.kubectl(verb, *(["--validate=false"] if verb == "apply" else []), "-f", f"{ROOT}/deploy/kubernetes/rights/{name}.yaml")

    def kubelet(self, name=NODE, pods=600):
        self.read_only = free_port()
        self.start(name, [self.bin + "/kubemark", "--morph=kubelet", f"--name={name}", f"--kubeconfig={self.kubeconfig()}",
                          f"--kubelet-port={free_port()}", f"--kubelet-read-only-port={self.read_only}", "--use-host-image-service=false",
                          "--kube-api-qps=500", "--kube-api-burst=1000", f"--max-pods={pods}", "--v=2"])
        log = f"{self.work}/{name}.log"
        self.root = wait(lambda: (m := re.search(r"Using (/\S+) as root dir", open(log).read())) and m[1], what="a kubelet")
        self.pods_api = self.root + "/pods-api/pods-api.sock"
        wait(lambda: os.path.exists(self.pods_api) and self.raw("GET", "/api/v1/nodes/" + name)[0] == 200, what="a node")

    def metric(self, name):
        text = self.raw("GET", "/metrics")[1].decode()
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name))

    def audited(self):
        try:
            return [json.loads(line) for line in open(self.work + "/audit.log")]
        except FileNotFoundError:
            return []

    def compact(self):
        def post(path, body):
            connection = http.client.HTTPConnection("127.0.0.1", self.etcd_port)
            connection.request("POST", path, json.dumps(body))
            return json.loads(connection.getresponse().read())
        revision = post("/v3/maintenance/status", {})["header"]["revision"]
        post("/v3/kv/compaction", {"revision": revision})

    def close(self):
        for process in self.processes.values():
            process.kill()
            process.wait()
        if hasattr(self, "root"):
            shutil.rmtree(self.root, ignore_errors=True)
        shutil.rmtree(self.work, ignore_errors=True)


def pod(name, node=NODE, **metadata):
    return {"metadata": {"name": name, "labels": {"app": "web"}, **metadata},
            "spec": {"nodeName": node, "automountServiceAccountToken": False,
                     "containers": [{"name": f"c{i}", "image": "acme/web:1.2", "env": [{"name": "DD_ENV", "value": "prod"}]} for i in range(3)]}}


class Agent:
    def __init__(self, cluster, settings, heap="128m", service_account=True):
        self.work, self.cluster = tempfile.mkdtemp(prefix="tagger-agent."), cluster
        kubeconfig = cluster.kubeconfig(cluster.token(), "tagger") if service_account else cluster.kubeconfig()
        open(self.work + "/tagger.conf", "w").write(f"""tagger {{ collect.max-entities = 1000000, collectors {{ docker.enabled = false, containerd.enabled = false, ecs.enabled = false
          kubernetes {{ enabled = true, node-name = "{NODE}", apiserver.kubeconfig = "{kubeconfig}"
            pod-labels-as-tags {{ app = app }}, namespace-labels-as-tags {{ team = team }}
            {settings} }} }} }}""")
        self.socket = self.work + "/tagger.sock"
        environment = dict(os.environ, TAGGER_ARCHIVE="off", TAGGER_HEAP=heap)
        atexit.register(self.close)
        self.begun = time.monotonic()
        self.process = subprocess.Popen([TAGGER, "run", "-c", self.work + "/tagger.conf", "--socket", self.socket],
                                        stdout=open(self.work + "/log", "w"), stderr=subprocess.STDOUT, env=environment)

    def ask(self, path):
        connection = http.client.HTTPConnection("localhost", timeout=30)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(self.socket)
        connection.request("GET", path)
        text = connection.getresponse().read()
        connection.close()
        return json.loads(text)

    def tags(self, entity):
        return set(self.ask(f"/v1/tags?entity={entity}&cardinality=high")["tags"])

    def synced(self, seconds=120):
        def is_synced():
            return any(c["name"] == "kubernetes" and c["synced"] for c in self.ask("/v1/collectors")["collectors"])
        wait(is_synced, seconds, "the sync of the agent: " + open(self.work + "/log").read()[-2000:])
        return time.monotonic() - self.begun

    def reason(self):
        return next(c["reason"] for c in self.ask("/v1/collectors")["collectors"] if c["name"] == "kubernetes")

    def cpu(self):
        return cpu(self.process.pid)

    def bytes_read(self):
        return int(re.search(r"rchar: (\d+)", open(f"/proc/{self.process.pid}/io").read())[1])

    def resident(self):
        return int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{self.process.pid}/status").read())[1]) / 1024

    def watch(self):
        """The moments of each entity's events, and the tags."""
        seen, ready = {}, threading.Event()

        def read():
            stream = socket.socket(socket.AF_UNIX)
            stream.connect(self.socket)
            stream.sendall(b"GET /v1/watch?cardinality=high HTTP/1.1\r\nHost: x\r\n\r\n")
            try:
                for line in stream.makefile("rb"):
                    if line.startswith(b"{"):
                        event = json.loads(line)
                        if event.get("type") == "synced":
                            ready.set()
                        elif "entity" in event:
                            seen.setdefault(event["entity"], []).append((time.time(), event["type"], set(event.get("tags") or ())))
            except (OSError, ValueError):
                pass  # the agent has ended
        threading.Thread(target=read, daemon=True).start()
        ready.wait(10)
        return seen

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
        shutil.rmtree(self.work, ignore_errors=True)


def cpu(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def sources(cluster):
    return {"pods-api": f'source = pods-api, kubelet.pods-api-socket = "{cluster.pods_api}"',
            "kubelet": f'source = kubelet, kubelet.url = "http://127.0.0.1:{cluster.read_only}"',
            "apiserver": "source = apiserver"}


def milliseconds(values):
    values = sorted(values)
    return f"p50 {statistics.median(values) * 1000:.0f} ms, max {values[-1] * 1000:.0f} ms, {len(values)} of them"


def starts(cluster):
    """The moment of each container's start, from the kubelet's log."""
    year, found = datetime.datetime.now().year, {}
    for line in open(f"{cluster.work}/{NODE}.log"):
        m = re.match(r'I(\d\d)(\d\d) (\d\d:\d\d:\d\d\.\d+).*"SyncLoop \(PLEG\): event for pod".*"ContainerStarted","Data":"([^"]+)"', line)
        if m:
            moment = datetime.datetime.strptime(f"{year}-{m[1]}-{m[2]} {m[3]}", "%Y-%m-%d %H:%M:%S.%f")
            found[m[4]] = moment.timestamp()
    return found


def delays(cluster):
    cluster.call("POST", "/api/v1/namespaces", {"metadata": {"name": "delays", "labels": {"team": "core"}}})
    path = "/api/v1/namespaces/delays/pods"
    slices = "/apis/discovery.k8s.io/v1/namespaces/delays/endpointslices"
    for source, settings in sources(cluster).items():
        agent = Agent(cluster, settings)
        agent.synced()
        cluster.call("POST", path, pod("first-" + source))
        time.sleep(8)  # the namespace is followed from the first pod on
        seen = agent.watch()
        names = [f"{source}-{i}" for i in range(50)]
        for name in names:
            cluster.call("POST", path, pod(name))
            time.sleep(0.1)
        wait(lambda: all(p["status"]["phase"] == "Running" for p in cluster.call("GET", path)["items"]), 120, "all pods")
        time.sleep(7)
        started = starts(cluster)
        ours = {p["metadata"]["name"]: p for p in cluster.call("GET", path)["items"] if p["metadata"]["name"] in names}
        ids = [s["containerID"].split("://")[1] for p in ours.values() for s in p["status"]["containerStatuses"]]
        lags = [max(0.0, seen["container_id://" + i][0][0] - started[i]) for i in ids if "container_id://" + i in seen and i in started]
        print(f"{source:10} container start to tags      {milliseconds(lags)}", flush=True)

        def first(entity, tag, since):
            return wait(lambda: next((at for at, kind, tags in seen.get(entity, []) if at >= since and tag in tags), None), 120, tag)
        changes = {"label": [], "service": [], "namespace": []}
        for name in names[:20]:
            entity = "kubernetes_pod_uid://" + ours[name]["metadata"]["uid"]
            now = time.time()
            cluster.patch(f"{path}/{name}", {"metadata": {"labels": {"app": "changed-" + name}}})
            changes["label"].append(first(entity, "app:changed-" + name, now) - now)
            now = time.time()
            cluster.call("POST", slices, {"addressType": "IPv4", "metadata": {"name": "s-" + name, "labels": {"kubernetes.io/service-name": "s-" + name}},
                                          "endpoints": [{"addresses": ["10.1.0.1"], "targetRef": {"kind": "Pod", "name": name}}]})
            changes["service"].append(first(entity, "kube_service:s-" + name, now) - now)
        for turn in range(10):
            entity, team = "kubernetes_pod_uid://" + ours[names[0]]["metadata"]["uid"], f"{source}-{turn}"
            now = time.time()
            cluster.patch("/api/v1/namespaces/delays", {"metadata": {"labels": {"team": team}}})
            changes["namespace"].append(first(entity, "team:" + team, now) - now)
        for what, values in changes.items():
            print(f"{source:10} {what + ' change to event':30} {milliseconds(values)}", flush=True)
        agent.close()
        for name in [*names, "first-" + source]:
            cluster.call("DELETE", f"{path}/{name}", {"gracePeriodSeconds": 0})


def cost(cluster, window=60):
    total = 0
    for count in (110, 500):
        for i in range(10):
            if total == 0:
                cluster.call("POST", "/api/v1/namespaces", {"metadata": {"name": f"cost-{i}"}})
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda i: cluster.call("POST", f"/api/v1/namespaces/cost-{i % 10}/pods", pod(f"p{i}")), range(total, count)))
        total = count

        def running():
            pods = cluster.call("GET", f"/api/v1/pods?fieldSelector=spec.nodeName%3D{NODE}")["items"]
            return sum(p["status"]["phase"] == "Running" for p in pods) >= count
        wait(running, 300, f"{count} running pods")
        time.sleep(20)
        before = cluster.metric("process_cpu_seconds_total")
        time.sleep(window)
        idle = cluster.metric("process_cpu_seconds_total") - before
        for source, settings in sources(cluster).items():
            agent = Agent(cluster, settings)
            synced = agent.synced()
            time.sleep(20)
            requests, server = len(cluster.audited()), cluster.metric("process_cpu_seconds_total")
            processor, read = agent.cpu(), agent.bytes_read()
            time.sleep(window)
            minute = 60 / window
            print(f"{count} pods, {source:10} synced {synced:.1f} s; at rest {(agent.cpu() - processor) / window * 100:.2f} % of a core, "
                  f"{(agent.bytes_read() - read) * minute / 1e6:.2f} MB read a minute, {(len(cluster.audited()) - requests) * minute:.1f} requests a minute "
                  f"at the API server, whose processor took {(cluster.metric('process_cpu_seconds_total') - server - idle) * minute:+.2f} s a minute more; "
                  f"{agent.resident():.0f} MB resident", flush=True)
            agent.close()


def fill(cluster, begin, end):
    def make(i):
        namespace = f"wide-{i % 100}"
        p = pod(f"p{i}", node=f"ghost-{i // 100}")
        cluster.call("POST", f"/api/v1/namespaces/{namespace}/pods", p)
        cluster.patch(f"/api/v1/namespaces/{namespace}/pods/p{i}/status", {"status": {
            "phase": "Running", "podIP": f"10.{i // 62500}.{i // 250 % 250}.{i % 250}",
            "containerStatuses": [{"name": f"c{k}", "image": "acme/web:1.2", "imageID": "acme/web@sha256:" + "0" * 64, "ready": True, "restartCount": 0,
                                   "containerID": f"containerd://{i * 3 + k:064x}", "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}} for k in range(3)]}})
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(make, range(begin, end)))


def cluster_wide(cluster, counts):
    for i in range(100):
        cluster.call("POST", "/api/v1/namespaces", {"metadata": {"name": f"wide-{i}", "labels": {"team": f"t{i}"}}})
    total = 0
    for count in counts:
        begun = time.monotonic()
        fill(cluster, total, count)
        total = count
        print(f"{count} pods made in {time.monotonic() - begun:.0f} s", flush=True)
        heap = "256m" if count <= 5_000 else "1g"
        requests = len(cluster.audited())
        agent = Agent(cluster, 'source = apiserver, node-name = "*"', heap)
        synced = agent.synced(600)
        entities = agent.ask("/v1/collectors")["entities"]
        first = len(cluster.audited()) - requests
        time.sleep(30)
        requests, processor = len(cluster.audited()), agent.cpu()
        time.sleep(60)
        print(f"{count} pods: synced after {synced:.1f} s with {first} requests, {entities} entities, {agent.resident():.0f} MB resident (heap {heap}); at rest "
              f"{(agent.cpu() - processor) / 60 * 100:.2f} % of a core, {len(cluster.audited()) - requests} requests a minute", flush=True)
        seen, lags = agent.watch(), []
        for i in range(20):
            path = f"/api/v1/namespaces/wide-{i % 100}/pods/p{i}"
            uid = cluster.call("GET", path)["metadata"]["uid"]
            now = time.time()
            cluster.patch(path, {"metadata": {"labels": {"app": f"x{now}"}}})
            lags.append(wait(lambda: next((at for at, kind, tags in seen.get("kubernetes_pod_uid://" + uid, []) if f"app:x{now}" in tags), None)) - now)
        print(f"{count} pods: label change to event {milliseconds(lags)}", flush=True)
        agent.close()


def losses(cluster):
    cluster.call("POST", "/api/v1/namespaces", {"metadata": {"name": "losses"}})
    path = "/api/v1/namespaces/losses/pods"
    for i in range(20):
        cluster.call("POST", path, pod(f"p{i}"))
    wait(lambda: all(p["status"]["phase"] == "Running" for p in cluster.call("GET", path)["items"]), 120, "all pods")
    uids = {p["metadata"]["name"]: p["metadata"]["uid"] for p in cluster.call("GET", path)["items"]}
    agent = Agent(cluster, "source = apiserver, apiserver.page-size = 5")
    agent.synced()

    def tagged():
        return sum(bool(agent.tags("kubernetes_pod_uid://" + uid)) for uid in uids.values())

    def recover(what, value):
        begun = time.monotonic()
        cluster.patch(path + "/p1", {"metadata": {"labels": {"app": value}}})
        wait(lambda: f"app:{value}" in agent.tags("kubernetes_pod_uid://" + uids["p1"]), 120, what)
        print(f"{what}: {tagged()} of {len(uids)} pods tagged throughout, a change is there after {time.monotonic() - begun:.1f} s", flush=True)

    wait(lambda: tagged() == len(uids))
    cluster.kill("kube-apiserver")
    time.sleep(60)
    assert tagged() == len(uids)
    cluster.start_server()
    recover("the API server, killed for a minute", "after-the-kill")

    cluster.rights("apiserver", verb="delete")
    cluster.kill("kube-apiserver")
    cluster.start_server()
    wait(lambda: 'resources: ["pods"]' in agent.reason(), 120, "a reason with the rule")
    assert tagged() == len(uids)
    print("without the right:", agent.reason()[:160])
    cluster.rights("apiserver")
    recover("the right, given back", "after-the-right")

    cluster.kubeconfig(cluster.token(), "tagger")
    recover("the token, renewed in the kubeconfig", "after-the-token")

    cluster.kill("kube-apiserver")
    cluster.start_server("--watch-cache=false")
    for i in range(50):
        cluster.patch(path + "/p2", {"metadata": {"labels": {"app": f"turn-{i}"}}})
    cluster.compact()
    recover("etcd, compacted between the watch's version and now", "after-the-compaction")
    agent.close()
    stop = threading.Event()

    def compacting():
        while not stop.is_set():
            cluster.patch(path + "/p3", {"metadata": {"labels": {"app": str(time.time())}}})
            cluster.compact()
    thread = threading.Thread(target=compacting)
    thread.start()
    agent = Agent(cluster, "source = apiserver, apiserver.page-size = 1")
    synced = agent.synced()
    stop.set()
    thread.join()
    wait(lambda: tagged() == len(uids))
    print(f"etcd, compacted all the time during a list of {len(uids)} pages: synced after {synced:.1f} s, {tagged()} pods tagged", flush=True)
    agent.close()


def expected(p, services, namespaces):
    """The tags of a pod and of its containers, by TAGS.md, read again here."""
    meta, spec, status = p["metadata"], p["spec"], p.get("status", {})
    labels, annotations = meta.get("labels", {}), meta.get("annotations", {})
    tags = {f"pod_name:{meta['name']}", f"kube_namespace:{meta['namespace']}", f"pod_phase:{status['phase'].lower()}"}
    for tag, value in (("kube_qos", status.get("qosClass")), ("kube_priority_class", spec.get("priorityClassName"))):
        if value:
            tags.add(f"{tag}:{value}")
    for owner in meta.get("ownerReferences", []):
        tags |= {f"kube_ownerref_kind:{owner['kind'].lower()}", f"kube_ownerref_name:{owner['name']}"}
        if owner["kind"] == "ReplicaSet":
            tags.add("kube_replica_set:" + owner["name"])
            hashed = labels.get("pod-template-hash")
            if hashed and owner["name"].endswith("-" + hashed):
                tags.add("kube_deployment:" + owner["name"][:-len(hashed) - 1])
        elif owner["kind"] == "DaemonSet":
            tags.add("kube_daemon_set:" + owner["name"])
        elif owner["kind"] == "StatefulSet":
            tags.add("kube_stateful_set:" + owner["name"])
        elif owner["kind"] == "Job":
            tags.add("kube_job:" + owner["name"])
            if re.fullmatch(r".+-(\d{8}|\d{10})", owner["name"]):
                tags.add("kube_cronjob:" + owner["name"].rsplit("-", 1)[0])
    tags |= {f"kube_service:{s}" for s in services.get((meta["namespace"], meta["name"]), ())}
    for name in ("env", "service", "version"):
        if labels.get("tags.datadoghq.com/" + name):
            tags.add(f"{name}:{labels['tags.datadoghq.com/' + name]}")
    app = {"name": "kube_app_name", "instance": "kube_app_instance", "version": "kube_app_version", "component": "kube_app_component",
           "part-of": "kube_app_part_of", "managed-by": "kube_app_managed_by"}
    tags |= {f"{tag}:{labels['app.kubernetes.io/' + key]}" for key, tag in app.items() if labels.get("app.kubernetes.io/" + key)}
    if labels.get("app"):
        tags.add("app:" + labels["app"])
    if namespaces.get(meta["namespace"], {}).get("team"):
        tags.add("team:" + namespaces[meta["namespace"]]["team"])

    def written(annotation):
        for name, value in json.loads(annotations.get(annotation, "{}")).items():
            for one in value if isinstance(value, list) else [value]:
                yield f"{name.lstrip('+')}:{one}"
    tags |= set(written("ad.datadoghq.com/tags"))
    answers = {"kubernetes_pod_uid://" + meta["uid"]: tags}
    for c in status.get("containerStatuses", []):
        own, identity = set(tags), c["containerID"].split("://")[1]
        image = next(s["image"] for s in spec["containers"] if s["name"] == c["name"])
        long, _, version = image.rpartition(":") if ":" in image.rsplit("/", 1)[-1] else (image, "", "latest")
        own |= {f"kube_container_name:{c['name']}", f"container_id:{identity}", f"display_container_name:{c['name']}_{meta['name']}",
                f"image_name:{long}", f"short_image:{long.rsplit('/', 1)[-1]}", f"image_tag:{version}"}
        if c.get("imageID"):
            own.add("image_id:" + c["imageID"].removeprefix("docker-pullable://"))
        one = next(s for s in spec["containers"] if s["name"] == c["name"])
        for variable in one.get("env", []):
            tag = {"DD_ENV": "env", "DD_SERVICE": "service", "DD_VERSION": "version"}.get(variable["name"])
            if tag and variable.get("value"):
                own.add(f"{tag}:{variable['value']}")
        for policy in one.get("resizePolicy", []):
            own.add(f"{policy['resourceName']}_restart_policy:{policy['restartPolicy']}")
        for name in ("env", "service", "version"):
            value = labels.get(f"tags.datadoghq.com/{c['name']}.{name}")
            if value:
                own.add(f"{name}:{value}")
        own |= set(written(f"ad.datadoghq.com/{c['name']}.tags"))
        answers["container_id://" + identity] = own
    return answers


def tags(cluster):
    for i in range(5):
        cluster.call("POST", "/api/v1/namespaces", {"metadata": {"name": f"tags-{i}", "labels": {"team": f"team-{i}"}}})
    kinds = [("ReplicaSet", "apps/v1", "web-56c89cfff7"), ("DaemonSet", "apps/v1", "agent"), ("StatefulSet", "apps/v1", "db"),
             ("Job", "batch/v1", "nightly-28741230"), ("Job", "batch/v1", "migrate-2024"), None]
    for i in range(40):
        owner = kinds[i % len(kinds)]
        labels = {"app": f"app-{i}", "app.kubernetes.io/name": f"name-{i}", "app.kubernetes.io/part-of": "shop", "tags.datadoghq.com/env": "prod",
                  "tags.datadoghq.com/c1.service": f"own-{i}", "pod-template-hash": "56c89cfff7"}
        annotations = {"ad.datadoghq.com/tags": json.dumps({"squad": ["blue", 7], "+trace": f"t{i}"}), "ad.datadoghq.com/c2.tags": '{"role": "sidecar"}'}
        p = pod(f"t{i}", labels=labels, annotations=annotations)
        if owner:
            p["metadata"]["ownerReferences"] = [{"kind": owner[0], "apiVersion": owner[1], "name": owner[2], "uid": "u", "controller": True}]
        p["spec"]["containers"][0]["image"] = ["redis", "registry.local:5000/acme/web:9", "acme/web"][i % 3]
        p["spec"]["containers"][1]["resources"] = {"requests": {"cpu": "1m", "memory": "1Mi"}}
        cluster.call("POST", f"/api/v1/namespaces/tags-{i % 5}/pods", p)
        if i % 2:
            cluster.call("POST", f"/apis/discovery.k8s.io/v1/namespaces/tags-{i % 5}/endpointslices", {
                "addressType": "IPv4", "metadata": {"name": f"s{i}", "labels": {"kubernetes.io/service-name": f"svc-{i}"}},
                "endpoints": [{"addresses": ["10.1.0.1"], "targetRef": {"kind": "Pod", "name": f"t{i}"}}]})
    mine = lambda: [p for p in json.loads(cluster.kubectl("get", "pods", "-A", "-o", "json"))["items"] if p["metadata"]["namespace"].startswith("tags-")]
    wait(lambda: all(p["status"]["phase"] == "Running" for p in mine()), 120, "all pods")
    time.sleep(15)
    services = {}
    for s in json.loads(cluster.kubectl("get", "endpointslices.discovery.k8s.io", "-A", "-o", "json"))["items"]:
        for e in s["endpoints"]:
            if e.get("targetRef"):
                services.setdefault((s["metadata"]["namespace"], e["targetRef"]["name"]), set()).add(s["metadata"]["labels"]["kubernetes.io/service-name"])
    namespaces = {n["metadata"]["name"]: n["metadata"].get("labels", {}) for n in json.loads(cluster.kubectl("get", "namespaces", "-o", "json"))["items"]}
    wanted = {}
    for p in mine():
        wanted |= expected(p, services, namespaces)
    for source, settings in sources(cluster).items():
        agent = Agent(cluster, settings)
        agent.synced()
        time.sleep(7)
        differences, count = 0, 0
        for entity, those in wanted.items():
            got = agent.tags(entity)
            count += len(those)
            if got != those:
                differences += len(got ^ those)
                print(f"  {entity}: only served {sorted(got - those)}, only read {sorted(those - got)}")
        print(f"{source:10} {len(wanted)} entities, {count} tags, {differences} differences", flush=True)
        agent.close()


def main():
    if len(sys.argv) < 3 or sys.argv[1] in ("-h", "--help"):
        raise SystemExit(__doc__)
    for part in sys.argv[2:]:
        print(f"-- {part}", flush=True)
        cluster = Cluster(os.path.abspath(sys.argv[1]))
        try:
            cluster.rights("apiserver", "services", "namespaces", "host")
            if part in ("cluster", "cluster-large"):
                cluster.kubectl("apply", "--validate=false", "-f", ROOT + "/deploy/cluster/rights.yaml")
                cluster.kubectl("create", "clusterrolebinding", "wide", "--clusterrole=tagger-cluster", "--serviceaccount=tagger:tagger")
                cluster_wide(cluster, [5_000] if part == "cluster" else [50_000])
            else:
                cluster.kubelet()
                {"delays": delays, "cost": cost, "losses": losses, "tags": tags}[part](cluster)
        finally:
            cluster.close()


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Start and memory of three agents, in turn: one built before tagger-datadog, one with the module off, one with the module on.

    benchmarks/datadog/measure.py BEFORE AFTER [PAIRS]

BEFORE and AFTER are source trees, built with 'mvn -B -DskipTests package'. An agent starts from its start-up archive, without
collectors of a daemon; the time is the one to its 'ready' line, the memory is resident (VmRSS), 2 s after that line.
"""
import os, re, signal, statistics, subprocess, sys, tempfile, time

before, after = sys.argv[1:3]
pairs = int(sys.argv[3]) if len(sys.argv) > 3 else 10
work = tempfile.mkdtemp(prefix="tagger-datadog-")
forms = {"before the module": (before, ""), "module off": (after, ""), "module on": (after, "tagger.datadog { enabled = true, port = 0, auth-token-file = \"%s/auth_token\" }" % work)}


def launcher(tree):
    return os.path.join(tree, "distribution/target/tagger/tagger/bin/tagger")


def environment(tree):
    return {**os.environ, "TAGGER_ARCHIVE": os.path.join(work, "before" if tree == before else "after")}


def start(form):
    tree, more = forms[form]
    config = os.path.join(work, "tagger.conf")
    with open(config, "w") as file:
        file.write("tagger.collectors { docker.enabled = false, containerd.enabled = false, kubernetes.enabled = false, ecs.enabled = false }\n" + more)
    log = os.path.join(work, "log")
    with open(log, "w") as out:
        begin = time.monotonic()
        agent = subprocess.Popen([launcher(tree), "run", "-c", config, "--socket", os.path.join(work, "s.sock")], stdout=out, stderr=out, env=environment(tree))
    while not re.search("^ready after", open(log).read(), re.M):
        assert agent.poll() is None, open(log).read()
        time.sleep(0.005)
    millis = (time.monotonic() - begin) * 1000
    time.sleep(2)
    status = open("/proc/%d/status" % agent.pid).read()
    megabytes = int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024
    threads = int(re.search(r"Threads:\s+(\d+)", status).group(1))
    agent.send_signal(signal.SIGTERM)
    agent.wait()
    return millis, megabytes, threads


for tree in (before, after):
    subprocess.run([launcher(tree), "train"], check=True, env=environment(tree), stdout=subprocess.DEVNULL)
for form in forms:
    start(form)  # warms the files, and makes the certificate
results = {form: [] for form in forms}
for pair in range(pairs):
    for form in list(forms) if pair % 2 == 0 else reversed(list(forms)):
        results[form].append(start(form))
for form, values in results.items():
    millis, megabytes, threads = (statistics.median(column) for column in zip(*values))
    print("%-18s ready after %4.0f ms (%.0f to %.0f), %5.1f MB (%.1f to %.1f), %d threads; %d starts" % (
        form, millis, min(v[0] for v in values), max(v[0] for v in values), megabytes, min(v[1] for v in values), max(v[1] for v in values), threads, pairs))

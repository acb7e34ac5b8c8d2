"""Latency over the socket, one question in flight: microseconds, p50 and p99.

    python3 benchmarks/measure-latency.py SOCKET ENTITY [QUESTIONS]
"""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tagger-python/src"))
import tagger  # noqa: E402

client = tagger.Client(sys.argv[1])
entity = sys.argv[2]
questions = int(sys.argv[3]) if len(sys.argv) > 3 else 20_000
if not client.tag(entity, tagger.HIGH):
    sys.exit("nobody knows %s" % entity)
times = []
for _ in range(questions):
    begin = time.perf_counter_ns()
    client.tag(entity, tagger.HIGH)
    times.append(time.perf_counter_ns() - begin)
times = sorted(times[questions // 4 :])
print("HTTP from Python %d.%d: p50 %.0f us, p99 %.0f us" % (*sys.version_info[:2], times[len(times) // 2] / 1e3, times[len(times) * 99 // 100] / 1e3))

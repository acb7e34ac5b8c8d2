package taggerprocessor

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor/processortest"
	"go.uber.org/zap"
)

// fakeAgent speaks the two resources of the protocol that the processor uses. CollectorIT has the real agent.
type fakeAgent struct {
	t      *testing.T
	socket string
	server *http.Server
	hangs  bool

	lock     sync.Mutex
	entities map[string]map[string]any
	asked    map[string]int
	watches  map[chan string]bool
}

func newFakeAgent(t *testing.T) *fakeAgent {
	agent := &fakeAgent{t: t, socket: filepath.Join(t.TempDir(), "tagger.sock"),
		entities: map[string]map[string]any{}, asked: map[string]int{}, watches: map[chan string]bool{}}
	t.Cleanup(agent.stop)
	return agent
}

func (a *fakeAgent) start() *fakeAgent {
	listener, err := net.Listen("unix", a.socket)
	if err != nil {
		a.t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/v1/resource", a.resource)
	mux.HandleFunc("/v1/watch", a.watch)
	a.server = &http.Server{Handler: mux}
	go a.server.Serve(listener)
	return a
}

func (a *fakeAgent) stop() {
	if a.server != nil {
		a.server.Close()
	}
}

func (a *fakeAgent) resource(w http.ResponseWriter, r *http.Request) {
	entity := r.URL.Query().Get("entity")
	a.lock.Lock()
	a.asked[entity]++
	attributes, known := a.entities[entity]
	a.lock.Unlock()
	if a.hangs {
		<-r.Context().Done()
		return
	}
	if !known {
		http.Error(w, `{"error":{"code":"unknown_entity"}}`, http.StatusNotFound)
		return
	}
	json.NewEncoder(w).Encode(map[string]any{"entity": entity, "attributes": attributes, "complete": true})
}

func (a *fakeAgent) watch(w http.ResponseWriter, r *http.Request) {
	lines := make(chan string, 100)
	a.lock.Lock()
	for entity := range a.entities {
		lines <- `{"type":"added","entity":"` + entity + `","tags":[]}`
	}
	lines <- `{"type":"synced"}`
	a.watches[lines] = true
	a.lock.Unlock()
	for {
		select {
		case line := <-lines:
			fmt.Fprintln(w, line)
			w.(http.Flusher).Flush()
		case <-r.Context().Done():
			return
		}
	}
}

func (a *fakeAgent) set(entity string, attributes map[string]any) {
	a.lock.Lock()
	defer a.lock.Unlock()
	a.entities[entity] = attributes
	a.tell(`{"type":"modified","entity":"` + entity + `","tags":[]}`)
}

func (a *fakeAgent) delete(entity string) {
	a.lock.Lock()
	defer a.lock.Unlock()
	delete(a.entities, entity)
	a.tell(`{"type":"deleted","entity":"` + entity + `"}`)
}

func (a *fakeAgent) tell(line string) {
	for watch := range a.watches {
		watch <- line
	}
}

func (a *fakeAgent) questions(entity string) int {
	a.lock.Lock()
	defer a.lock.Unlock()
	return a.asked[entity]
}

func started(t *testing.T, socket string, change func(*Config)) *attributeProcessor {
	config := defaultConfig()
	config.Endpoint = "unix://" + socket
	config.Wait = 10 * time.Second
	if change != nil {
		change(config)
	}
	if err := config.Validate(); err != nil {
		t.Fatal(err)
	}
	p := newProcessor(config, newReplica(config, zap.NewNop()))
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	p.replica.use()
	t.Cleanup(func() { p.replica.release() })
	if change == nil || config.Wait > time.Second {
		p.replica.awaitConnection(ctx, config.Wait)
	}
	return p
}

func (p *attributeProcessor) spans(t *testing.T, attributes map[string]any) map[string]any {
	data := ptrace.NewTraces()
	resource := data.ResourceSpans().AppendEmpty().Resource()
	if err := resource.Attributes().FromRaw(attributes); err != nil {
		t.Fatal(err)
	}
	after, err := p.traces(context.Background(), data)
	if err != nil {
		t.Fatal(err)
	}
	return after.ResourceSpans().At(0).Resource().Attributes().AsRaw()
}

func equal(t *testing.T, got, want map[string]any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatal("did not come true within a minute")
}

var web = map[string]any{"k8s.pod.name": "web-1", "team": "core", "container.image.tags": []any{"1.2"}}

func TestAllSignalsGetTheAttributes(t *testing.T) {
	agent := newFakeAgent(t).start()
	agent.set("container_id://c1", web)
	p := started(t, agent.socket, nil)
	want := map[string]any{"container.id": "c1", "k8s.pod.name": "web-1", "team": "core", "container.image.tags": []any{"1.2"}}

	equal(t, p.spans(t, map[string]any{"container.id": "c1"}), want)

	metrics := pmetric.NewMetrics()
	metrics.ResourceMetrics().AppendEmpty().Resource().Attributes().PutStr("container.id", "c1")
	metrics, _ = p.metrics(context.Background(), metrics)
	equal(t, metrics.ResourceMetrics().At(0).Resource().Attributes().AsRaw(), want)

	logs := plog.NewLogs()
	logs.ResourceLogs().AppendEmpty().Resource().Attributes().PutStr("container.id", "c1")
	logs, _ = p.logs(context.Background(), logs)
	equal(t, logs.ResourceLogs().At(0).Resource().Attributes().AsRaw(), want)

	if asked := agent.questions("container_id://c1"); asked != 1 {
		t.Fatalf("asked %d times", asked)
	}
}

func TestWhatIsThereStaysUnlessTold(t *testing.T) {
	agent := newFakeAgent(t).start()
	agent.set("container_id://c1", map[string]any{"team": "core", "service.name": "web"})
	data := map[string]any{"container.id": "c1", "team": "mine", "service.name": "unknown_service:java"}

	equal(t, started(t, agent.socket, nil).spans(t, data), data)
	equal(t, started(t, agent.socket, func(c *Config) { c.Overwrite = []string{"service.name"} }).spans(t, data),
		map[string]any{"container.id": "c1", "team": "mine", "service.name": "web"})
	equal(t, started(t, agent.socket, func(c *Config) { c.Overwrite = []string{"*"} }).spans(t, data),
		map[string]any{"container.id": "c1", "team": "core", "service.name": "web"})
}

func TestTheFirstKnownEntityCounts(t *testing.T) {
	agent := newFakeAgent(t).start()
	agent.set("kubernetes_pod_uid://u1", map[string]any{"k8s.pod.name": "web-1"})
	p := started(t, agent.socket, nil)

	equal(t, p.spans(t, map[string]any{"container.id": "unknown", "k8s.pod.uid": "u1"}),
		map[string]any{"container.id": "unknown", "k8s.pod.uid": "u1", "k8s.pod.name": "web-1"})
	equal(t, p.spans(t, map[string]any{"container.id": 7}), map[string]any{"container.id": int64(7)})
	equal(t, p.spans(t, map[string]any{"host.name": "h"}), map[string]any{"host.name": "h"})

	// The pod is known by now, and its containers are asked for nevertheless.
	equal(t, p.spans(t, map[string]any{"k8s.pod.uid": "u1"}), map[string]any{"k8s.pod.uid": "u1", "k8s.pod.name": "web-1"})
	agent.set("container_id://c9", map[string]any{"k8s.container.name": "main"})
	equal(t, p.spans(t, map[string]any{"container.id": "c9", "k8s.pod.uid": "u1"}),
		map[string]any{"container.id": "c9", "k8s.pod.uid": "u1", "k8s.container.name": "main"})

	own := started(t, agent.socket, func(c *Config) { c.Entities = []EntityRule{{Attribute: "my.pod", Prefix: "kubernetes_pod_uid"}} })
	equal(t, own.spans(t, map[string]any{"my.pod": "u1"}), map[string]any{"my.pod": "u1", "k8s.pod.name": "web-1"})
}

func TestAChangeIsFollowed(t *testing.T) {
	agent := newFakeAgent(t).start()
	agent.set("container_id://c1", map[string]any{"team": "core"})
	p := started(t, agent.socket, nil)
	team := func() any { return p.spans(t, map[string]any{"container.id": "c1"})["team"] }
	if team() != "core" {
		t.Fatal(team())
	}

	agent.set("container_id://c1", map[string]any{"team": "web"})
	eventually(t, func() bool { return team() == "web" })

	// Attributes that are no tags are another entity of the watch.
	agent.lock.Lock()
	agent.entities["container_id://c1"] = map[string]any{"team": "node"}
	agent.tell(`{"type":"deleted","entity":"resource://container_id://c1"}`)
	agent.lock.Unlock()
	eventually(t, func() bool { return team() == "node" })

	// Spans of a container that has ended come late.
	agent.delete("container_id://c1")
	eventually(t, func() bool {
		p.replica.lock.RLock()
		defer p.replica.lock.RUnlock()
		return !p.replica.entries["container_id://c1"].until.IsZero()
	})
	if team() != "node" {
		t.Fatal(team())
	}
}

func TestAnUnknownEntityIsKnownByTheWatchLater(t *testing.T) {
	agent := newFakeAgent(t).start()
	p := started(t, agent.socket, nil)
	data := map[string]any{"container.id": "c2"}
	for range 3 {
		equal(t, p.spans(t, data), data)
	}
	if asked := agent.questions("container_id://c2"); asked != 1 {
		t.Fatalf("asked %d times", asked)
	}
	agent.set("container_id://c2", map[string]any{"team": "core"})
	eventually(t, func() bool { return p.spans(t, data)["team"] == "core" })
}

func TestTheReplicaOutlivesTheAgent(t *testing.T) {
	agent := newFakeAgent(t).start()
	agent.set("container_id://c1", map[string]any{"team": "core"})
	p := started(t, agent.socket, nil)
	team := func() any { return p.spans(t, map[string]any{"container.id": "c1"})["team"] }
	team()

	agent.stop()
	eventually(t, func() bool { return !p.replica.connected.Load() })
	if team() != "core" {
		t.Fatal(team())
	}
	equal(t, p.spans(t, map[string]any{"container.id": "new"}), map[string]any{"container.id": "new"})

	agent.lock.Lock()
	agent.entities["container_id://c1"] = map[string]any{"team": "web"} // while nobody listens
	agent.lock.Unlock()
	agent.start()
	eventually(t, func() bool { return team() == "web" })
}

func TestWithoutAnAgentDataPassesUnchanged(t *testing.T) {
	p := started(t, filepath.Join(t.TempDir(), "none.sock"), func(c *Config) { c.Wait = 100 * time.Millisecond })
	data := map[string]any{"container.id": "c1"}
	equal(t, p.spans(t, data), data)
	if len(p.replica.entries) != 0 {
		t.Fatal("an entity was kept that nobody was asked for")
	}
}

func TestAHangingAgentHoldsDataBackOnce(t *testing.T) {
	agent := newFakeAgent(t)
	agent.hangs = true
	agent.start()
	p := started(t, agent.socket, func(c *Config) { c.Wait = 50 * time.Millisecond })
	eventually(t, func() bool { return p.replica.connected.Load() })
	data := map[string]any{"container.id": "c1"}
	equal(t, p.spans(t, data), data)
	eventually(t, func() bool { _, known := p.replica.get("container_id://c1"); return known })
	for range 100 {
		equal(t, p.spans(t, data), data)
	}
	if asked := agent.questions("container_id://c1"); asked != 1 {
		t.Fatalf("asked %d times", asked)
	}

	// Neither do later questions hold back more than one batch each.
	p.replica.lock.Lock()
	p.replica.unknownFor = time.Hour
	p.replica.entries["container_id://c1"].until = time.Now()
	p.replica.lock.Unlock()
	equal(t, p.spans(t, data), data)
	eventually(t, func() bool { _, known := p.replica.get("container_id://c1"); return known })
	if asked := agent.questions("container_id://c1"); asked != 2 {
		t.Fatalf("asked %d times", asked)
	}
}

func TestTheReplicaIsBounded(t *testing.T) {
	r := newReplica(defaultConfig(), zap.NewNop())
	defer r.release()
	r.capacity = 100
	r.connected.Store(true)
	r.entries["kept"] = &entry{answered: true, attributes: []attribute{{name: "team", value: "core"}}}
	for i := range 1000 {
		r.ask(fmt.Sprint(i))
	}
	if len(r.entries) > 100 {
		t.Fatal(len(r.entries))
	}
}

func TestAConfigurationThatCantWorkIsRefused(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"must be a Unix socket":                func(c *Config) { c.Endpoint = "http://localhost:1" },
		"wait is -1s, and must be between":     func(c *Config) { c.Wait = -time.Second },
		"entities is empty":                    func(c *Config) { c.Entities = nil },
		`entities[0] is {attribute: "", prefi`: func(c *Config) { c.Entities = []EntityRule{{Prefix: "container_id"}} },
		`prefix: "Container"`:                  func(c *Config) { c.Entities = []EntityRule{{"container.id", "Container"}} },
	} {
		config := defaultConfig()
		change(config)
		if err := config.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestTheFactoryMakesAllSignals(t *testing.T) {
	factory := NewFactory()
	config := factory.CreateDefaultConfig().(*Config)
	config.Endpoint, config.Wait = filepath.Join(t.TempDir(), "none.sock"), 0
	settings := processortest.NewNopSettings(factory.Type())
	traces := new(consumertest.TracesSink)
	made, err := factory.CreateTraces(context.Background(), settings, config, traces)
	if err != nil {
		t.Fatal(err)
	}
	if err := made.Start(context.Background(), componenttest.NewNopHost()); err != nil {
		t.Fatal(err)
	}
	if err := made.ConsumeTraces(context.Background(), oneSpan("c1")); err != nil || traces.SpanCount() != 1 {
		t.Fatal(err, traces.SpanCount())
	}
	if err := made.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	metrics, err := factory.CreateMetrics(context.Background(), settings, config, new(consumertest.MetricsSink))
	if err != nil {
		t.Fatal(err)
	}
	if err := metrics.Start(context.Background(), componenttest.NewNopHost()); err != nil {
		t.Fatal(err)
	}
	if err := metrics.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, err := factory.CreateLogs(context.Background(), settings, config, new(consumertest.LogsSink)); err != nil {
		t.Fatal(err)
	}
}

func oneSpan(container string) ptrace.Traces {
	data := ptrace.NewTraces()
	spans := data.ResourceSpans().AppendEmpty()
	spans.Resource().Attributes().PutStr("container.id", container)
	spans.ScopeSpans().AppendEmpty().Spans().AppendEmpty().SetName("GET /")
	return data
}

// BenchmarkBatch is the cost of one batch of a known container, of all attributes; its spans cost nothing more.
func BenchmarkBatch(b *testing.B) {
	p := newProcessor(defaultConfig(), newReplica(defaultConfig(), zap.NewNop()))
	defer p.replica.release()
	known := &entry{answered: true}
	for i := range 15 {
		known.attributes = append(known.attributes, attribute{name: fmt.Sprintf("k8s.attribute.%d", i), value: "value"})
	}
	p.replica.entries["container_id://c1"] = known
	resource := pcommon.NewMap()
	for b.Loop() {
		resource.Clear()
		resource.PutStr("container.id", "c1")
		p.add(context.Background(), 1, func(int) pcommon.Map { return resource })
	}
}

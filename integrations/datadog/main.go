// The command drives the remote tagger client of the Datadog Agent, compiled from its own Go modules, for the tests of
// tagger-datadog: one command a line on the standard input, one line of JSON as the answer on the standard output.
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/DataDog/datadog-agent/comp/core/config"
	ipc "github.com/DataDog/datadog-agent/comp/core/ipc/def"
	tagger "github.com/DataDog/datadog-agent/comp/core/tagger/def"
	remote "github.com/DataDog/datadog-agent/comp/core/tagger/impl-remote"
	"github.com/DataDog/datadog-agent/comp/core/tagger/origindetection"
	"github.com/DataDog/datadog-agent/comp/core/tagger/types"
	telemetry "github.com/DataDog/datadog-agent/comp/core/telemetry/noopsimpl"
	compdef "github.com/DataDog/datadog-agent/comp/def"
	"github.com/DataDog/datadog-agent/pkg/api/security"
	"github.com/DataDog/datadog-agent/pkg/api/security/cert"
	pb "github.com/DataDog/datadog-agent/pkg/proto/pbgo/core"
)

// settings are the few settings that the client reads; any other method of the interface panics.
type settings struct {
	config.Component
	texts map[string]string
}

func (s settings) GetString(key string) string { return s.texts[key] }
func (s settings) GetInt(string) int           { return 4 * 1024 * 1024 } // the default of cluster_agent.cluster_tagger.grpc_max_message_size
func (s settings) GetBool(string) bool         { return false }
func (s settings) ConfigFileUsed() string      { return s.texts["file"] }

type log struct{}

func write(level string, text string) {
	fmt.Fprintln(os.Stderr, time.Now().Format("15:04:05.000"), level, text)
}

func (log) Trace(...interface{})                   {}
func (log) Tracef(string, ...interface{})          {}
func (log) Debug(...interface{})                   {}
func (log) Debugf(format string, v ...interface{}) { write("DEBUG", fmt.Sprintf(format, v...)) }
func (log) Info(v ...interface{})                  { write("INFO", fmt.Sprint(v...)) }
func (log) Infof(format string, v ...interface{})  { write("INFO", fmt.Sprintf(format, v...)) }
func (log) Warn(v ...interface{}) error            { write("WARN", fmt.Sprint(v...)); return nil }
func (log) Warnf(format string, v ...interface{}) error {
	write("WARN", fmt.Sprintf(format, v...))
	return nil
}
func (log) Error(v ...interface{}) error { write("ERROR", fmt.Sprint(v...)); return nil }
func (log) Errorf(format string, v ...interface{}) error {
	write("ERROR", fmt.Sprintf(format, v...))
	return nil
}
func (log) Critical(v ...interface{}) error { write("CRITICAL", fmt.Sprint(v...)); return nil }
func (log) Criticalf(format string, v ...interface{}) error {
	write("CRITICAL", fmt.Sprintf(format, v...))
	return nil
}
func (log) Flush() {}

// files are the token and the certificate, read by the Agent's own code.
type files struct {
	ipc.Component
	token string
	tls   *tls.Config
}

func (f files) GetAuthToken() string            { return f.token }
func (f files) GetTLSClientConfig() *tls.Config { return f.tls }

type lifecycle struct{ hooks []compdef.Hook }

func (l *lifecycle) Append(hook compdef.Hook) { l.hooks = append(l.hooks, hook) }

type entity struct {
	Low          []string `json:"low"`
	Orchestrator []string `json:"orchestrator"`
	High         []string `json:"high"`
	Standard     []string `json:"standard"`
	Complete     bool     `json:"complete"`
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func answer(value any) {
	text, err := json.Marshal(value)
	fail(err)
	fmt.Println(string(text))
}

func main() {
	isCreation := len(os.Args) == 3 && os.Args[1] == "create"
	if !isCreation && !(len(os.Args) == 4 && os.Args[1] == "run") {
		fmt.Fprintln(os.Stderr, "usage: datadog-client create FOLDER, or datadog-client run FOLDER PORT")
		os.Exit(2)
	}
	conf := settings{texts: map[string]string{
		"file":                      filepath.Join(os.Args[2], "datadog.yaml"),
		"checks_tag_cardinality":    "low",
		"dogstatsd_tag_cardinality": "low",
	}}
	if isCreation {
		create(conf)
		return
	}
	port := os.Args[3]
	token, err := security.FetchAuthToken(conf)
	fail(err)
	client, _, _, err := cert.FetchIPCCert(conf)
	fail(err)
	hooks := &lifecycle{}
	provided, err := remote.NewComponent(remote.Requires{
		Lc:     hooks,
		Config: conf,
		Log:    log{},
		Params: tagger.NewRemoteParams(
			tagger.WithRemoteTarget(func(config.Component) (string, error) { return ":" + port, nil })),
		Telemetry: telemetry.GetCompatComponent(),
		IPC:       files{token: token, tls: client},
	})
	fail(err)
	for _, hook := range hooks.hooks {
		if hook.OnStart != nil {
			fail(hook.OnStart(context.Background()))
		}
	}
	serve(provided.Comp, client, port)
}

// create makes the files like a core agent that starts.
func create(conf settings) {
	limit, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	token, err := security.FetchOrCreateAuthToken(limit, conf)
	fail(err)
	_, _, _, err = cert.FetchOrCreateIPCCert(limit, conf)
	fail(err)
	answer(token)
}

func serve(client tagger.Component, config *tls.Config, port string) {
	lister := client.(interface {
		List() types.TaggerListResponse
	})
	finder := client.(interface {
		GetEntity(types.EntityID) (*types.Entity, error)
	})
	begin := time.Now()
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		switch words[0] {
		case "entity": // KIND ID
			found, err := finder.GetEntity(types.NewEntityID(types.EntityIDPrefix(words[1]), words[2]))
			if err != nil {
				answer(nil)
				continue
			}
			answer(entity{found.LowCardinalityTags, found.OrchestratorCardinalityTags, found.HighCardinalityTags,
				found.StandardTags, found.IsComplete})
		case "tags": // KIND ID LEVEL
			level, err := types.StringToTagCardinality(words[3])
			fail(err)
			tags, err := client.Tag(types.NewEntityID(types.EntityIDPrefix(words[1]), words[2]), level)
			fail(err)
			answer(tags)
		case "origin": // JSON of an OriginInfo
			var info origindetection.OriginInfo
			fail(json.Unmarshal([]byte(strings.TrimPrefix(lines.Text(), "origin ")), &info))
			id, err := client.GenerateContainerIDFromOriginInfo(info)
			answer(map[string]any{"container": id, "failed": err != nil})
		case "await": // NUMBER of entities
			wanted := 0
			_, err := fmt.Sscan(words[1], &wanted)
			fail(err)
			for len(lister.List().Entities) < wanted {
				if time.Since(begin) > 2*time.Minute {
					fail(fmt.Errorf("%d of %d entities after 2 minutes", len(lister.List().Entities), wanted))
				}
				time.Sleep(time.Millisecond)
			}
			answer(map[string]any{"millis": time.Since(begin).Milliseconds()})
		case "count":
			runtime.GC()
			var memory runtime.MemStats
			runtime.ReadMemStats(&memory)
			answer(map[string]any{"entities": len(lister.List().Entities), "heap": memory.HeapAlloc})
		case "hostname": // without a token
			connection, err := grpc.NewClient("localhost:"+port, grpc.WithTransportCredentials(credentials.NewTLS(config)))
			fail(err)
			limit, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			reply, err := pb.NewAgentClient(connection).GetHostname(limit, &pb.HostnameRequest{})
			cancel()
			fail(err)
			connection.Close()
			answer(reply.Hostname)
		default:
			fail(fmt.Errorf("there is no command %q", words[0]))
		}
	}
}

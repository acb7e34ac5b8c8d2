package taggerprocessor

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"time"
)

const (
	// For the way of an answer.
	spare = 500 * time.Millisecond
	// An agent sends a sign of life every 20 s.
	silence = 60 * time.Second
	// The longest line of a watch, or answer.
	longestLine = 16 << 20
	// The tags of an entity's attributes, "resource://<entity>".
	resourcePrefix = "resource"
)

// agent asks the tagger agent over its socket, by the protocol of docs/protocol.md.
type agent struct {
	config *Config
	http   *http.Client
}

func newAgent(config *Config) *agent {
	a := &agent{config: config}
	a.http = &http.Client{Transport: &http.Transport{
		MaxIdleConnsPerHost: questions,
		IdleConnTimeout:     30 * time.Second,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", config.socket())
		},
	}}
	return a
}

func (a *agent) socket() string { return a.config.socket() }

func (a *agent) close() { a.http.CloseIdleConnections() }

func (a *agent) get(ctx context.Context, path string, query url.Values) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost"+path+"?"+query.Encode(), nil)
	if err != nil {
		return nil, err
	}
	return a.http.Do(request)
}

// resource asks for the attributes of an entity, as soon as they are complete. An entity that the agent does not know has none.
func (a *agent) resource(ctx context.Context, entity string) ([]attribute, error) {
	ctx, cancel := context.WithTimeout(ctx, a.config.Wait+spare)
	defer cancel()
	query := url.Values{"entity": {entity}}
	if a.config.Wait > 0 {
		query.Set("wait", fmt.Sprintf("%dms", a.config.Wait.Milliseconds()))
	}
	response, err := a.get(ctx, "/v1/resource", query)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, longestLine))
	if err != nil {
		return nil, err
	}
	switch response.StatusCode {
	case http.StatusOK:
		return attributesOf(body)
	case http.StatusNotFound, http.StatusBadRequest: // unknown, or an id that is none: the data's fault
		return nil, nil
	default:
		return nil, fmt.Errorf("the agent answered %s: %s", response.Status, body)
	}
}

func attributesOf(body []byte) ([]attribute, error) {
	var answer struct {
		Attributes map[string]any `json:"attributes"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, err
	}
	attributes := make([]attribute, 0, len(answer.Attributes))
	for name, value := range answer.Attributes {
		switch value := value.(type) {
		case string:
			attributes = append(attributes, attribute{name: name, value: value})
		case []any:
			values := make([]string, 0, len(value))
			for _, each := range value {
				values = append(values, fmt.Sprint(each))
			}
			attributes = append(attributes, attribute{name: name, values: values})
		}
	}
	sort.Slice(attributes, func(i, j int) bool { return attributes[i].name < attributes[j].name })
	return attributes, nil
}

// watch calls event for each line about an entity, or about its attributes, until the agent is lost.
func (a *agent) watch(ctx context.Context, rules []EntityRule, connected func(), event func(kind, entity string)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	query := url.Values{"cardinality": {"high"}, "prefix": {resourcePrefix}}
	for _, rule := range rules {
		query.Add("prefix", rule.Prefix)
	}
	watchdog := time.AfterFunc(silence, cancel)
	defer watchdog.Stop()
	response, err := a.get(ctx, "/v1/watch", query)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(response.Body, 1<<10))
		return fmt.Errorf("the agent answered %s: %s", response.Status, body)
	}
	connected()
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(make([]byte, 0, 64<<10), longestLine)
	for lines.Scan() {
		watchdog.Reset(silence)
		var line struct {
			Type   string `json:"type"`
			Entity string `json:"entity"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return err
		}
		entity, isResource := strings.CutPrefix(line.Entity, resourcePrefix+"://")
		if isResource {
			line.Type = "modified" // what the attributes of the entity say has changed, and the entity stays
		}
		event(line.Type, entity)
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return errors.New("the agent has ended the watch")
}

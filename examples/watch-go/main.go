// Follows the tags of the containers of this machine: go run . [SOCKET]
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
)

func main() {
	socket := append(os.Args, "/run/tagger/tagger.sock")[1]
	client := http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
	}}
	response, err := client.Get("http://localhost/v1/watch?prefix=container_id&cardinality=high")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	lines := bufio.NewReader(response.Body)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			fmt.Fprintln(os.Stderr, "the agent went away:", err)
			os.Exit(1)
		}
		var event struct {
			Type, Entity string
			Tags         []string
		}
		if json.Unmarshal(line, &event) == nil && event.Type != "alive" {
			fmt.Println(event.Type, event.Entity, event.Tags)
		}
	}
}

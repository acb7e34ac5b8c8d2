package taggerprocessor

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// Config is the block "tagger" under "processors".
type Config struct {
	// Endpoint is the agent's socket, "unix:///run/tagger/tagger.sock" or a path. Without one, the first of /run/tagger/tagger.sock and
	// $XDG_RUNTIME_DIR/tagger/tagger.sock that exists.
	Endpoint string `mapstructure:"endpoint"`
	// Entities are the attributes that name an entity, the preferred first. The first entity that the agent knows counts.
	Entities []EntityRule `mapstructure:"entities"`
	// Wait is the longest that data with an entity not seen before is held back until its attributes are complete, and that the start of
	// the Collector waits for the agent. Zero holds nothing back: the attributes are added as soon as they are there. At most 30 s.
	Wait time.Duration `mapstructure:"wait"`
	// Overwrite names the attributes that are replaced although the data has them, "*" for all. Without one, what is there stays.
	Overwrite []string `mapstructure:"overwrite"`
}

// EntityRule tells which attribute of a resource names an entity.
type EntityRule struct {
	// Attribute is the name, for instance "container.id".
	Attribute string `mapstructure:"attribute"`
	// Prefix is the kind of the entity, for instance "container_id".
	Prefix string `mapstructure:"prefix"`
}

const longestWait = 30 * time.Second

var prefixForm = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func defaultConfig() *Config {
	return &Config{
		Entities: []EntityRule{
			{Attribute: "container.id", Prefix: "container_id"},
			{Attribute: "k8s.pod.uid", Prefix: "kubernetes_pod_uid"},
		},
		Wait: 300 * time.Millisecond,
	}
}

// Validate refuses what can't work; the Collector names the place in its configuration.
func (c *Config) Validate() error {
	var problems []error
	if strings.Contains(c.Endpoint, "://") && !strings.HasPrefix(c.Endpoint, "unix://") {
		problems = append(problems, fmt.Errorf("endpoint is %q, and must be a Unix socket such as unix:///run/tagger/tagger.sock", c.Endpoint))
	}
	if c.Wait < 0 || c.Wait > longestWait {
		problems = append(problems, fmt.Errorf("wait is %s, and must be between 0s and %s", c.Wait, longestWait))
	}
	if len(c.Entities) == 0 {
		problems = append(problems, errors.New("entities is empty: name one attribute at least, such as {attribute: container.id, prefix: container_id}"))
	}
	for i, rule := range c.Entities {
		if rule.Attribute == "" || !prefixForm.MatchString(rule.Prefix) {
			problems = append(problems, fmt.Errorf("entities[%d] is {attribute: %q, prefix: %q}, and needs the name of an attribute and a kind of entity such as container_id",
				i, rule.Attribute, rule.Prefix))
		}
	}
	return errors.Join(problems...)
}

// socket finds the agent anew for each connection: the agent may start later than the Collector.
func (c *Config) socket() string {
	if c.Endpoint != "" {
		return strings.TrimPrefix(strings.TrimPrefix(c.Endpoint, "unix://"), "unix:")
	}
	system := "/run/tagger/tagger.sock"
	if own := os.Getenv("XDG_RUNTIME_DIR"); own != "" {
		if _, err := os.Stat(system); err != nil {
			return filepath.Join(own, "tagger", "tagger.sock")
		}
	}
	return system
}

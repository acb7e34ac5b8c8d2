// Package taggerprocessor is a processor of the OpenTelemetry Collector. It adds the attributes of containers, pods and tasks, as the tagger agent
// of the machine knows them, to traces, metrics and logs.
package taggerprocessor

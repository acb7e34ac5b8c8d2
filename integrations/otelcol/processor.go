package taggerprocessor

import (
	"context"
	"slices"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// attributeProcessor adds the attributes of one signal. Data always goes on: without an agent, unchanged.
type attributeProcessor struct {
	config       *Config
	overwriteAll bool
	replica      *replica
}

func newProcessor(config *Config, replica *replica) *attributeProcessor {
	return &attributeProcessor{
		config:       config,
		overwriteAll: slices.Contains(config.Overwrite, "*"),
		replica:      replica,
	}
}

func (p *attributeProcessor) start(ctx context.Context, _ component.Host) error {
	if p.replica.use() { // the other signals of this processor need not wait again
		p.replica.awaitConnection(ctx, p.config.Wait)
	}
	return nil
}

func (p *attributeProcessor) traces(ctx context.Context, data ptrace.Traces) (ptrace.Traces, error) {
	all := data.ResourceSpans()
	p.add(ctx, all.Len(), func(i int) pcommon.Map { return all.At(i).Resource().Attributes() })
	return data, nil
}

func (p *attributeProcessor) metrics(ctx context.Context, data pmetric.Metrics) (pmetric.Metrics, error) {
	all := data.ResourceMetrics()
	p.add(ctx, all.Len(), func(i int) pcommon.Map { return all.At(i).Resource().Attributes() })
	return data, nil
}

func (p *attributeProcessor) logs(ctx context.Context, data plog.Logs) (plog.Logs, error) {
	all := data.ResourceLogs()
	p.add(ctx, all.Len(), func(i int) pcommon.Map { return all.At(i).Resource().Attributes() })
	return data, nil
}

// add adds attributes to all resources of a batch. The batch as a whole is held back no longer than set: the questions for entities that are
// not in the replica run at the same time.
func (p *attributeProcessor) add(ctx context.Context, count int, resource func(int) pcommon.Map) {
	var missing []int
	for i := range count {
		if !p.addKnown(resource(i), false) {
			missing = append(missing, i)
		}
	}
	if len(missing) == 0 {
		return
	}
	var answers []<-chan struct{}
	for _, i := range missing {
		for _, entity := range p.entities(resource(i)) {
			answers = append(answers, p.replica.ask(entity))
		}
	}
	await(ctx, answers, p.config.Wait)
	for _, i := range missing {
		p.addKnown(resource(i), true)
	}
}

func await(ctx context.Context, answers []<-chan struct{}, wait time.Duration) {
	if wait == 0 {
		return
	}
	limit := time.NewTimer(wait)
	defer limit.Stop()
	for _, answer := range answers {
		select {
		case <-answer:
		case <-limit.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// entities are the entities that a resource names, the preferred first.
func (p *attributeProcessor) entities(resource pcommon.Map) []string {
	var entities []string
	for _, rule := range p.config.Entities {
		if id, ok := resource.Get(rule.Attribute); ok && id.Type() == pcommon.ValueTypeStr && id.Str() != "" {
			entities = append(entities, rule.Prefix+"://"+id.Str())
		}
	}
	return entities
}

// addKnown adds the attributes of the first entity that the agent knows. It is false if the replica can't tell yet whether a preferred entity is known,
// unless that has been asked: then a pod's attributes are better than none.
func (p *attributeProcessor) addKnown(resource pcommon.Map, asked bool) bool {
	for _, entity := range p.entities(resource) {
		attributes, known := p.replica.get(entity)
		if len(attributes) > 0 {
			p.put(resource, attributes)
			return true
		}
		if !known && !asked {
			return false
		}
	}
	return true
}

func (p *attributeProcessor) put(resource pcommon.Map, attributes []attribute) {
	resource.EnsureCapacity(resource.Len() + len(attributes))
	for _, attribute := range attributes {
		if _, there := resource.Get(attribute.name); there && !p.overwriteAll && !slices.Contains(p.config.Overwrite, attribute.name) {
			continue
		}
		if attribute.values == nil {
			resource.PutStr(attribute.name, attribute.value)
			continue
		}
		array := resource.PutEmptySlice(attribute.name)
		for _, value := range attribute.values {
			array.AppendEmpty().SetStr(value)
		}
	}
}

package taggerprocessor

import (
	"context"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processorhelper"
)

// factory makes the processors of one Collector. The pipelines that name the same processor share its replica.
type factory struct {
	lock     sync.Mutex
	replicas map[*Config]*replica
}

// NewFactory makes the factory of the processor "tagger".
func NewFactory() processor.Factory {
	f := &factory{replicas: map[*Config]*replica{}}
	return processor.NewFactory(
		component.MustNewType("tagger"),
		func() component.Config { return defaultConfig() },
		processor.WithTraces(f.traces, component.StabilityLevelBeta),
		processor.WithMetrics(f.metrics, component.StabilityLevelBeta),
		processor.WithLogs(f.logs, component.StabilityLevelBeta))
}

func (f *factory) processor(set processor.Settings, cfg component.Config) (*attributeProcessor, []processorhelper.Option) {
	config := cfg.(*Config)
	f.lock.Lock()
	defer f.lock.Unlock()
	shared := f.replicas[config]
	if shared == nil {
		shared = newReplica(config, set.Logger)
		f.replicas[config] = shared
	}
	p := newProcessor(config, shared)
	return p, []processorhelper.Option{
		processorhelper.WithCapabilities(consumer.Capabilities{MutatesData: true}),
		processorhelper.WithStart(p.start),
		processorhelper.WithShutdown(func(context.Context) error {
			f.lock.Lock()
			defer f.lock.Unlock()
			if shared.release() {
				delete(f.replicas, config)
			}
			return nil
		}),
	}
}

func (f *factory) traces(ctx context.Context, set processor.Settings, cfg component.Config, next consumer.Traces) (processor.Traces, error) {
	p, options := f.processor(set, cfg)
	return processorhelper.NewTraces(ctx, set, cfg, next, p.traces, options...)
}

func (f *factory) metrics(ctx context.Context, set processor.Settings, cfg component.Config, next consumer.Metrics) (processor.Metrics, error) {
	p, options := f.processor(set, cfg)
	return processorhelper.NewMetrics(ctx, set, cfg, next, p.metrics, options...)
}

func (f *factory) logs(ctx context.Context, set processor.Settings, cfg component.Config, next consumer.Logs) (processor.Logs, error) {
	p, options := f.processor(set, cfg)
	return processorhelper.NewLogs(ctx, set, cfg, next, p.logs, options...)
}

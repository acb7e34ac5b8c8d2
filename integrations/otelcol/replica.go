package taggerprocessor

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
)

const (
	// An entity that the agent does not know is asked for again when the watch reports it, and after this time at the latest: a collector that
	// answers on demand reports nothing by itself.
	unknownFor = 10 * time.Second
	// Data of a container that has ended arrives late.
	keptAfterEnd = 5 * time.Minute
	// The entities in the replica at most. Ids come from the senders of data.
	capacity = 50_000
	// Questions to the agent at the same time.
	questions = 16

	firstPause   = 100 * time.Millisecond
	longestPause = 10 * time.Second
)

// attribute has a value, or values for an array.
type attribute struct {
	name   string
	value  string
	values []string
}

// entry is one entity. All fields belong to the replica's lock.
type entry struct {
	attributes []attribute   // empty for an entity that the agent does not know; never changed in place
	answered   bool          // the agent has answered once
	asking     chan struct{} // closed by the answer; nil without a question
	again      bool          // the entity has changed during the question
	seen       int           // the number of the watch that last reported the entity
	until      time.Time     // when the entry is void; zero for no such time
}

// isSettled tells that the agent need not be asked. The caller has the lock.
func (e *entry) isSettled() bool {
	return e.answered && (e.until.IsZero() || time.Now().Before(e.until))
}

// replica keeps the attributes of the entities in the data. A watch of the agent tells what has changed, and the changed entities are asked for
// anew. While the agent is away, the replica keeps what it has.
type replica struct {
	log   *zap.Logger
	agent *agent
	rules []EntityRule

	lock       sync.RWMutex
	entries    map[string]*entry
	capacity   int
	unknownFor time.Duration
	watch      int
	connected  atomic.Bool
	first      chan struct{} // closed by the first connection
	slots      chan struct{}

	users   int // the started processors
	context context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup
}

func newReplica(config *Config, log *zap.Logger) *replica {
	ctx, cancel := context.WithCancel(context.Background())
	return &replica{
		log:        log,
		agent:      newAgent(config),
		rules:      config.Entities,
		entries:    map[string]*entry{},
		capacity:   capacity,
		unknownFor: unknownFor,
		first:      make(chan struct{}),
		slots:      make(chan struct{}, questions),
		context:    ctx,
		cancel:     cancel,
	}
}

// use begins to follow the agent with the first processor, for which it is true.
func (r *replica) use() bool {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.users++
	if r.users > 1 {
		return false
	}
	r.running.Add(1)
	go r.follow()
	return true
}

// release ends with the last processor.
func (r *replica) release() bool {
	r.lock.Lock()
	r.users--
	isLast := r.users <= 0
	if isLast {
		r.cancel() // under the lock: no question begins afterwards
	}
	r.lock.Unlock()
	if isLast {
		r.running.Wait()
		r.agent.close()
	}
	return isLast
}

func (r *replica) awaitConnection(ctx context.Context, wait time.Duration) {
	await(ctx, []<-chan struct{}{r.first}, wait)
}

// get reads memory alone. known is false if the agent should be asked.
func (r *replica) get(entity string) (attributes []attribute, known bool) {
	r.lock.RLock()
	defer r.lock.RUnlock()
	found := r.entries[entity]
	if found == nil || !found.isSettled() {
		return nil, !r.connected.Load() // without an agent nobody can tell
	}
	return found.attributes, true
}

// ask asks the agent for an entity; several callers share a question. The channel is closed by the answer, or at once without an agent.
func (r *replica) ask(entity string) <-chan struct{} {
	r.lock.Lock()
	defer r.lock.Unlock()
	found := r.entries[entity]
	if found == nil {
		if !r.connected.Load() || !r.makeRoom() {
			return closed
		}
		found = &entry{seen: r.watch}
		r.entries[entity] = found
	}
	if found.asking == nil && !found.isSettled() && r.connected.Load() {
		r.begin(entity, found)
	}
	if found.asking == nil {
		return closed
	}
	return found.asking
}

var closed = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// begin starts a question; the caller has the lock.
func (r *replica) begin(entity string, found *entry) {
	found.asking = make(chan struct{})
	found.again = false
	r.running.Add(1)
	go func() {
		defer r.running.Done()
		select {
		case r.slots <- struct{}{}:
			defer func() { <-r.slots }()
		case <-r.context.Done():
			return
		}
		attributes, err := r.agent.resource(r.context, entity)
		r.answer(entity, found, attributes, err)
	}()
}

func (r *replica) answer(entity string, found *entry, attributes []attribute, err error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	close(found.asking)
	found.asking = nil
	found.answered = true
	switch {
	case err != nil:
		r.log.Debug("no attributes from the tagger agent", zap.String("entity", entity), zap.Error(err))
		if len(found.attributes) == 0 { // the data goes on, and the next question comes later
			found.until = time.Now().Add(r.unknownFor)
		} else { // what is known stays meanwhile
			r.later(r.unknownFor, entity, found, func() { r.begin(entity, found) })
		}
	case len(attributes) > 0:
		found.attributes = attributes
		found.until = time.Time{}
	case len(found.attributes) > 0:
		r.end(entity, found)
	default:
		found.until = time.Now().Add(r.unknownFor)
	}
	if found.again && err == nil { // the entity has changed since the question
		r.begin(entity, found)
	}
}

// end keeps an entry for data that comes late; the caller has the lock.
func (r *replica) end(entity string, found *entry) {
	found.until = time.Now().Add(keptAfterEnd)
	r.later(keptAfterEnd, entity, found, func() {
		if !found.isSettled() { // and was not seen again
			delete(r.entries, entity)
		}
	})
}

// later does something with an entry after a time, under the lock, unless the entry is gone, or asked for anew at that moment.
func (r *replica) later(after time.Duration, entity string, found *entry, do func()) {
	time.AfterFunc(after, func() {
		r.lock.Lock()
		defer r.lock.Unlock()
		if r.context.Err() == nil && r.entries[entity] == found && found.asking == nil {
			do()
		}
	})
}

// makeRoom forgets an entry if the replica is full, an unknown entity first; false if all that it looks at are asked for. The caller has the lock.
func (r *replica) makeRoom() bool {
	if len(r.entries) < r.capacity {
		return true
	}
	victim := ""
	looks := 0
	for entity, found := range r.entries { // in random order
		if found.asking == nil {
			victim = entity
			if len(found.attributes) == 0 {
				break
			}
		}
		if looks++; looks == 100 {
			break
		}
	}
	delete(r.entries, victim)
	return len(r.entries) < r.capacity
}

// follow keeps a watch open, with growing pauses while there is no agent.
func (r *replica) follow() {
	defer r.running.Done()
	pause := firstPause
	told := false
	for r.context.Err() == nil {
		err := r.agent.watch(r.context, r.rules, func() {
			r.lock.Lock()
			r.watch++
			r.lock.Unlock()
			pause, told = firstPause, false
			if !r.connected.Swap(true) {
				r.log.Info("following the tagger agent", zap.String("socket", r.agent.socket()))
			}
			select {
			case <-r.first:
			default:
				close(r.first)
			}
		}, r.event)
		r.connected.Store(false)
		if r.context.Err() != nil {
			return
		}
		if !told {
			told = true
			r.log.Warn("no tagger agent: data of entities not seen before passes unchanged", zap.String("socket", r.agent.socket()), zap.Error(err))
		}
		select {
		case <-time.After(pause):
		case <-r.context.Done():
		}
		pause = min(pause*2, longestPause)
	}
}

// event takes a line of the watch.
func (r *replica) event(kind, entity string) {
	r.lock.Lock()
	defer r.lock.Unlock()
	switch kind {
	case "added", "modified":
		found := r.entries[entity]
		if found == nil {
			return // nobody has sent data of this entity
		}
		found.seen = r.watch
		if found.asking != nil {
			found.again = true
		} else {
			r.begin(entity, found)
		}
	case "deleted":
		switch found := r.entries[entity]; {
		case found == nil:
		case found.asking != nil:
			found.again = true
		case len(found.attributes) == 0:
			delete(r.entries, entity)
		default:
			r.end(entity, found)
		}
	case "start_over":
		r.watch++
	case "synced":
		for id, found := range r.entries { // what this watch has not reported is gone
			if found.asking == nil && found.seen < r.watch && found.until.IsZero() {
				r.end(id, found)
			}
		}
	}
}

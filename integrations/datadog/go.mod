module tagger.example/datadog-client

go 1.25.0

require (
	github.com/DataDog/datadog-agent/comp/core/config v0.77.0
	github.com/DataDog/datadog-agent/comp/core/ipc/def v0.77.0
	github.com/DataDog/datadog-agent/comp/core/tagger/def v0.77.0
	github.com/DataDog/datadog-agent/comp/core/tagger/impl-remote v0.77.0
	github.com/DataDog/datadog-agent/comp/core/tagger/origindetection v0.77.0
	github.com/DataDog/datadog-agent/comp/core/tagger/types v0.77.0
	github.com/DataDog/datadog-agent/comp/core/telemetry v0.77.0
	github.com/DataDog/datadog-agent/comp/def v0.77.0
	github.com/DataDog/datadog-agent/pkg/api v0.77.0
	github.com/DataDog/datadog-agent/pkg/proto v0.77.0
	google.golang.org/grpc v1.79.1
)

require (
	github.com/DataDog/datadog-agent/comp/api/api/def v0.77.0 // indirect
	github.com/DataDog/datadog-agent/comp/core/flare/builder v0.77.0 // indirect
	github.com/DataDog/datadog-agent/comp/core/flare/types v0.77.0 // indirect
	github.com/DataDog/datadog-agent/comp/core/log/def v0.77.0 // indirect
	github.com/DataDog/datadog-agent/comp/core/secrets/def v0.77.0 // indirect
	github.com/DataDog/datadog-agent/comp/core/secrets/noop-impl v0.77.0 // indirect
	github.com/DataDog/datadog-agent/comp/core/tagger/generic_store v0.77.0 // indirect
	github.com/DataDog/datadog-agent/comp/core/tagger/telemetry v0.77.0 // indirect
	github.com/DataDog/datadog-agent/comp/core/tagger/utils v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/collector/check/defaults v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/config/basic v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/config/create v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/config/env v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/config/helper v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/config/model v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/config/nodetreemodel v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/config/setup v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/config/structure v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/config/teeconfig v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/config/utils v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/config/viperconfig v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/fips v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/tagger/types v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/tagset v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/telemetry v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/util/cache v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/util/common v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/util/executable v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/util/filesystem v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/util/flavor v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/util/fxutil v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/util/grpc v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/util/http v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/util/kubernetes/apiserver/common/namespace v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/util/log v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/util/option v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/util/pointer v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/util/scrubber v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/util/sort v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/util/system v0.77.0 // indirect
	github.com/DataDog/datadog-agent/pkg/version v0.77.0 // indirect
	github.com/DataDog/viper v1.15.0 // indirect
	github.com/beorn7/perks v1.0.1 // indirect
	github.com/cenkalti/backoff/v5 v5.0.3 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/fsnotify/fsnotify v1.9.0 // indirect
	github.com/go-viper/mapstructure/v2 v2.5.0 // indirect
	github.com/gofrs/flock v0.13.0 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/grpc-ecosystem/go-grpc-middleware v1.4.0 // indirect
	github.com/magiconair/properties v1.8.10 // indirect
	github.com/mdlayher/socket v0.5.1 // indirect
	github.com/mdlayher/vsock v1.2.1 // indirect
	github.com/mohae/deepcopy v0.0.0-20170929034955-c48cc78d4826 // indirect
	github.com/munnerz/goautoneg v0.0.0-20191010083416-a7dc8b61c822 // indirect
	github.com/patrickmn/go-cache v2.1.0+incompatible // indirect
	github.com/pelletier/go-toml v1.9.5 // indirect
	github.com/philhofer/fwd v1.2.0 // indirect
	github.com/pkg/errors v0.9.1 // indirect
	github.com/prometheus/client_golang v1.23.2 // indirect
	github.com/prometheus/client_model v0.6.2 // indirect
	github.com/prometheus/common v0.67.5 // indirect
	github.com/prometheus/procfs v0.19.2 // indirect
	github.com/shirou/gopsutil/v4 v4.26.1 // indirect
	github.com/spf13/cast v1.10.0 // indirect
	github.com/spf13/jwalterweatherman v1.1.0 // indirect
	github.com/spf13/pflag v1.0.10 // indirect
	github.com/tinylib/msgp v1.6.3 // indirect
	github.com/tklauser/go-sysconf v0.3.16 // indirect
	github.com/tklauser/numcpus v0.11.0 // indirect
	github.com/twmb/murmur3 v1.1.8 // indirect
	go.uber.org/atomic v1.11.0 // indirect
	go.uber.org/dig v1.19.0 // indirect
	go.uber.org/fx v1.24.0 // indirect
	go.uber.org/multierr v1.11.0 // indirect
	go.uber.org/zap v1.27.1 // indirect
	go.yaml.in/yaml/v2 v2.4.3 // indirect
	golang.org/x/net v0.50.0 // indirect
	golang.org/x/sync v0.19.0 // indirect
	golang.org/x/sys v0.41.0 // indirect
	golang.org/x/text v0.34.0 // indirect
	golang.org/x/time v0.14.0 // indirect
	google.golang.org/genproto/googleapis/rpc v0.0.0-20251222181119-0a764e51fe1b // indirect
	google.golang.org/protobuf v1.36.11 // indirect
	gopkg.in/yaml.v2 v2.4.0 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)

// Asks agents over gRPC, one question in flight: grpc ENTITY SOCKET [SOCKET]. Prints the median of each agent, by turns.
package main

import (
	"context"
	"fmt"
	"os"
	"sort"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

const calls = 20000

// raw passes encoded messages through, so that no generated code is needed.
type raw struct{}

func (raw) Marshal(v any) ([]byte, error)      { return *(v.(*[]byte)), nil }
func (raw) Unmarshal(data []byte, v any) error { *(v.(*[]byte)) = append([]byte(nil), data...); return nil }
func (raw) Name() string                       { return "proto" }

func main() {
	entity := os.Args[1]
	question := append([]byte{0x0a, byte(len(entity))}, entity...) // TagRequest.entity = 1
	for round := 0; round < 3; round++ {
		var medians []float64
		for _, path := range os.Args[2:] {
			client, err := grpc.NewClient("unix:"+path, grpc.WithTransportCredentials(insecure.NewCredentials()))
			if err != nil {
				panic(err)
			}
			var taken []time.Duration
			for i := 0; i < calls; i++ {
				var answer []byte
				begin := time.Now()
				if err := client.Invoke(context.Background(), "/tagger.v1.Tagger/Tag", &question, &answer, grpc.ForceCodec(raw{})); err != nil {
					panic(err)
				}
				taken = append(taken, time.Since(begin))
				if len(answer) == 0 {
					panic("no answer")
				}
			}
			client.Close()
			half := taken[calls/2:]
			sort.Slice(half, func(a, b int) bool { return half[a] < half[b] })
			medians = append(medians, float64(half[len(half)/2].Nanoseconds())/1e3)
		}
		if len(medians) == 2 {
			fmt.Printf("before p50 %.0f us, after p50 %.0f us, ratio %.2f\n", medians[0], medians[1], medians[1]/medians[0])
		} else {
			fmt.Printf("p50 %.0f us\n", medians[0])
		}
	}
}

// franz-go behind the workload contract of bench/workload.ts.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"runtime/debug"
	"sort"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

type workload struct {
	BootstrapServers, Topic, Mode, Partitioning string
	Partitions, Outstanding, ValueBytes         int
	WarmupRecords, Records                      int64
	WarmupMs, DurationMs, LingerMs              float64
	Idempotent                                  bool
	BatchSize                                   int32
	BufferMemory                                int
}

type client struct {
	kafka         *kgo.Client
	work          workload
	value         []byte
	acked, failed atomic.Int64
}

func main() {
	var work workload
	check(json.Unmarshal([]byte(os.Args[1]), &work))
	options, settings := optionsFor(work)
	kafka, err := kgo.NewClient(options...)
	check(err)
	c := &client{kafka: kafka, work: work, value: bytes.Repeat([]byte("x"), work.ValueBytes)}

	c.produce(work.WarmupRecords, work.WarmupMs, nil)
	before := c.acked.Load()
	var latencies []float64
	cpuBefore, start := cpuSeconds(), time.Now()
	c.produce(work.Records, work.DurationMs, &latencies)
	seconds, cpu := time.Since(start).Seconds(), cpuSeconds()-cpuBefore

	result := map[string]any{
		"records": c.acked.Load() - before, "recordsBefore": before, "failed": c.failed.Load(),
		"seconds": seconds, "cpuSeconds": cpu, "peakRssBytes": peakRssBytes(), "settings": settings,
	}
	if work.Mode == "awaited" {
		sort.Float64s(latencies)
		at := func(quantile float64) float64 { return latencies[int(float64(len(latencies)-1)*quantile)] }
		result["latencyMs"] = map[string]float64{
			"p50": at(.5), "p90": at(.9), "p99": at(.99), "p999": at(.999), "max": at(1),
		}
	}
	check(json.NewEncoder(os.Stdout).Encode(result))
}

func optionsFor(work workload) ([]kgo.Opt, map[string]any) {
	const recordsBuffered = 1_000_000
	settings := map[string]any{
		"version": version(), "RequiredAcks": "all", "idempotent": work.Idempotent, "ProducerLinger": fmt.Sprintf("%gms", work.LingerMs),
		"ProducerBatchMaxBytes": work.BatchSize, "MaxBufferedBytes": work.BufferMemory, "MaxBufferedRecords": recordsBuffered,
		"ProducerBatchCompression": "none",
	}
	options := []kgo.Opt{
		kgo.SeedBrokers(strings.Split(work.BootstrapServers, ",")...),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerLinger(time.Duration(work.LingerMs * float64(time.Millisecond))),
		kgo.ProducerBatchMaxBytes(work.BatchSize),
		kgo.MaxBufferedBytes(work.BufferMemory),
		kgo.MaxBufferedRecords(recordsBuffered),
		kgo.ProducerBatchCompression(kgo.NoCompression()),
	}
	if !work.Idempotent {
		options = append(options, kgo.DisableIdempotentWrite())
	}
	if work.Partitioning != "unkeyed" {
		options = append(options, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	}
	return options, settings
}

// produce sends until `records` or `durationMs`, with at most the workload's outstanding records unsettled.
func (c *client) produce(records int64, durationMs float64, latencies *[]float64) {
	ctx := context.Background()
	deadline := time.Now().Add(time.Duration(durationMs * float64(time.Millisecond)))
	var slots chan struct{}
	if c.work.Mode == "promise" {
		slots = make(chan struct{}, c.work.Outstanding)
	}
	settle := func(_ *kgo.Record, err error) {
		if err != nil {
			c.failed.Add(1)
		} else {
			c.acked.Add(1)
		}
		if slots != nil {
			<-slots
		}
	}
	for sent := int64(0); sent < records; sent++ {
		if c.work.Mode == "awaited" {
			start := time.Now()
			settle(nil, c.kafka.ProduceSync(ctx, c.record(sent)).FirstErr())
			if latencies != nil {
				*latencies = append(*latencies, float64(time.Since(start).Nanoseconds())/1e6)
			}
		} else {
			if slots != nil {
				slots <- struct{}{}
			}
			c.kafka.Produce(ctx, c.record(sent), settle)
		}
		if (c.work.Mode == "awaited" || sent%1024 == 1023) && !time.Now().Before(deadline) {
			break
		}
	}
	check(c.kafka.Flush(ctx))
}

func (c *client) record(index int64) *kgo.Record {
	record := &kgo.Record{Topic: c.work.Topic, Value: c.value}
	if c.work.Partitioning == "round-robin" {
		record.Partition = int32(index % int64(c.work.Partitions))
	}
	return record
}

func cpuSeconds() float64 {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return float64(usage.Utime.Sec+usage.Stime.Sec) + float64(usage.Utime.Usec+usage.Stime.Usec)/1e6
}

// peakRssBytes reads VmHWM: the maximum that getrusage knows survives exec, so it would be the runner's own size.
func peakRssBytes() int64 {
	status, _ := os.ReadFile("/proc/self/status")
	for _, line := range strings.Split(string(status), "\n") {
		var kilobytes int64
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kilobytes); n == 1 {
			return kilobytes * 1024
		}
	}
	return 0
}

func version() string {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if module.Path == "github.com/twmb/franz-go" {
			return module.Version
		}
	}
	return "unknown"
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

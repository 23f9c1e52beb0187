// Package load sends many requests through one client and prints how that went.
package load

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

var start = time.Now()

type report struct {
	Client           string   `json:"client"`
	Version          string   `json:"version"`
	Requests         int      `json:"requests"`
	Failed           int      `json:"failed"`
	P50Ms            float64  `json:"p50Ms"`
	P99Ms            float64  `json:"p99Ms"`
	FirstError       *string  `json:"firstError"`
	FirstErrorAtMs   *float64 `json:"firstErrorAtMs"`
	LastErrorAtMs    *float64 `json:"lastErrorAtMs"`
	FirstSuccessAtMs *float64 `json:"firstSuccessAtMs"`
}

// Run makes REQUESTS requests from CONCURRENCY goroutines.
func Run(client, version string, request func() error) {
	total, pace := number("REQUESTS", 1), time.Duration(number("PACE_MS", 0))*time.Millisecond
	result := report{Client: client, Version: version, Requests: total}
	times := make([]float64, 0, total)
	var started atomic.Int64
	var recording sync.Mutex
	var workers sync.WaitGroup
	for range number("CONCURRENCY", 1) {
		workers.Go(func() {
			for started.Add(1) <= int64(total) {
				began := time.Now()
				err := request()
				took, at := ms(time.Since(began)), ms(time.Since(start))
				recording.Lock()
				times = append(times, took)
				result.record(err, at)
				recording.Unlock()
				time.Sleep(pace)
			}
		})
	}
	workers.Wait()
	slices.Sort(times)
	result.P50Ms, result.P99Ms = times[(total-1)*50/100], times[(total-1)*99/100]
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		log.Fatal(err)
	}
}

func (r *report) record(err error, at float64) {
	if err == nil {
		if r.FirstSuccessAtMs == nil {
			r.FirstSuccessAtMs = &at
		}
		return
	}
	r.Failed++
	r.LastErrorAtMs = &at
	if r.FirstError == nil {
		text := fmt.Sprintf("%.300s", fmt.Sprintf("%T: %v", err, err))
		r.FirstError, r.FirstErrorAtMs = &text, &at
	}
}

func ms(d time.Duration) float64 {
	return float64(d.Microseconds()) / 1000
}

func number(name string, fallback int) int {
	text, ok := os.LookupEnv(name)
	if !ok {
		return fallback
	}
	value, err := strconv.Atoi(text)
	if err != nil {
		log.Fatal(name, ": ", err)
	}
	return value
}

// ModuleVersion says which release of a module this program was built with, for those that export none of themselves.
func ModuleVersion(path string) string {
	build, _ := debug.ReadBuildInfo()
	module := slices.IndexFunc(build.Deps, func(module *debug.Module) bool { return module.Path == path })
	return strings.TrimPrefix(build.Deps[module].Version, "v")
}

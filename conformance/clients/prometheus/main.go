// Prometheus' own signing, as its remote write does it: a cache of its own around that of the AWS SDK for Go v2.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"

	"clients/load"

	"github.com/prometheus/sigv4"
)

func main() {
	config := &sigv4.SigV4Config{Region: os.Getenv("AWS_REGION")}
	signing, err := sigv4.NewSigV4RoundTripper(config, http.DefaultTransport)
	if err != nil {
		log.Fatal(err)
	}
	client := http.Client{Transport: signing}
	load.Run("prometheus", load.ModuleVersion("github.com/prometheus/sigv4"), func() error {
		answer, err := client.Post(os.Getenv("TARGET_URL")+"/api/v1/remote_write", "application/x-protobuf", nil)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err == nil && answer.StatusCode != http.StatusOK {
			return fmt.Errorf("%s: %s", answer.Status, body)
		}
		return err
	})
}

// minio-go, by its IAM provider: what it has of a default chain.
package main

import (
	"context"
	"io"
	"log"
	"net/url"
	"os"
	"strings"

	"clients/load"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

func main() {
	target, err := url.Parse(os.Getenv("TARGET_URL"))
	if err != nil {
		log.Fatal(err)
	}
	// It does not read this variable, and appends paths that begin with a slash.
	imds := strings.TrimSuffix(os.Getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT"), "/")
	client, err := minio.New(target.Host, &minio.Options{
		Creds:        credentials.NewIAM(imds),
		Region:       os.Getenv("AWS_REGION"),
		BucketLookup: minio.BucketLookupPath,
		MaxRetries:   1,
	})
	if err != nil {
		log.Fatal(err)
	}
	load.Run("minio-go", load.ModuleVersion("github.com/minio/minio-go/v7"), func() error {
		object, err := client.GetObject(context.Background(), "bucket", "key", minio.GetObjectOptions{})
		if err != nil {
			return err
		}
		defer object.Close()
		_, err = io.Copy(io.Discard, object)
		return err
	})
}

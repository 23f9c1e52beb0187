// rclone with its S3 backend only: one remote for all requests, as `rclone mount` and `rclone serve` have it.
package main

import (
	"context"
	"io"
	"log"
	"os"

	"clients/load"

	_ "github.com/rclone/rclone/backend/s3"
	"github.com/rclone/rclone/fs"
)

func main() {
	ctx, settings := fs.AddConfig(context.Background())
	// Once each: its own retries would hide a rejected request.
	settings.LowLevelRetries = 1
	remote := ":s3,provider=Other,env_auth=true,force_path_style=true,region=" + os.Getenv("AWS_REGION") +
		",endpoint='" + os.Getenv("TARGET_URL") + "':bucket"
	bucket, err := fs.NewFs(ctx, remote)
	if err != nil {
		log.Fatal(err)
	}
	load.Run("rclone", load.ModuleVersion("github.com/rclone/rclone"), func() error {
		object, err := bucket.NewObject(ctx, "key")
		if err != nil {
			return err
		}
		content, err := object.Open(ctx)
		if err != nil {
			return err
		}
		defer content.Close()
		_, err = io.Copy(io.Discard, content)
		return err
	})
}

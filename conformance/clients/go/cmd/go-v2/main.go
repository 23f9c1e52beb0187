// The AWS SDK for Go v2.
package main

import (
	"context"
	"log"
	"os"

	"clients/load"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func main() {
	ctx := context.Background()
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		log.Fatal(err)
	}
	// On the client and not in the configuration, which the credential providers share.
	client := sts.NewFromConfig(cfg, func(options *sts.Options) {
		options.BaseEndpoint = aws.String(os.Getenv("TARGET_URL"))
		options.Retryer = aws.NopRetryer{}
	})
	load.Run("go-v2", aws.SDKVersion, func() error {
		_, err := client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		return err
	})
}

// The library by which Terraform's AWS provider gets its credentials.
package main

import (
	"context"
	"log"
	"os"

	"clients/load"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	awsbase "github.com/hashicorp/aws-sdk-go-base/v2"
)

func main() {
	// The provider asks STS who it is once at its start; here the first request does.
	config := &awsbase.Config{Region: os.Getenv("AWS_REGION"), SkipCredsValidation: true}
	ctx, cfg, problems := awsbase.GetAwsConfig(context.Background(), config)
	for _, problem := range problems.Errors() {
		log.Fatal(problem.Summary(), ": ", problem.Detail())
	}
	client := sts.NewFromConfig(cfg, func(options *sts.Options) {
		options.BaseEndpoint = aws.String(os.Getenv("TARGET_URL"))
		options.Retryer = aws.NopRetryer{}
	})
	load.Run("terraform", load.ModuleVersion("github.com/hashicorp/aws-sdk-go-base/v2"), func() error {
		_, err := client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		return err
	})
}

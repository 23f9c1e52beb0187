// The AWS SDK for Go v1.
package main

import (
	"os"

	"clients/load"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/sts"
)

func main() {
	// On the client and not on the session, which would hand them on to the credential providers.
	config := aws.NewConfig().WithEndpoint(os.Getenv("TARGET_URL")).WithMaxRetries(0)
	client := sts.New(session.Must(session.NewSession()), config)
	load.Run("go-v1", aws.SDKVersion, func() error {
		_, err := client.GetCallerIdentity(&sts.GetCallerIdentityInput{})
		return err
	})
}

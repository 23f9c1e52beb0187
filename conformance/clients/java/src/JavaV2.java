import java.net.URI;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.util.VersionInfo;
import software.amazon.awssdk.services.sts.StsClient;

/** The AWS SDK for Java v2. */
class JavaV2 {
  public static void main(String[] args) throws InterruptedException {
    var load = new Load();
    var client =
        StsClient.builder()
            .endpointOverride(URI.create(System.getenv("TARGET_URL")))
            .overrideConfiguration(config -> config.retryStrategy(AwsRetryStrategy.doNotRetry()))
            .build();
    load.run(args[0], VersionInfo.SDK_VERSION, client::getCallerIdentity);
  }
}

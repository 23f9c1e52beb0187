import static com.amazonaws.SDKGlobalConfiguration.EC2_METADATA_SERVICE_OVERRIDE_SYSTEM_PROPERTY;

import com.amazonaws.ClientConfiguration;
import com.amazonaws.client.builder.AwsClientBuilder.EndpointConfiguration;
import com.amazonaws.retry.PredefinedRetryPolicies;
import com.amazonaws.services.securitytoken.AWSSecurityTokenServiceClientBuilder;
import com.amazonaws.services.securitytoken.model.GetCallerIdentityRequest;
import com.amazonaws.util.VersionInfoUtils;

/** The AWS SDK for Java v1, old and new. */
class JavaV1 {
  public static void main(String[] args) throws InterruptedException {
    var load = new Load();
    // 1.11 does not read the variable.
    var imds = System.getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    if (imds != null) System.setProperty(EC2_METADATA_SERVICE_OVERRIDE_SYSTEM_PROPERTY, imds);

    var endpoint =
        new EndpointConfiguration(System.getenv("TARGET_URL"), System.getenv("AWS_REGION"));
    var noRetries =
        new ClientConfiguration().withRetryPolicy(PredefinedRetryPolicies.NO_RETRY_POLICY);
    var client =
        AWSSecurityTokenServiceClientBuilder.standard()
            .withEndpointConfiguration(endpoint)
            .withClientConfiguration(noRetries)
            .build();
    load.run(
        args[0],
        VersionInfoUtils.getVersion(),
        () -> client.getCallerIdentity(new GetCallerIdentityRequest()));
  }
}

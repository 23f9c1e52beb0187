import aws.sdk.kotlin.services.sts.SdkVersion
import aws.sdk.kotlin.services.sts.StsClient
import aws.sdk.kotlin.services.sts.getCallerIdentity
import aws.smithy.kotlin.runtime.net.url.Url

/** The AWS SDK for Kotlin. */
suspend fun main() {
    val load = Load()
    val client =
        StsClient.fromEnvironment {
            endpointUrl = Url.parse(System.getenv("TARGET_URL"))
            retryStrategy { maxAttempts = 1 }
        }
    client.use { load.run("kotlin", SdkVersion) { it.getCallerIdentity() } }
}

import io.minio.GetObjectArgs;
import io.minio.MinioClient;
import io.minio.credentials.IamAwsProvider;

/** minio-java, by its IAM provider: what it has of a default chain. */
class MinioJava {
  public static void main(String[] args) throws InterruptedException {
    var load = new Load();
    var client =
        MinioClient.builder()
            .endpoint(System.getenv("TARGET_URL"))
            .region(System.getenv("AWS_REGION"))
            // It does not read this variable.
            .credentialsProvider(
                new IamAwsProvider(System.getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT"), null))
            .build();
    var object = GetObjectArgs.builder().bucket("bucket").object("key").build();
    load.run(
        args[0],
        MinioClient.class.getPackage().getImplementationVersion(),
        () -> {
          try (var answer = client.getObject(object)) {
            return answer.readAllBytes();
          }
        });
    // The threads of its HTTP client would keep the process for another minute.
    System.exit(0);
  }
}

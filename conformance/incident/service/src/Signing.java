import com.amazonaws.DefaultRequest;
import com.amazonaws.auth.AWS4Signer;
import com.amazonaws.auth.AWSCredentialsProvider;
import com.amazonaws.auth.DefaultAWSCredentialsProviderChain;
import com.amazonaws.http.HttpMethodName;
import java.net.URI;
import org.apache.http.HttpRequest;
import org.apache.http.HttpRequestInterceptor;
import org.apache.http.protocol.HttpContext;

/**
 * Signs what an HTTP client sends, with the SDK's own signer and default chain: how clients that are
 * not the SDK's reach Amazon's Elasticsearch.
 */
final class Signing implements HttpRequestInterceptor {
  private final AWSCredentialsProvider credentials = new DefaultAWSCredentialsProviderChain();
  private final AWS4Signer signer = new AWS4Signer();
  private final URI endpoint;

  Signing(URI endpoint, String region) {
    this.endpoint = endpoint;
    signer.setServiceName("es");
    signer.setRegionName(region);
  }

  @Override
  public void process(HttpRequest request, HttpContext context) {
    var line = request.getRequestLine();
    var toSign = new DefaultRequest<Void>("es");
    toSign.setEndpoint(endpoint.resolve("/"));
    toSign.setResourcePath(line.getUri());
    toSign.setHttpMethod(HttpMethodName.fromValue(line.getMethod()));
    signer.sign(toSign, credentials.getCredentials());
    toSign.getHeaders().forEach(request::setHeader);
  }
}

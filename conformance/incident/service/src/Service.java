import com.amazonaws.util.VersionInfoUtils;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.Executors;
import org.apache.http.client.methods.HttpGet;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.client.HttpClients;
import org.apache.http.util.EntityUtils;

/** A web service that asks Elasticsearch once for each of its requests. */
class Service {
  private static final int THREADS = 8;

  private final URI search = URI.create(System.getenv("ELASTICSEARCH_URL") + "/orders/_search");
  private final CloseableHttpClient elasticsearch =
      HttpClients.custom()
          .addInterceptorLast(new Signing(search, System.getenv("AWS_REGION")))
          .setMaxConnPerRoute(THREADS)
          .build();

  public static void main(String[] args) throws IOException {
    var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    var server = HttpServer.create(anyPort, 0);
    server.createContext("/orders", new Service()::answer);
    server.setExecutor(Executors.newFixedThreadPool(THREADS));
    server.start();
    var port = server.getAddress().getPort();
    System.out.println("with the SDK " + VersionInfoUtils.getVersion() + " listening on " + port);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      var found = ask();
      exchange.sendResponseHeaders(found.status, found.body.length);
      exchange.getResponseBody().write(found.body);
    }
  }

  /** What Elasticsearch says, whatever it is; 502 when it cannot be asked. */
  private Found ask() {
    try (var response = elasticsearch.execute(new HttpGet(search))) {
      var body = EntityUtils.toByteArray(response.getEntity());
      return new Found(response.getStatusLine().getStatusCode(), body);
    } catch (Exception error) {
      return new Found(502, error.toString().getBytes());
    }
  }

  private record Found(int status, byte[] body) {}
}

import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** Sends many requests through one client and prints how that went. */
final class Load {
  private final long start = System.nanoTime();
  private final int requests = number("REQUESTS", 1);
  private final int pace = number("PACE_MS", 0);
  private final AtomicInteger started = new AtomicInteger();
  private final double[] times = new double[requests];
  private int failed;
  private String firstError;
  private Double firstErrorAtMs;
  private Double lastErrorAtMs;
  private Double firstSuccessAtMs;

  void run(String client, String version, Callable<?> request) throws InterruptedException {
    var threads =
        IntStream.range(0, number("CONCURRENCY", 1))
            .mapToObj(index -> new Thread(() -> work(request)))
            .toList();
    threads.forEach(Thread::start);
    for (var thread : threads) thread.join();
    print(client, version);
  }

  private void work(Callable<?> request) {
    for (int turn; (turn = started.getAndIncrement()) < requests; ) {
      var began = System.nanoTime();
      Exception error = null;
      try {
        request.call();
      } catch (Exception thrown) {
        error = thrown;
      }
      times[turn] = msSince(began);
      record(error);
      try {
        Thread.sleep(pace);
      } catch (InterruptedException interrupted) {
        return;
      }
    }
  }

  private synchronized void record(Exception error) {
    var at = msSince(start);
    if (error == null) {
      if (firstSuccessAtMs == null) firstSuccessAtMs = at;
      return;
    }
    failed++;
    lastErrorAtMs = at;
    if (firstError != null) return;
    firstErrorAtMs = at;
    firstError = quoted(error.getClass().getName() + ": " + error.getMessage());
  }

  private void print(String client, String version) {
    Arrays.sort(times);
    System.out.printf(
        """
        { "client": "%s", "version": "%s", "requests": %d, "failed": %d, "p50Ms": %s, "p99Ms": %s, \
        "firstError": %s, "firstErrorAtMs": %s, "lastErrorAtMs": %s, "firstSuccessAtMs": %s }
        """,
        client,
        version,
        requests,
        failed,
        percentile(50),
        percentile(99),
        firstError,
        firstErrorAtMs,
        lastErrorAtMs,
        firstSuccessAtMs);
  }

  private double percentile(int percent) {
    return times[(requests - 1) * percent / 100];
  }

  private static double msSince(long began) {
    return (System.nanoTime() - began) / 1000 / 1000.0;
  }

  private static String quoted(String text) {
    var cut = text.substring(0, Math.min(300, text.length()));
    var escaped = cut.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\p{Cntrl}", " ");
    return '"' + escaped + '"';
  }

  private static int number(String name, int fallback) {
    var text = System.getenv(name);
    return text == null ? fallback : Integer.parseInt(text);
  }
}

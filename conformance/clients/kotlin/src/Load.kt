import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.TimeSource.Monotonic
import kotlin.time.TimeSource.Monotonic.ValueTimeMark

/** Sends many requests through one client and prints how that went. */
class Load {
    private val start = Monotonic.markNow()
    private val requests = number("REQUESTS", 1)
    private val pace = number("PACE_MS", 0)
    private val started = AtomicInteger()
    private val times = DoubleArray(requests)
    private var failed = 0
    private var firstError: String? = null
    private var firstErrorAtMs: Double? = null
    private var lastErrorAtMs: Double? = null
    private var firstSuccessAtMs: Double? = null

    suspend fun run(
        client: String,
        version: String,
        request: suspend () -> Unit,
    ) {
        withContext(Dispatchers.Default) {
            List(number("CONCURRENCY", 1)) { launch { work(request) } }.joinAll()
        }
        print(client, version)
    }

    private suspend fun work(request: suspend () -> Unit) {
        while (true) {
            val turn = started.getAndIncrement()
            if (turn >= requests) return
            val began = Monotonic.markNow()
            val error = runCatching { request() }.exceptionOrNull()
            times[turn] = msSince(began)
            record(error)
            delay(pace.toLong())
        }
    }

    @Synchronized
    private fun record(error: Throwable?) {
        val at = msSince(start)
        if (error == null) {
            firstSuccessAtMs = firstSuccessAtMs ?: at
            return
        }
        failed++
        lastErrorAtMs = at
        firstErrorAtMs = firstErrorAtMs ?: at
        firstError = firstError ?: quoted("${error::class.qualifiedName}: ${error.message}")
    }

    private fun print(
        client: String,
        version: String,
    ) {
        times.sort()
        println(
            """
            { "client": "$client", "version": "$version", "requests": $requests, "failed": $failed,
            "p50Ms": ${percentile(50)}, "p99Ms": ${percentile(99)},
            "firstError": $firstError, "firstErrorAtMs": $firstErrorAtMs,
            "lastErrorAtMs": $lastErrorAtMs, "firstSuccessAtMs": $firstSuccessAtMs }
            """.trimIndent().replace('\n', ' '),
        )
    }

    private fun percentile(percent: Int) = times[(requests - 1) * percent / 100]
}

private fun msSince(mark: ValueTimeMark) = mark.elapsedNow().inWholeMicroseconds / 1000.0

private fun quoted(text: String): String {
    val escaped = text.take(300).replace("\\", "\\\\").replace("\"", "\\\"")
    return "\"${escaped.replace(Regex("\\p{Cntrl}"), " ")}\""
}

private fun number(
    name: String,
    fallback: Int,
) = System.getenv(name)?.toInt() ?: fallback

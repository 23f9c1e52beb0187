# frozen_string_literal: true

# The AWS SDK for Ruby: sends REQUESTS requests through one client and prints how that went.

require 'aws-sdk-core'
require 'json'

# How the requests went, from whichever thread.
class Report
  def initialize
    @started = now_ms
    @times = []
    @errors = []
    @successes = []
  end

  def measure
    began = now_ms
    yield
    @successes << ms_since(@started)
  rescue StandardError => e
    @errors << ["#{e.class}: #{e.message}"[0, 300], ms_since(@started)]
  ensure
    @times << ms_since(began)
  end

  def to_h
    {
      client: 'ruby',
      version: Aws::CORE_GEM_VERSION,
      requests: @times.size,
      failed: @errors.size,
      p50Ms: percentile(50),
      p99Ms: percentile(99),
      firstError: @errors.dig(0, 0),
      firstErrorAtMs: @errors.dig(0, 1),
      lastErrorAtMs: @errors.dig(-1, 1),
      firstSuccessAtMs: @successes.first
    }
  end

  private

  def percentile(percent)
    @times.sort[(@times.size - 1) * percent / 100]
  end

  def ms_since(moment)
    (now_ms - moment).round(3)
  end

  def now_ms
    Process.clock_gettime(Process::CLOCK_MONOTONIC, :float_millisecond)
  end
end

report = Report.new
sts = Aws::STS::Client.new(endpoint: ENV.fetch('TARGET_URL'), retry_limit: 0)
turns = Queue.new(1..Integer(ENV.fetch('REQUESTS'))).close
pace_s = Integer(ENV.fetch('PACE_MS', '0')) / 1000.0

threads = Array.new(Integer(ENV.fetch('CONCURRENCY', '1'))) do
  Thread.new do
    while turns.pop
      report.measure { sts.get_caller_identity }
      sleep pace_s
    end
  end
end
threads.each(&:join)
puts JSON.generate(report.to_h)

-- For wrk: what a run came to, as a line of JSON. With paths as arguments, each request asks for the next of them.
local requests, next_request = {}, 0

function init(args)
   for index, path in ipairs(args) do
      requests[index] = wrk.format(nil, path)
   end
   if #requests > 0 then
      request = function()
         next_request = next_request % #requests + 1
         return requests[next_request]
      end
   end
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      '{"answered":%d,"seconds":%f,"failed":%d,"p50Us":%d,"p99Us":%d,"p999Us":%d}\n',
      summary.requests, summary.duration / 1e6,
      errors.connect + errors.read + errors.write + errors.status + errors.timeout,
      latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end

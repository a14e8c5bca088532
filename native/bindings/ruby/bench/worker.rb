# frozen_string_literal: true

# One forked worker, for the page-diff harness:
#   ruby -I ... bench/worker.rb make-region jobs.ztc
#   pagediff run --inherited --baseline 'ruby -I ... bench/worker.rb empty jobs.ztc' -- \
#     ruby -I ... bench/worker.rb copy jobs.ztc
# Ways: empty (open the region, run the same loop, copy nothing), copy, symbols, batch; and what Ruby un-shares by
# itself: objects (as many new objects), hashes (as many literal hashes). What else is done: pread (with Marshal, out of
# a file that `make-peer FILE` wrote), and over live data read and roundtrip (by Marshal), whose empty loop is live.
# ZTC_RECORDS and ZTC_TIMES are the number of records, and of copies (100000 each).
require "zerotouch"
require_relative "mail"

RECORDS = Integer(ENV.fetch("ZTC_RECORDS", "100000"))
TIMES = Integer(ENV.fetch("ZTC_TIMES", "100000"))

way, path = ARGV
if way == "make-region"
  ZeroTouch.publish(path, (0...RECORDS).lazy.map { |i| Mail.job(i) })
  exit
end
if way == "make-peer"
  places = [0]
  File.open("#{path}.marshal", "wb") do |file|
    RECORDS.times { |i| places << places.last + file.write(Marshal.dump(Mail.job(i))) }
    file.write(places.pack("Q<*"))
  end
  exit
end
PEER = way == "pread" ? File.open("#{path}.marshal", "rb") : nil
PLACES = PEER.nil? ? 0 : PEER.size - 8 * (RECORDS + 1)
LIVE = %w[read roundtrip live].include?(way) ? Array.new(RECORDS) { |i| Mail.job(i) } : nil
REGION = LIVE || PEER ? nil : ZeroTouch::Region.open(path, keys: way == "symbols" ? :symbol : :string)

def repeat(step = 1)
  i = 0
  while i < TIMES
    yield i * 7919 % RECORDS
    i += step
  end
end

work = {
  "empty" => -> { repeat { |i| i } },
  "copy" => -> { repeat { |i| REGION[i] } },
  "symbols" => -> { repeat { |i| REGION[i] } },
  "objects" => -> { repeat { Object.new } },
  "hashes" => -> { repeat { |i| {"id" => i, "tags" => [1, "x" * 5], "prefs" => {"html" => true, "lang" => "en"}} } },
  "live" => -> { repeat { |i| i } },
  "read" => -> { repeat { |i| LIVE[i][:prefs][:lang] } },
  "roundtrip" => -> { repeat { |i| Marshal.load(Marshal.dump(LIVE[i])) } },
  "pread" => lambda {
    repeat { |i|
      from, to = PEER.pread(16, PLACES + 8 * i).unpack("Q<Q<")
      Marshal.load(PEER.pread(to - from, from))
    }
  },
  "batch" => -> { repeat(3) { |i| REGION.values_at(i, i / 2, i / 3) } }
}.fetch(way)
ZeroTouch.prepare_to_fork
child = fork {
  work.call
  exit!(0)
}
Process.wait(child)
exit($?.exitstatus)

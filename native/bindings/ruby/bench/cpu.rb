# frozen_string_literal: true

# CPU time a record, against pread + Marshal. In every round each way takes its turn; the ratios are the medians
# over the rounds.
#   ruby -I ... bench/cpu.rb [RECORDS [ROUNDS]]
require "tmpdir"
require "zerotouch"
require_relative "mail"

def median(values) = values.sort[values.size / 2]

records = Integer(ARGV.fetch(0, "100000"))
rounds = Integer(ARGV.fetch(1, "9"))
Dir.mktmpdir do |folder|
  ZeroTouch.publish("#{folder}/jobs.ztc", (0...records).lazy.map { |i| Mail.job(i) })
  places = [0]
  File.open("#{folder}/jobs.marshal", "wb") { |out|
    records.times { |i| places << places.last + out.write(Marshal.dump(Mail.job(i))) }
  }
  index = places.pack("Q*")
  file = File.open("#{folder}/jobs.marshal", "rb")
  strings = ZeroTouch::Region.open("#{folder}/jobs.ztc")
  symbols = ZeroTouch::Region.open("#{folder}/jobs.ztc", keys: :symbol)
  step = 7919
  step += 2 while (records % step).zero?
  order = Array.new(records) { |i| i * step % records }
  ways = {
    "region[i], symbols" => -> { order.each { |i| symbols[i] } },
    "region[i], strings" => -> { order.each { |i| strings[i] } },
    "values_at(32)" => -> { order.each_slice(32) { |some| symbols.values_at(*some) } },
    "pread + Marshal" => lambda {
      order.each { |i|
        from, to = index.unpack("Q2", offset: i * 8)
        Marshal.load(file.pread(to - from, from))
      }
    }
  }
  seconds = Hash.new { |all, way| all[way] = [] }
  names = ways.keys
  (rounds + 1).times { |round|
    names.rotate!
    names.each { |way|
      GC.start
      before = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID)
      ways[way].call
      seconds[way] << Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID) - before if round.positive?
    }
  }
  puts "#{records} records in random order, #{rounds} rounds, Ruby #{RUBY_VERSION}"
  peer = seconds["pread + Marshal"]
  ways.each_key { |way|
    ratio = median(seconds[way].zip(peer).map { |ours, theirs| ours / theirs })
    goal = way.start_with?("region") ? "goal 0.4: #{ratio <= 0.4 ? "met" : "missed"}" : ""
    puts format("%-20s %6.2f µs  %.2f of pread + Marshal  %s", way, median(seconds[way]) / records * 1e6, ratio, goal)
  }
end

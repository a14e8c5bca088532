# frozen_string_literal: true

# Prints the pages that four workers un-share: one with an empty loop, one that makes objects of Ruby's, one that
# copies a little, one that copies a lot. Nothing is loaded that a parent of workers would not have.
require_relative "page_watch"
WATCH = PageWatch.new # before there is any data
require "zerotouch"

REGION = ZeroTouch::Region.open(ARGV.fetch(0))

def repeat(times)
  i = 0
  while i < times
    yield i * 7919 % 20_000
    i += 1
  end
end

work = [-> { repeat(100_000) { |i| i } }, -> { repeat(100_000) { Object.new } }, -> { repeat(10_000) { |i| REGION[i] } },
        -> { repeat(100_000) { |i| REGION[i] } }]
pages = work.map { |loop|
  ZeroTouch.prepare_to_fork
  WATCH.watch(&loop).first
}
puts pages.join(" ")
WATCH.close

# frozen_string_literal: true

require "set"
require_relative "zerotouch/errors"
require_relative "zerotouch/convert"
require "zerotouch/native"

# Private copies of records in a shared, read-only region, without one write to a page of it.
module ZeroTouch
  VERSION = "0.1.0"

  # Writes the records of `records`, anything with `each`, to a region at `path`, and returns their number.
  # Readers see the old file or the new one, whole; when anything fails, the old one is as it was.
  #
  # `key` is the name of a field (a string or a symbol), which each record must have, or something to `call` with a
  # record. It gives the key by which Region#fetch finds the record: a string, a symbol, an integer of 64 bits; what is
  # called may give nil for a record without one.
  def self.publish(path, records, key: nil)
    raise TypeError, "records must have the method each" unless records.respond_to?(:each)
    if records.is_a?(Hash) || records.is_a?(Struct)
      raise TypeError, "a #{records.class} is one record, and no list of records: put it into an array"
    end

    field = key.inspect unless key.nil? || key.respond_to?(:call)
    _publish(File.expand_path(path), records, field.nil? ? key : ->(record) { field(record, key) }, field)
  end

  # nil, if a record has no such field, or cannot have any.
  def self.field(record, name)
    record[name]
  rescue TypeError, NameError, ArgumentError, IndexError
    nil
  end
  private_class_method :field

  # For a parent, when its data is there and before it forks. Ruby keeps many places for objects free, all over
  # its heap; a child fills them one after the other, and each one un-shares a page. This fills them in the
  # parent, by objects that stay, so that a child gets new memory instead. Takes as long as some collections.
  def self.prepare_to_fork
    @filling = nil
    GC.compact if GC.respond_to?(:compact)
    2.times do
      4.times { GC.start } # objects get old, and so do the new ones; growing old is a write
      # A few are left: with none, the heap would grow by a page of free ones.
      @filling = [@filling, Array.new([GC.stat(:heap_free_slots) - 128, 0].max) { Object.new }]
    end
    4.times { GC.start }
    _fill_heap
    nil
  end

  # The records of a region, by number. `region[index]` is a copy of a record, nil if there is none; negative
  # numbers count from the end; a range, or a start and a length, give an array, as Array#[] does.
  #
  # What a copy gives is the caller's own: fresh and not frozen, but for
  # the strings that are keys of hashes.
  class Region
    include Enumerable

    VERIFY = {header: 0, none: 1, record: 2, all: 3}.freeze
    AUDIT = 0x100
    SLICE = 1024
    private_constant :SLICE

    # Opens a region, and with a block closes it after it.
    #
    # verify:: :header, :none, :record (the checksum of each copy) or :all (of the whole file, now)
    # keys::   :string or :symbol, for the keys of hashes.
    def self.open(path, **options)
      region = new(path, **options)
      return region unless block_given?

      begin
        yield region
      ensure
        region.close
      end
    end

    def initialize(path, verify: :header, keys: :string, audit: false)
      level = VERIFY.fetch(verify) { raise ArgumentError, "verify is one of #{VERIFY.keys.inspect}" }
      unless %i[string symbol].include?(keys)
        raise ArgumentError, "keys is :string or :symbol, not #{keys.inspect}"
      end

      _open(File.expand_path(path), level | (audit ? AUDIT : 0), keys == :symbol)
      region = self
      region[size] # nil: where Ruby found the method it remembers here, and not in each child
    end

    alias length size

    # The record with this key. Without such a record: the block's value, `default`, or a KeyError.
    def fetch(key, *default)
      index = _index_of(key)
      return _record(index) unless index.nil?
      return yield key if block_given?
      return default.first unless default.empty?

      raise KeyError.new("#{path}: there is no record with the key #{key.inspect}", receiver: self, key: key)
    end

    # The number of the record with this key, or nil.
    def index_of(key)
      _index_of(key)
    end

    # Calls the block with each record, in order.
    def each
      return enum_for(:each) { size } unless block_given?

      count = size
      index = -1
      yield _record(index) while (index += 1) < count
      self
    end

    def inspect
      "#<ZeroTouch::Region #{path}, #{size} records#{", closed" if closed?}>"
    end

    private

    def _at(index, length = nil)
      if index.is_a?(String) || index.is_a?(Symbol)
        raise TypeError, "records are numbered, and #{index.inspect} is no number; fetch finds a record by its key"
      end
      return _record(index) if length.nil? && !index.is_a?(Range)

      first, count = length.nil? ? span(index) : [index.negative? ? index + size : index, length]
      return nil if first.nil? || first.negative? || first > size || count.negative?

      # In slices: what is splatted lies on the stack.
      (first...[first + count, size].min).each_slice(SLICE).with_object([]) { |some, out| out.concat(values_at(*some)) }
    end

    def span(range)
      first = range.begin || 0
      first += size if first.negative?
      last = range.end || size
      last += size if last.negative?
      last += 1 unless range.end.nil? || range.exclude_end?
      [first, [last - first, 0].max]
    end
  end
end

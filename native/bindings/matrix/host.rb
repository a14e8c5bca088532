# frozen_string_literal: true

# host.rb read REGION | host.rb write REGION < tagged JSON (see typed.py) | host.rb keys|find REGION < keys.
require "json"
require "zerotouch"

def bits(value) = value.nan? ? "nan" : [value].pack("G").unpack1("H*")
def unbits(text) = text == "nan" ? Float::NAN : [text].pack("H*").unpack1("G")

# JSON of a string, which may have unpaired surrogates.
class Text
  def initialize(string)
    @string = string
  end

  def to_json(*)
    return JSON.generate(@string) unless @string.encoding == Encoding::UTF_16LE

    %("#{@string.b.unpack("v*").map { |unit| format('\u%04x', unit) }.join}")
  end
end

# A value of a class of its own, as languages.own has it.
def own(value)
  case value
  when Time
    return [8, "#{value.to_i},#{value.nsec}"] if value.utc?

    second = (value.hour * 60 + value.min) * 60 + value.sec
    [12, "#{value.year},#{value.month},#{value.day},#{second * 1_000_000_000 + value.nsec},#{value.utc_offset}"]
  when Date then [9, "#{value.year},#{value.month},#{value.day}"]
  when BigDecimal
    # The scale is not kept: 1.0 is 1.
    _, digits, _, exponent = value.split
    [3, "#{digits.length - exponent},#{value.negative? ? "-" : ""}#{digits}"]
  else raise TypeError, value.class.name
  end
end

def tagged(value, ids)
  case value
  when nil, true, false then return value
  when Integer then return ["i", value.to_s]
  when Float then return ["f", bits(value)]
  when String then return value.encoding == Encoding::BINARY ? ["b", value.unpack1("H*")] : ["s", Text.new(value)]
  when Symbol then return ["sym", value.to_s]
  when Time, Date, BigDecimal then return ["e", *own(value)]
  end
  return ["*", ids[value]] if ids.key?(value)

  number = ids[value] = ids.size + 1
  case value
  when Array then ["l", number, value.map { |item| tagged(item, ids) }]
  when Set then ["set", number, value.map { |item| tagged(item, ids) }]
  when ZeroTouch::Ext then ["x", number, value.id, tagged(value.payload, ids)]
  when Hash
    if value.each_key.all? { |key| key.is_a?(String) && key.encoding != Encoding::BINARY }
      ["m", number, value.map { |key, item| [Text.new(key), tagged(item, ids)] }]
    else
      ["o", number, value.map { |key, item| [tagged(key, ids), tagged(item, ids)] }]
    end
  end
end

def ext(value, made)
  _, id, number, payload = value
  case number
  when 1 then payload[1].to_i % 2**64
  when 2
    bytes = [payload[1]].pack("H*")
    bytes.unpack1("H*").to_i(16) - (bytes.getbyte(0) < 0x80 ? 0 : 1 << bytes.bytesize * 8)
  when 5 then payload[2].each_with_object(made[id] = Set.new) { |item, set| set << build(item, made) }
  when 7 then payload[2].each_slice(2).with_object(made[id] = {}) { |(key, item), hash| hash[build(key, made)] = build(item, made) }
  when 19 then payload[1].to_sym
  when 21 then payload[3].map(&:to_i).pack("s<*").force_encoding("UTF-16LE")
  when 3, 8, 9, 12 then ZeroTouch::Convert.restore(number, build(payload, made))
  else
    made[id] = ZeroTouch::Ext.new(number)
    made[id].payload = build(payload, made)
    made[id]
  end
end

# The names of operators as symbols, other keys of maps as strings.
def map_key(text, map) = map.all? { |key, _| key.match?(%r{\A[-+*/%<=>!~^&|]+\z}) } ? text.to_sym : text

def build(value, made)
  return value unless value.is_a?(Array)

  case value[0]
  when /\Ai/ then value[1].to_i
  when /\Af/ then unbits(value[1])
  when "s" then value[1]
  when "b" then [value[1]].pack("H*")
  when "*" then made.fetch(value[1])
  when "l" then value[2].each_with_object(made[value[1]] = []) { |item, list| list << build(item, made) }
  when "m" then value[2].each_with_object(made[value[1]] = {}) { |(key, item), map| map[map_key(key, value[2])] = build(item, made) }
  else ext(value, made)
  end
end

# A key, from "i DIGITS", "s HEX" or "b HEX".
def key_of(line)
  type, text = line.chomp.split(" ", 2)
  return text.to_i if type == "i"

  bytes = [text].pack("H*")
  type == "s" ? bytes.force_encoding("UTF-8") : bytes
end

mode, path = ARGV
case mode
when "keys"
  keys = $stdin.each_line.map { |line| key_of(line) }
  ZeroTouch.publish(path, keys.each_index, key: ->(index) { keys[index] })
when "find"
  region = ZeroTouch::Region.open(path)
  $stdin.each_line { |line| puts region.index_of(key_of(line)) || "null" }
when "write"
  ZeroTouch.publish(path, $stdin.each_line.lazy.map { |line| build(JSON.parse(line, max_nesting: false), {}) })
else
  ZeroTouch::Region.open(path, verify: :all).each { |record|
    puts JSON.generate(tagged(record, {}.compare_by_identity), max_nesting: 0)
  }
end

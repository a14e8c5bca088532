# frozen_string_literal: true

require "bigdecimal"
require "date"

module ZeroTouch
  # A value that Ruby has no type for: the registered id, and its payload.
  Ext = Struct.new(:id, :payload)

  # Values that have a class in Ruby and an ext id in the format (format document, section 3.7).
  module Convert
    EXT = 0x22
    LIST = 0x20
    FINISH = 0x23
    I8 = 0x03
    I32 = 0x05
    I64 = 0x06
    BYTES = 0x14
    private_constant :EXT, :LIST, :FINISH, :I8, :I32, :I64, :BYTES

    module_function

    # What the C code is to write for a value: its events, an Ext, another value, or [why not].
    def describe(value)
      case value
      when Ext then value
      when Set then Ext.new(5, value.to_a)
      when Time then time(value)
      when DateTime then offset(value, value.sec_fraction * 1_000_000_000, value.offset * 86_400)
      when Date then date(value)
      when BigDecimal then decimal(value)
      when Struct then Ext.new(18, [value.class.name || "Struct", value.to_h])
      else ["an object of class #{value.class}"]
      end
    end

    # A value of a Ruby class; Ext where none can hold it; nil if the payload is none of its id.
    def restore(ext, payload)
      case ext
      when 3 then restore_decimal(*parts(payload, 2))
      when 8 then Time.at(*parts(payload, 2), :nanosecond, in: "UTC")
      when 9 then Date.valid_date?(*parts(payload, 3)) ? Date.new(*payload) : nil
      when 12 then restore_offset(payload)
      when 16 then payload.bytesize == 16 ? payload.unpack("H8H4H4H4H12").join("-") : nil
      end
    rescue ArgumentError, TypeError, NoMethodError, RangeError
      nil
    end

    # A payload of so many values; never splatted before it is known how many, since they lie on the stack.
    def parts(payload, count)
      raise TypeError unless payload.is_a?(Array) && payload.size == count

      payload
    end
    private_class_method :parts

    def list(ext, *parts)
      [EXT, ext, LIST].pack("CL<C") << parts.join << [FINISH, FINISH].pack("CC")
    end
    private_class_method :list

    def date(value)
      return ["the date #{value}, whose year has more than 32 bits,"] unless value.year.bit_length < 32

      list(9, [I32, value.year, I8, value.month, I8, value.day].pack("Cl<CcCc"))
    end
    private_class_method :date

    def offset(value, nanosecond, seconds)
      return ["a time whose offset is no whole number of seconds"] unless seconds.to_i == seconds

      of_day = ((value.hour * 60 + value.min) * 60 + value.sec) * 1_000_000_000 + nanosecond.to_i
      day = date(value)
      return day if day.is_a?(Array)

      local = list(11, day, [EXT, 10, I64, of_day, FINISH].pack("CL<Cq<C"))
      list(12, local, [I32, seconds].pack("Cl<"))
    end
    private_class_method :offset

    # In UTC an instant, else a time with an offset.
    def time(value)
      return ["a time with less than a nanosecond"] unless (value.subsec * 1_000_000_000).denominator == 1
      return offset(value, value.nsec, value.utc_offset) unless value.utc?

      list(8, [I64, value.to_i, I32, value.nsec].pack("Cq<Cl<"))
    end
    private_class_method :time

    def decimal(value)
      sign, digits, _, exponent = value.split
      return ["the decimal #{value}"] if value.nan? || value.infinite? || (value.sign == BigDecimal::SIGN_NEGATIVE_ZERO)

      unscaled = digits.to_i * sign
      size = (unscaled.negative? ? ~unscaled : unscaled).bit_length / 8 + 1
      bytes = [(unscaled & ((1 << (size * 8)) - 1)).to_s(16).rjust(size * 2, "0")].pack("H*")
      list(3, [I32, digits.length - exponent].pack("Cl<"), [BYTES, size].pack("CL<") << bytes)
    end
    private_class_method :decimal

    # BigDecimal makes infinity, or zero, of an exponent that it cannot hold.
    def restore_decimal(scale, unscaled)
      return Ext.new(3, [scale, unscaled]) unless scale.is_a?(Integer) && scale.abs < 1 << 40

      value = unscaled.unpack1("H*").to_i(16)
      value -= 1 << (unscaled.bytesize * 8) if unscaled.getbyte(0).anybits?(0x80)
      BigDecimal("#{value}e#{-scale}")
    end
    private_class_method :restore_decimal

    def restore_offset(payload)
      local, seconds = parts(payload, 2)
      return Ext.new(12, payload) unless local.is_a?(Ext) && local.id == 11

      day, time = local.payload
      return Ext.new(12, payload) unless day.is_a?(Date) && time.is_a?(Ext) && time.payload.is_a?(Integer)

      second, nanosecond = time.payload.divmod(1_000_000_000)
      Time.new(day.year, day.month, day.day, second / 3600, second / 60 % 60,
               Rational(second % 60 * 1_000_000_000 + nanosecond, 1_000_000_000), seconds)
    end
    private_class_method :restore_offset
  end
end

# frozen_string_literal: true

require "json"

module ZeroTouch
  # Any failure of this library. `status` names the C library's status, for instance "CORRUPT".
  class Error < StandardError
    attr_accessor :status
  end

  # The file is no region, is damaged, or needs a newer library.
  class FormatError < Error; end
  # The region was closed, or its file shrank underneath it.
  class ClosedError < Error; end
  # A value that cannot be published; the message says which, and where.
  class UnstorableError < Error; end
  # A record that is nested too deeply, or holds too much, for this reader; its bytes are as they should be.
  class LimitError < Error; end
  # A path that leads nowhere, or is malformed.
  class PathError < Error; end
  # The operating system refused.
  class SystemError < Error; end

  ERRORS = {
    "CLOSED" => ClosedError, "LOST" => ClosedError, "NO_SUCH_KEY" => PathError, "BAD_PATH" => PathError,
    "TYPE_MISMATCH" => PathError, "OUT_OF_RANGE" => PathError, "UNSTORABLE" => UnstorableError,
    "TOO_DEEP" => LimitError, "TOO_LARGE" => LimitError, "DUPLICATE_KEY" => UnstorableError,
    "IO" => SystemError, "NOT_FOUND" => SystemError, "ACCESS" => SystemError
  }.tap { |errors|
    %w[NOT_A_REGION TRUNCATED VERSION BYTE_ORDER UNSUPPORTED EMPTY_FILE CORRUPT CHECKSUM BUDGET].each { |status|
      errors[status] = FormatError
    }
  }.freeze
  private_constant :ERRORS

  # The exception of a status; called by the C code. Limits of what is published are about a value.
  def self._error(status, message, path, publishing = false)
    return NoMemoryError.new(message) if status == "NO_MEMORY"

    message = text(message)
    path = text(path) unless path.nil?
    message = "#{path}: #{message}" unless path.nil? || message.include?(File.basename(path))
    kind = ERRORS.fetch(status, Error)
    kind = UnstorableError if publishing && kind == LimitError
    kind.new("#{message} (#{status})").tap { |error| error.status = status }
  end

  # In UTF-8, whatever the bytes are and whatever the locale makes of them.
  def self.text(string)
    string.dup.force_encoding(Encoding::UTF_8).scrub("?")
  end
  private_class_method :text

  # The exception for a value that cannot be published; called by the C code.
  def self._refusal(path, record, steps, reason)
    _error("UNSTORABLE", "record #{record}: #{path_text(steps)}: #{text(reason)} cannot be published", path)
  end

  # A path in the grammar of the format document.
  def self.path_text(steps)
    steps.inject(+"$") { |path, step|
      next path << "[#{text(step.inspect)}]" unless step.is_a?(String) || step.is_a?(Symbol)

      name = step.to_s
      next path << "[#{text(name.inspect)}]" unless name.valid_encoding? && name.encoding != Encoding::BINARY

      name = name.encode(Encoding::UTF_8, invalid: :replace, undef: :replace)
      path << (name.match?(/\A[A-Za-z_][A-Za-z0-9_-]*\z/) ? ".#{name}" : "[#{JSON.generate(name)}]")
    }
  end
  private_class_method :path_text
end

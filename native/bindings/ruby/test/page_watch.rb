# frozen_string_literal: true

# Which inherited pages does a forked child un-share while it runs some code? Answers from /proc/PID/pagemap,
# looked at from outside: frame numbers before and after (root), and the bit that says that no other
# process maps the page (anybody). Make one before there is any data: what it allocates and frees would leave
# holes in the memory of those that it looks at.
class PageWatch
  PRESENT = 1 << 63
  FILE = 1 << 61
  EXCLUSIVE = 1 << 56
  FRAME = (1 << 55) - 1

  # A forked process that runs a block between two waits.
  class Child
    attr_reader :pid

    def initialize
      go, @tell = IO.pipe
      @told, say = IO.pipe
      @pid = fork {
        @tell.close
        status = 1
        begin
          say.syswrite("x")
          go.sysread(1)
          yield
          status = 0
        rescue Exception => error # rubocop:disable Lint/RescueException
          warn error.full_message
        end
        say.syswrite("x")
        go.sysread(1)
        exit!(status)
      }
      go.close
      say.close
      @told.sysread(1)
    end

    def run
      @tell.syswrite("x")
      @told.sysread(1)
    end

    def end
      @tell.syswrite("x")
      Process.wait(@pid)
      [@tell, @told].each(&:close)
      $?.success?
    end
  end

  def initialize
    asked, @ask = IO.pipe
    @answer, say = IO.pipe
    @pid = fork {
      [@ask, @answer].each(&:close)
      serve(asked, say)
      exit!(0)
    }
    [asked, say].each(&:close)
  end

  def close
    @ask.close
    Process.wait(@pid)
    @answer.close
  end

  # How many inherited pages the block un-shares in a forked child, and how many it inherits. A second child
  # keeps every page mapped meanwhile, so that a page written is always a page copied.
  def watch(&work)
    keeper = Child.new {}
    worker = Child.new(&work)
    request(0, worker.pid)
    worker.run
    pages, inherited = request(1, worker.pid)
    succeeded = worker.end
    keeper.run
    keeper.end
    raise "the watched work failed" unless succeeded

    [pages, inherited]
  end

  private

  def request(after, pid)
    @ask.syswrite([after, pid].pack("q2"))
    @answer.sysread(16).unpack("q2")
  end

  def serve(asked, say)
    visible = snapshot(Process.pid).any? { |_, bits| bits & PRESENT != 0 && bits & FRAME != 0 }
    before = {}
    loop do
      after, pid = asked.sysread(16).unpack("q2")
      if after.zero?
        before = snapshot(pid)
        say.syswrite([0, 0].pack("q2"))
      else
        inherited = before.count { |_, bits| bits & PRESENT != 0 }
        say.syswrite([compare(before, snapshot(pid, before), visible), inherited].pack("q2"))
      end
    rescue EOFError
      return
    end
  end

  # Page number to pagemap entry, of private mappings: every page that is there or of a file.
  def snapshot(pid, only = nil)
    entries = {}
    File.open("/proc/#{pid}/pagemap", "rb") do |pagemap|
      File.foreach("/proc/#{pid}/maps") do |line|
        start, finish, shared, inode = line.match(/(\h+)-(\h+) ...(.) \S+ \S+ (\d+)/).captures
        next if shared == "s" || line.include?("[v")

        page = start.hex / 4096
        data = pagemap.pread((finish.hex - start.hex) / 512, page * 8)
        data.unpack("Q*").each_with_index do |bits, i|
          wanted = only ? only.key?(page + i) : inode != "0" || bits & PRESENT != 0
          entries[page + i] = bits if wanted
        end
      end
    end
    entries
  end

  def compare(before, after, frames_visible)
    before.count { |page, was|
      now = after.fetch(page, 0)
      next false if now & PRESENT == 0
      next now & FILE == 0 if was & PRESENT == 0 || was & FILE != 0 # of a file, until it is written to
      next was & FRAME != now & FRAME if frames_visible

      now & EXCLUSIVE != 0 && was & EXCLUSIVE == 0
    }
  end
end

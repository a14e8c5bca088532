# frozen_string_literal: true

# Whatever the bytes of a region are: data or an error, never a crash. The seed is printed.
require "minitest/autorun"
require "tmpdir"
require "zerotouch"

class HostileTest < Minitest::Test
  def records
    shared = {"name" => "shared", "list" => [1, 2, 3, 4, 5]}
    cycle = {"shared" => shared}
    cycle["self"] = cycle
    [
      {"id" => 1, "name" => "plain", "wide" => "☺ and more of it", "tags" => ["a", "bb", "a longer one"]},
      Array.new(10) { |i| {"id" => i, "text" => "row number #{i}", "n" => i / 3.0} },
      (0...30).to_h { |i| ["key number #{i}", [i, "v#{i}"]] }, [shared, shared, cycle], Set[1, [2, "x"]],
      ZeroTouch::Ext.new(18, ["thing", {"a" => 1, "b" => shared, "c" => shared}]), {1 => "x", [1, 2] => [3], nil => Set[[5, 6]]},
      [2**64 - 1, 2**70, :symbol, Time.utc(2020), Time.new(2020, 1, 1, 0, 0, 0, 3600), Date.new(2020, 1, 1), BigDecimal("1.25")],
      ZeroTouch::Ext.new(20, shared), ZeroTouch::Ext.new(4_000_000_000, [shared, cycle]), ZeroTouch::Ext.new(6, [1, [shared]]),
      ZeroTouch::Ext.new(16, "0123456789abcdef".b), "a string as a record", 7, nil, [], {}, [[[[[[]]]]]]
    ]
  end

  # Whoever takes more memory than this has a NoMemoryError, which is no refusal.
  def setup
    @limit = Process.getrlimit(:AS)
    mapped = Integer(File.read("/proc/self/statm")[/\d+/]) * 4096
    Process.setrlimit(:AS, mapped + (512 << 20), @limit[1])
  end

  def teardown
    Process.setrlimit(:AS, *@limit)
  end

  def test_what_is_small_in_a_file_stays_small
    text = "x" * 100_000
    deep = [text] * 20
    60.times { deep = [deep, deep] } # 2**60 arrays for whoever follows each reference
    bombs = [deep, [ZeroTouch::Ext.new(22, text)] * 20, ZeroTouch::Ext.new(3, [0, "\x7f".b * 300_000]),
             ZeroTouch::Ext.new(3, [2**63 - 1, "\1".b]), ZeroTouch::Ext.new(3, [-(2**63), "\1".b])]
    refused = [3, 8, 9, 12].map { |id| ZeroTouch::Ext.new(id, [1] * 300_000) }
    Dir.mktmpdir { |folder|
      ZeroTouch.publish("#{folder}/r.ztc", bombs + refused)
      region = ZeroTouch::Region.open("#{folder}/r.ztc", verify: :all)
      bombs.each_index { |i| refute_nil region[i] }
      refused.each_index { |i| assert_raises(ZeroTouch::FormatError) { region[bombs.size + i] } }
    }
  end

  # Ruby hashes an array with all that is in it, as often as it is met.
  def test_a_set_that_would_be_hashed_for_ever_is_refused
    deep = [1]
    60.times { deep = [deep, deep] }
    digits = [BigDecimal("7" * 300_000)]
    14.times { digits = [digits, digits] }
    circles = Array.new(6000) { |i| ["x" * 100, i].tap { |one| one << [one] } }
    bombs = [set(deep), map(deep, 1), set([{"k" => deep}]), set([ZeroTouch::Ext.new(4_000_000_000, deep)]),
             set([2**64, {1 => deep}]), set(digits), set(*circles)]
    with_region(bombs) { |region|
      bombs.each_index { |i|
        error = assert_raises(ZeroTouch::LimitError, "record #{i}") { region[i] }
        assert_match(/would take too long to be hashed \(TOO_LARGE\)/, error.message)
      }
    }
  end

  def test_a_set_that_takes_long_to_be_hashed_but_ends_is_read
    wide = Array.new(10_000) { |i| i }
    circle = [1].tap { |one| one << [one] << 2 }
    with_region([set(*Array.new(300) { |i| [i, wide] }), set(circle, 7), set("x" * 1_000_000)]) { |region|
      assert_equal 300, region[0].size
      assert_includes region[0], [299, wide]
      assert_includes region[1], 7
      assert_equal Set["x" * 1_000_000], region[2]
    }
  end

  def set(*elements)
    ZeroTouch::Ext.new(5, elements)
  end

  def map(*keys_and_values)
    ZeroTouch::Ext.new(7, keys_and_values)
  end

  def with_region(records)
    Dir.mktmpdir { |folder|
      ZeroTouch.publish("#{folder}/r.ztc", records)
      yield ZeroTouch::Region.open("#{folder}/r.ztc", verify: :all)
    }
  end

  def damage(original, chance)
    data = original.dup
    chance.rand(1..4).times {
      at = chance.rand(data.bytesize)
      case chance.rand
      when 0...0.5 then data.setbyte(at, data.getbyte(at) ^ (1 << chance.rand(8)))
      when 0.5...0.8 then data.setbyte(at, [0, 1, 7, 8, 0x40, 0x7f, 0x80, 0xff].sample(random: chance))
      else data[at & ~7, 8] = original[chance.rand(data.bytesize) & ~7, 8]
      end
    }
    data
  end

  def test_damaged_regions_give_data_or_errors
    seed = Integer(ENV.fetch("ZTC_SEED", "20240229"))
    runs = Integer(ENV.fetch("ZTC_RUNS", "4000"))
    puts "ZTC_SEED=#{seed} ZTC_RUNS=#{runs}"
    chance = Random.new(seed)
    count = Hash.new(0)
    Dir.mktmpdir { |folder|
      ZeroTouch.publish("#{folder}/good.ztc", records)
      original = File.binread("#{folder}/good.ztc")
      runs.times { |run|
        data = damage(original, chance)
        next if data.bytesize != original.bytesize

        File.binwrite("#{folder}/bad.ztc", data)
        read("#{folder}/bad.ztc", run.even? ? :string : :symbol, count)
      }
    }
    puts count
    assert_operator count[:copied], :>, runs
    assert_operator count[:refused], :>, runs / 10
  end

  def read(path, keys, count)
    # Without checksums, so that the damage reaches the reader.
    region = ZeroTouch::Region.open(path, verify: :none, keys: keys)
    [region.size, 20].min.times { |i|
      begin
        region[i].inspect
        count[:copied] += 1
      rescue ZeroTouch::Error
        count[:refused] += 1
      end
      begin
        region.copy_path(i, "list[1]")
      rescue ZeroTouch::Error
        count[:no_part] += 1
      end
    }
  rescue ZeroTouch::Error
    count[:not_opened] += 1
  end
end

# frozen_string_literal: true

# What comes back from a region, and what is said when nothing can.
require "minitest/autorun"
require "tmpdir"
require "zerotouch"

class RegionTest < Minitest::Test
  Point = Struct.new(:x, :y)

  # Whose elements are asked for while a record is written.
  class Collecting < Set
    class << self
      attr_accessor :way
    end

    def to_a
      GC.public_send(self.class.way) if GC.respond_to?(self.class.way)
      super
    end
  end

  def setup
    @folder = Dir.mktmpdir
    @path = "#{@folder}/r.ztc"
  end

  def teardown
    FileUtils.remove_entry(@folder)
  end

  def region(*records, **options)
    ZeroTouch.publish(@path, records)
    ZeroTouch::Region.open(@path, verify: :all, **options)
  end

  def through(value, **options)
    region(value, **options)[0]
  end

  def assert_same_value(value)
    copy = through(value)
    value.nil? ? assert_nil(copy) : assert_equal(value, copy)
    assert_equal value.class, copy.class
    assert_equal [value, 0], through([value, 0])
    assert_equal({"key" => value}, through({"key" => value}))
  end

  def test_plain_values_come_back_as_they_were
    [nil, true, false, 0, -1, 2**62, -(2**62) - 1, 2**63 - 1, -(2**63), 2**63, 2**64 - 1, 2**64, -(2**63) - 1,
     10**60, -(10**60), 255**9, -(256**9), 1.5, -0.25, 1e300, Float::INFINITY].each { |value| assert_same_value(value) }
    assert_predicate through(Float::NAN), :nan?
    assert_equal(-Float::INFINITY, 1 / through(-0.0))
  end

  def test_strings_come_back_as_they_were
    ["", "a", "seven77", "eight888", "a\0b", "x" * 100_000, "Jürgen", "ÿ" * 10, "☺" * 1000, "\u{10ffff}"].each { |value|
      assert_same_value(value)
      assert_equal Encoding::UTF_8, through(value).encoding
      assert_predicate through(value), :valid_encoding?
      refute_predicate through(value), :frozen?
      assert_equal({value => 1}, through({value => 1}))
    }
    ["", "a", "\xff\0".b].each { |bytes| assert_equal Encoding::BINARY, through(bytes.b).encoding }
    assert_equal "é", through("é".encode("ISO-8859-1"))
    lone = "x\x00\x00\xd8".dup.force_encoding("UTF-16LE")
    assert_equal lone, through(lone)
    assert_equal "xy", through("xy".encode("UTF-16LE"))
  end

  def test_containers_come_back_as_they_were
    [[], {}, [[]], [{}], {"a" => {}}, {"a" => []}, [1, "a", [2, ["b"]]], Set[1, [2]], {1 => 2, nil => [3], [1] => "x"},
     {"a" => 1, :b => 2}, {{"a" => 1} => {"a" => 2}, {"a" => 3} => {"a" => 4}}, {2.5 => {}}, Array.new(50) { |i| {"id" => i, "name" => "n#{i}", "tags" => ["t#{i}"]} },
     (0...500).to_h { |i| ["key#{i}", {"n" => i}] }, (0...300).to_h { |i| ["☺#{i}", i] },
     [{"x" => 1}, {"x" => nil}, {"x" => "s"}]].each { |value| assert_same_value(value) }
    assert_equal %w[c a b], through({"c" => 1, "a" => 2, "b" => 3}).keys
    copy = through({"a" => 1})
    copy["b"] = 2
    assert_equal({"a" => 1, "b" => 2}, copy)
  end

  def test_keys_are_strings_or_symbols_by_option
    value = {a: 1, b: [{c: 2}], d: (0...300).to_h { |i| [:"k#{i}", i] }}
    assert_equal value, through(value, keys: :symbol)
    assert_equal({"a" => 1, "b" => [{"c" => 2}]}, through({a: 1, b: [{c: 2}]}))
    assert(through({"a" => 1}).keys.all?(&:frozen?))
    assert_raises(ArgumentError) { ZeroTouch::Region.open(@path, keys: :other) }
  end

  def test_values_with_classes
    [:symbol, :"with space", :ü, Date.new(2024, 2, 29), Date.new(-4712, 1, 1), BigDecimal("0"), BigDecimal("-1.230"),
     BigDecimal("1e50"), BigDecimal("-1e-50"), BigDecimal("127"), BigDecimal("-128"), BigDecimal("7" * 600),
     Time.utc(2020, 1, 2, 3, 4, Rational(5_000_000_006, 1_000_000_000)), Time.utc(1, 1, 1)].each { |value| assert_same_value(value) }
    time = Time.new(2020, 1, 2, 3, 4, Rational(11, 2), "+05:30")
    assert_equal [time, 19_800], [through(time), through(time).utc_offset]
    assert_equal DateTime.new(2020, 1, 2, 3, 4, 5, "+1").to_time, through(DateTime.new(2020, 1, 2, 3, 4, 5, "+1"))
    assert_equal({"x" => 1, "y" => [2]}, through(Point.new(1, [2])))
    assert_same_value ZeroTouch::Ext.new(4_000_000_000, [1])
    assert_same_value ZeroTouch::Ext.new(14, [1, 2])
    assert_equal "http://x", through(ZeroTouch::Ext.new(22, "http://x"))
    assert_equal "a", through(ZeroTouch::Ext.new(4, 97)) # of no width
  end

  def test_times_and_numbers_beyond_what_can_be_held
    [Date.new(5_000_000_000, 1, 1), Date.new(-5_000_000_000, 1, 1), Time.new(5_000_000_000, 1, 1, 0, 0, 0, 3600)].each { |value|
      error = assert_raises(ZeroTouch::UnstorableError) { region({"at" => value}) }
      assert_match(/record 0: \$\.at: the date .* whose year has more than 32 bits, cannot be published/, error.message)
    }
    [Date.new(2**31 - 1, 12, 31), Date.new(-(2**31), 1, 1)].each { |value| assert_same_value(value) }
    [-(2**63) + 1, 2**63 - 1].each { |scale| assert_same_value(ZeroTouch::Ext.new(3, [scale, "\1".b])) }
    [[9, [1] * 500_000], [3, [1] * 500_000], [8, [1] * 500_000], [9, []], [9, 5], [3, [1]], [12, [1]]].each { |id, payload|
      assert_raises(ZeroTouch::FormatError) { through(ZeroTouch::Ext.new(id, payload)) }
    }
  end

  def test_a_region_is_not_duplicated
    region = region(1)
    [-> { region.dup }, -> { region.clone }].each { |work|
      assert_match(/cannot be duplicated/, assert_raises(TypeError, &work).message)
    }
    assert_raises(TypeError) { Marshal.dump(region) }
    assert_equal 1, region[0]
  end

  def test_what_is_one_object_stays_one
    one = {"n" => 1}
    copy = through([one, one, {"deep" => one}, Set[1]])
    assert_same copy[0], copy[2]["deep"]
    rows = Array.new(3) { |i| {"id" => i} }
    copy = through({"all" => rows, "first" => rows[0]})
    assert_same copy["first"], copy["all"][0]
    own = [1]
    own << own
    copy = through(own)
    assert_same copy, copy[1]
    point = Point.new(1, [])
    point.y << point
    copy = through(point)
    assert_same copy, copy["y"][0]
    other = {1 => nil}
    other[1] = other
    copy = through(other)
    assert_same copy, copy[1]
    shared = Array.new(1000) { |i| {"n" => i} }
    copy = through(shared + shared)
    assert_same copy[999], copy[1999]
  end

  # Of ids that are next to each other.
  def test_operators_are_keys_like_others
    [%i[<= >=], %i[== ===], %i[* +], %i[! != !~], %i[[] []= << >> < > <=> % & | ^ ~ / - ** +@ -@ ` =~]].each { |keys|
      records = keys.each_with_index.map { |key, i| {key => i} } + [keys.each_with_index.to_h]
      assert_equal records, region(*records, keys: :symbol).to_a
      assert_equal records.last.keys.map(&:to_s), through(records.last).keys
    }
  end

  # A chain in which every node hangs on the next one and is shared, so that it may be deeper than any owned data.
  def chain(length)
    nodes = []
    length.times { |i| nodes << yield(i, nodes.last) }
    region({"nodes" => nodes})
  end

  def test_sets_and_maps_deep_in_a_graph_are_whole
    shared = Set[[1], Set[2]]
    region = chain(1500) { |i, before|
      {"i" => i, "next" => before, "set" => Set[i, [i], {"a" => [i]}], "map" => {[i] => i, {"k" => 1} => {"k" => i}},
       "on" => {i => before}, "ext" => ZeroTouch::Ext.new(99, [before]), "day" => Date.new(2020, 1, 1) + i,
       "of" => BigDecimal("1.5"), "shared" => shared, "sets" => Set[shared, [shared], i]}
    }
    [region[0]["nodes"].last, region.copy_path(0, "nodes[1499]")].each { |node|
      1499.downto(0) { |i|
        assert_equal i, node["i"]
        assert_equal Set[i, [i], {"a" => [i]}], node["set"]
        assert node["set"].include?([i]) && node["set"].include?({"a" => [i]})
        assert_equal [i, {"k" => i}], [node["map"][[i]], node["map"][{"k" => 1}]]
        assert_equal [Date.new(2020, 1, 1) + i, BigDecimal("1.5")], node.values_at("day", "of")
        assert_equal Set[[1], Set[2]], node["shared"]
        assert node["sets"].include?(node["shared"]) && node["sets"].include?([Set[Set[2], [1]]]) && node["sets"].size == 3
        assert_same node["next"], node["on"][i]
        assert node["next"].nil? ? node["ext"].payload == [nil] : node["ext"].payload[0].equal?(node["next"])
        node = node["next"]
      }
      assert_nil node
    }
  end

  def test_what_is_too_deep_to_be_hashed_is_refused
    region = chain(1500) { |i, before| [i, Set[before]] }
    assert_equal 1500, region[0]["nodes"].size # from the shallow end
    error = assert_raises(ZeroTouch::LimitError) { region.copy_path(0, "nodes[1499]") }
    assert_equal "TOO_DEEP", error.status
    assert_match(/record 0, nodes\[1499\]: it is nested too deeply/, error.message)
  end

  def test_what_is_equal_in_ruby_is_not_dropped
    error = assert_raises(ZeroTouch::FormatError) { through(ZeroTouch::Ext.new(5, ["a", ZeroTouch::Ext.new(4, 97)])) }
    assert_match(/a set with elements that are equal in Ruby \(UNSUPPORTED\)/, error.message)
    assert_raises(ZeroTouch::FormatError) { through(ZeroTouch::Ext.new(7, ["a", 1, ZeroTouch::Ext.new(4, 97), 2])) }
  end

  def test_garbage_collection_at_any_time
    records = Array.new(30) { |i| {"id" => i, "text" => "t" * i * 10, "set" => Set[i], "list" => [{"a" => "b" * 50}] * 3} }
    region = region(*records)
    GC.stress = true
    copies = region.values_at(*0...8)
    symbols = ZeroTouch::Region.open(@path, keys: :symbol)[3]
    GC.stress = false
    assert_equal records.first(8), copies
    assert_equal 3, symbols[:id]
    GC.compact if GC.respond_to?(:compact)
    assert_equal records, region.to_a
  end

  # A label stands for an address, which nothing else may have before the record is whole.
  def test_garbage_collection_while_a_record_is_written
    %i[start compact].each { |way|
      Collecting.way = way
      sets = Array.new(60) { |i| Collecting.new([i, "v#{i}"]) }
      assert_equal Array.new(60) { |i| Set[i, "v#{i}"] }, through([sets, sets])[1], "by GC.#{way}"
    }
    collector = Enumerator.new { |out|
      3.times { |i|
        out << Array.new(60) { |k| Point.new(i, [k]) }
        GC.start
      }
    }
    ZeroTouch.publish(@path, collector, key: lambda { |record|
      GC.start
      "#{record.size} #{record[0].x}"
    })
    assert_equal Array.new(60) { |k| {x: 2, y: [k]} }, ZeroTouch::Region.open(@path, keys: :symbol).fetch("60 2")
  end

  def test_records_are_written_whatever_is_garbage
    record = [Array.new(20) { |i| Set[i, [i]] }, Array.new(20) { |i| Point.new(i, {i => [i]}) }, {sym: ["é".encode("UTF-16LE")]},
              ZeroTouch::Ext.new(4_000_000_000, [10**30, :symbol, BigDecimal("1.5"), Time.utc(2020)])]
    ZeroTouch.publish(@path, [record])
    calm = File.binread(@path)
    GC.stress = true
    ZeroTouch.publish(@path, [record])
    GC.stress = false
    assert_equal calm, File.binread(@path)
  ensure
    GC.stress = false
  end

  def test_publishing_leaves_the_collector_as_it_was
    [false, true].each { |off|
      GC.disable if off
      ZeroTouch.publish(@path, [[1], [2]].each)
      assert_equal off, GC.enable
    }
  end

  def test_a_region_is_enumerable
    records = Array.new(300) { |i| {"id" => i, "text" => "x" * (i % 700)} }
    region = region(*records)
    assert_equal 300, region.size
    assert_equal records, region.to_a
    assert_equal records, region.each.to_a
    assert_equal records[7], region.find { |record| record["id"] == 7 }
    [0, 299, -1, -300].each { |i| assert_equal records[i], region[i] }
    [300, -301, 2**70].each { |i| assert_nil region[i] }
    [0..2, 5...9, -3.., ..4, 299..400, 300..301, 9..5].each { |range| assert_equal records[range], region[range], range }
    [[0, 2], [-2, 5], [300, 1], [0, 0]].each { |span| assert_equal records[*span], region[*span] }
    [[301, 1], [0, -1]].each { |span| assert_nil region[*span] }
    assert_nil region[301..]
    assert_raises(TypeError) { region["x"] }
    assert_equal records.values_at(299, 0, -1, 7, 400), region.values_at(299, 0, -1, 7, 400)
    assert_equal [], region.values_at
    large = region({"t" => "x" * 1_000_000}, {"t" => "y"}, {"t" => "z" * 1_000_000})
    assert_equal [1_000_000, 1, 1_000_000, 1], large.values_at(0, 1, 2, 1).map { |record| record["t"].size }
  end

  def test_ranges_of_many_records
    region = region(*0...300_000)
    assert_equal (0...300_000).to_a, region[0..]
    assert_equal (2500...300_000).to_a, region[2500, 300_000]
  end

  def test_records_are_found_by_key
    keys = ["user:1", "ü", "☺", "", 0, -1, 2**63 - 1, -(2**63), "".b, "user:1".b, "1", 1, "1".b, nil]
    ZeroTouch.publish(@path, Array.new(keys.size) { |i| {"n" => i} }, key: ->(record) { keys[record["n"]] })
    region = ZeroTouch::Region.open(@path, verify: :all)
    keys[0..-2].each_with_index { |key, i|
      assert_equal({"n" => i}, region.fetch(key))
      assert_equal i, region.index_of(key)
    }
    assert_equal 0, region.index_of(:"user:1")
    ["x", 7, "x".b, 2**63, 2**80].each { |key|
      assert_nil region.index_of(key)
      assert_equal 5, region.fetch(key, 5)
      assert_equal key, region.fetch(key) { |absent| absent }
      assert_raises(KeyError) { region.fetch(key) }
    }
    ZeroTouch.publish(@path, [{"id" => "a"}, {"id" => "b"}], key: "id")
    assert_equal({"id" => "b"}, ZeroTouch::Region.open(@path).fetch("b"))
    error = assert_raises(ZeroTouch::UnstorableError) { ZeroTouch.publish(@path, [{a: 1}, {a: 1}], key: :a) }
    assert_equal "DUPLICATE_KEY", error.status
  end

  def test_a_field_that_is_the_key_is_in_each_record
    [[{a: 2}, :id], [{id: nil}, :id], [{"id" => 1}, :id], [7, :id], [[1], "id"], ["text", "id"], [Point.new(1, 2), :id],
     [nil, :id]].each { |record, field|
      error = assert_raises(ZeroTouch::UnstorableError) { ZeroTouch.publish(@path, [{field => 1}, record], key: field) }
      assert_includes error.message, "r.ztc: record 1: $: a record without the key #{field.inspect} cannot be published"
      assert_equal "UNSTORABLE", error.status
    }
    assert_raises(KeyError) { ZeroTouch.publish(@path, [{}], key: ->(record) { record.fetch(:mine) }) }
    refute_path_exists @path
    assert_equal 1, ZeroTouch.publish(@path, [Point.new(1, 2)], key: :x)
  end

  def test_one_record_is_no_list_of_records
    [{a: 1}, Point.new(1, 2)].each { |records|
      error = assert_raises(TypeError) { ZeroTouch.publish(@path, records) }
      assert_match(/is one record, .* put it into an array/, error.message)
    }
    refute_path_exists @path
  end

  def test_a_key_is_no_index
    region = region({"id" => "a"})
    ["a", :a].each { |key|
      error = assert_raises(TypeError) { region[key] }
      assert_equal "records are numbered, and #{key.inspect} is no number; fetch finds a record by its key", error.message
    }
    assert_raises(TypeError) { region[nil] }
  end

  def test_parts
    region = region({"a" => {"b" => [10, {"c" => "x"}]}, "rows" => [{"id" => 1}, {"id" => 2}], "k y" => 3})
    assert_equal 10, region.copy_path(0, "a.b[0]")
    assert_equal({"c" => "x"}, region.copy_path(-1, "$.a.b[1]"))
    assert_equal({"id" => 2}, region.copy_path(0, "rows[1]"))
    assert_equal 3, region.copy_path(0, '["k y"]')
    rows = Array.new(3) { |i| {"id" => i} }
    assert_equal({"id" => 1}, region({"list" => rows, "again" => rows}).copy_path(0, "list[1]"))
  end

  def test_what_cannot_be_published_is_named_with_its_place
    region("old")
    deep = []
    600.times { deep = [deep] }
    {
      [0, {"cb" => proc {}}] => /record 1: \$\[1\]\.cb: an object of class Proc/,
      {"k y" => {[1] => Object.new}} => /record 1: \$\["k y"\]\[\[1\]\]: an object of class Object/,
      {a: [1i]} => /record 1: \$\.a\[0\]: an object of class Complex/,
      deep => /record 1: \$(\[0\]){512}: data nested more than 512 levels deep/,
      BigDecimal("NaN") => /record 1: \$: the decimal NaN/, BigDecimal("-0") => /record 1: \$: the decimal -0/,
      "\xff" => /record 1: \$: a string that is not valid in its encoding, UTF-8/,
      Time.at(0, 1r / 3, :nanosecond) => /record 1: \$: a time with less than a nanosecond/
    }.each { |record, said|
      error = assert_raises(ZeroTouch::UnstorableError) { ZeroTouch.publish(@path, ["first", record]) }
      assert_match(/#{said}.* cannot be published/, error.message)
      assert_equal "old", ZeroTouch::Region.open(@path)[0]
    }
    assert_raises(KeyError) { ZeroTouch.publish(@path, Enumerator.new { raise KeyError }) }
    assert_raises(TypeError) { ZeroTouch.publish(@path, 5) }
    assert_raises(ZeroTouch::SystemError) { ZeroTouch.publish("#{@folder}/no/such", []) }
    assert_equal ["r.ztc"], Dir.children(@folder)
    refute GC.enable, "garbage is collected again"
  end

  def test_errors_are_text_whatever_they_name
    {{"\xFF" => 1} => '$["\xFF"]: a string that is not valid', {"x" => {"\xFF" => 1}} => '$.x["\xFF"]: a string that',
     {"é".encode("UTF-16LE") => Object.new} => '$["é"]: an object', {"\xFF".b => Object.new} => '$["\xFF"]: an object',
     {"a" => "\x81".dup.force_encoding("Windows-1252")} => "$.a: a string that has no counterpart in UTF-8 (Windows-1252)",
     {"a" => "\xA4\xFF".dup.force_encoding("EUC-JP")} => "$.a: a string that is not valid in its encoding, EUC-JP,",
     {"\u{1f600}": proc {}} => "$[\"\u{1f600}\"]: an object"}.each { |record, said|
      error = assert_raises(ZeroTouch::UnstorableError) { region(record) }
      assert_includes error.message, "record 0: #{said}"
      assert_predicate error.message, :valid_encoding?
    }
    region = region({"a" => 1})
    ["☺" * 100, "x#{"☺" * 100}", "[\"#{"é" * 99}\"]", "\xFF"].each { |path|
      error = assert_raises(ZeroTouch::PathError, path) { region.copy_path(0, path) }
      assert_predicate error.message, :valid_encoding?
    }
  end

  def test_errors_in_any_locale
    program = <<~'RUBY'
      require "zerotouch"
      folder = ARGV[0]
      names = ["none \u00e9.ztc", "none \xff.ztc".b]
      names.each { |name|
        begin
          ZeroTouch::Region.open("#{folder}/".b + name.b)
        rescue ZeroTouch::SystemError => error
          abort "wrong: #{error.message.inspect}" unless error.message.valid_encoding? && error.status == "NOT_FOUND"
        end
        begin
          ZeroTouch.publish("#{folder}/".b + name.b, [proc {}])
        rescue ZeroTouch::UnstorableError => error
          abort "wrong: #{error.message.inspect}" unless error.message.valid_encoding?
        end
      }
      puts "fine"
    RUBY
    %w[C C.UTF-8].each { |locale|
      command = [{"LC_ALL" => locale}, RbConfig.ruby, *$LOAD_PATH.map { |folder| "-I#{folder}" }, "-e", program, @folder]
      assert_equal "fine\n", IO.popen(command, err: %i[child out], &:read)
    }
  end

  def test_errors_of_reading
    region = region({"n" => 1})
    error = assert_raises(ZeroTouch::PathError) { region.copy_path(0, "a.x") }
    assert_match(/r\.ztc: record 0, a\.x: .*NO_SUCH_KEY/, error.message)
    assert_raises(IndexError) { region.copy_path(1, "n") }
    region.close
    assert_predicate region, :closed?
    assert_raises(ZeroTouch::ClosedError) { region[0] }
    assert_raises(ZeroTouch::ClosedError) { region.values_at(0, 0) }
    assert_equal 1, region.size
    error = assert_raises(ZeroTouch::SystemError) { ZeroTouch::Region.open("#{@folder}/none") }
    assert_equal "NOT_FOUND", error.status
    File.binwrite(@path, "no region" * 20)
    assert_raises(ZeroTouch::FormatError) { ZeroTouch::Region.open(@path) }
    assert_raises(ArgumentError) { ZeroTouch::Region.open(@path, verify: :most) }
    assert_raises(ArgumentError) { ZeroTouch::Region.allocate[0] }
  end

  def test_damage_is_found
    region({"text" => "some text that is long enough"})
    data = File.binread(@path)
    data.setbyte(data.index("long enough"), 0x41)
    File.binwrite(@path, data)
    [-> { ZeroTouch::Region.open(@path).verify }, -> { ZeroTouch::Region.open(@path, verify: :record)[0] }].each { |work|
      assert_equal "CHECKSUM", assert_raises(ZeroTouch::FormatError, &work).status
    }
  end

  def test_a_file_cut_short_underneath_is_an_error
    region = region(*Array.new(100) { {"text" => "x" * 5000} })
    File.truncate(@path, 4096)
    assert_equal "LOST", assert_raises(ZeroTouch::ClosedError) { region[99] }.status
  end

  def test_a_block_closes_the_region
    region({"a" => 1})
    kept = nil
    assert_equal 1, ZeroTouch::Region.open(@path) { |region| (kept = region)[0]["a"] }
    assert_predicate kept, :closed?
  end

  # By what a value is made of: the copy under way is in memory of the parent's then.
  def test_a_fork_while_records_are_decoded
    region = region([Time.utc(2020), {"a" => 1}], {"b" => "another record"}, {"c" => 3})
    worker = fork {
      child = :none
      Time.singleton_class.prepend(Module.new {
        define_method(:at) { |*arguments, **names|
          child = fork if child == :none
          super(*arguments, **names)
        }
      })
      copies = region.values_at(0, 1, 2)
      fine = copies == [[Time.utc(2020), {"a" => 1}], {"b" => "another record"}, {"c" => 3}]
      fine &&= region.values_at(1, 2) == copies[1..]
      exit!(fine ? 7 : 8) if child.nil?
      exit!(fine && Process.wait2(child)[1].exitstatus == 7 ? 0 : 1)
    }
    assert_predicate Process.wait2(worker)[1], :success?
  end

  def test_workers_after_a_fork
    region = region(*Array.new(100) { |i| {"n" => i} })
    region[0]
    statuses = Array.new(2) {
      fork {
        fine = region.to_a == Array.new(100) { |i| {"n" => i} }
        region.close
        GC.start
        exit!(fine ? 0 : 1)
      }
    }.map { |pid| Process.wait2(pid)[1].success? }
    assert_equal [true, true], statuses
    assert_equal({"n" => 5}, region[5])
  end

  def test_threads
    records = Array.new(60) { |i| {"id" => i, "text" => "x" * (i * 97 % 90_000), "set" => Set[i]} }
    region = region(*records)
    wrong = Array.new(4) { |start|
      Thread.new { (start...start + 200).count { |i| region.values_at(i % 60, 3, 5) != records.values_at(i % 60, 3, 5) } }
    }.sum(&:value)
    assert_equal 0, wrong
  end
end

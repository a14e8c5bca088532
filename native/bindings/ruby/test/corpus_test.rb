# frozen_string_literal: true

# The regions that every reader in every language reads. Here: that they are read, or refused, at all. The matrix
# (native/bindings/matrix) compares what is read. ZTC_CORPUS says where they are.
require "minitest/autorun"
require "zerotouch"

class CorpusTest < Minitest::Test
  CORPUS = ENV.fetch("ZTC_CORPUS") { File.expand_path("../../../test/corpus", __dir__) }

  def test_good_regions_are_read
    good = Dir["#{CORPUS}/*.ztc"].grep_v(/bad-/)
    assert_operator good.size, :>, 4
    good.each { |path|
      region = ZeroTouch::Region.open(path, verify: :all)
      assert_equal File.foreach(path.sub(/ztc\z/, "txt"), chomp: true).count, region.size
      assert_equal region.size, region.to_a.size
    }
  end

  def test_bad_regions_are_refused
    Dir["#{CORPUS}/bad-*.ztc"].each { |path|
      error = assert_raises(ZeroTouch::FormatError) { ZeroTouch::Region.open(path, verify: :all) }
      assert_equal File.readlines(path.sub(/ztc\z/, "txt"), chomp: true).first, error.status
    }
  end
end

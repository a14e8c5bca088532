# frozen_string_literal: true

# The examples of the README, run as they stand there.
require "minitest/autorun"
require "tmpdir"
require "zerotouch"

class DocumentsTest < Minitest::Test
  README = File.expand_path("../README.md", __dir__)

  def test_readme
    example, *others = File.read(README).scan(/```ruby\n(.*?)```/m).flatten
    assert_empty others
    jobs = Array.new(200) { |i| { id: "user:#{i}", prefs: { lang: "de" } } }
    scope = binding
    printed, = capture_io { Dir.mktmpdir { |folder| Dir.chdir(folder) { scope.eval(example, README) } } }
    assert_equal jobs[42], scope.local_variable_get(:job)
    assert_equal jobs[10..19] + [jobs[7], jobs[99], jobs[-1]], scope.local_variable_get(:some)
    assert_equal jobs[42], scope.local_variable_get(:other)
    assert_equal "de", scope.local_variable_get(:language)
    assert_equal jobs.map { |job| "#{job.inspect}\n" }.join, printed
  end
end

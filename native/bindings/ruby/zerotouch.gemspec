# frozen_string_literal: true

Gem::Specification.new do |spec|
  spec.name = "zerotouch"
  spec.version = "0.1.0"
  spec.summary = "Private deep copies of shared data, without one write to a shared page"
  spec.authors = ["The ZeroTouchClone authors"]
  spec.license = "Apache-2.0"
  spec.required_ruby_version = ">= 3.1"
  spec.files = Dir["lib/**/*.rb", "ext/zerotouch/*.{c,h,rb}", "ext/zerotouch/common/*.{c,h}", "README.md"]
  spec.extensions = ["ext/zerotouch/extconf.rb"]
end

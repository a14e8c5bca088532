# Finds the C library: a build of this project's CMake, given by ZTC_BUILD (with the header in ZTC_INCLUDE,
# or found beside this folder), or an installed one that pkg-config knows.
require "mkmf"

build = ENV["ZTC_BUILD"]
if build
  archive = ["", "native"].map { |at| File.join(build, at, "libztc_static.a") }.find { |path| File.file?(path) }
  headers = [ENV["ZTC_INCLUDE"], File.expand_path("../../../../include", __dir__)].compact
  header = headers.find { |path| File.file?(File.join(path, "ztc/ztc.h")) }
  abort "ZTC_BUILD=#{build}: there is no libztc_static.a" unless archive
  abort "ztc/ztc.h was not found: set ZTC_INCLUDE to the folder above it" unless header
  $INCFLAGS = "-I#{header} #{$INCFLAGS}"
  $libs = "#{File.expand_path(archive)} #{$libs}"
elsif !pkg_config("ztc")
  abort "The ZeroTouchClone C library was not found: set ZTC_BUILD to its build directory, or install it " \
        "so that pkg-config knows ztc"
end

have_func("rb_hash_new_capa") # 3.2
have_func("rb_hash_new_with_size")
$srcs = (Dir["#{$srcdir}/*.c"] + Dir["#{$srcdir}/common/*.c"]).sort
$VPATH << "$(srcdir)/common"
$CFLAGS << " -std=gnu11 -O3 -g -fvisibility=hidden -Wall -Wextra -Wno-unused-parameter" \
           " -Wno-missing-field-initializers -Wno-declaration-after-statement -Wno-cast-function-type"
$CFLAGS << " -Werror" if ENV["ZTC_WERROR"]
$CFLAGS << " #{ENV["ZTC_CFLAGS"]}"
$LDFLAGS << " #{ENV["ZTC_LDFLAGS"]}"
$DLDFLAGS << " -Wl,--exclude-libs,ALL -Wl,-z,relro,-z,now,-z,nodelete"
create_makefile("zerotouch/native")

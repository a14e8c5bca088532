# Debian: gcc-aarch64-linux-gnu and musl-dev:arm64. musl has no headers of the kernel, so those of the
# cross compiler are looked at last; and the helpers for atomics in its libgcc ask for
# glibc. musl's ioctl takes an int.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_C_FLAGS_INIT "-specs /usr/lib/aarch64-linux-musl/musl-gcc.specs -Wno-sign-conversion \
-idirafter /usr/aarch64-linux-gnu/include -mno-outline-atomics")
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static)

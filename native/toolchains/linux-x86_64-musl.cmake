# Debian: musl-dev:amd64 and gcc-x86-64-linux-gnu. musl has no headers of the kernel, so those of the
# system are looked at last; its ioctl takes an int.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER x86_64-linux-gnu-gcc)
set(CMAKE_C_FLAGS_INIT "-specs /usr/lib/x86_64-linux-musl/musl-gcc.specs -Wno-sign-conversion \
-idirafter /usr/include -idirafter /usr/include/x86_64-linux-gnu")

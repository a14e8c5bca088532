"""Finds the C library: a build of this project's CMake, given by ZTC_BUILD (with the header in
ZTC_INCLUDE, or found beside this folder), or an installed one that pkg-config knows."""

import glob
import os
import shlex
import subprocess
import sys

from setuptools import Extension, setup

here = os.path.dirname(os.path.abspath(__file__))


def library():
    build = os.environ.get("ZTC_BUILD")
    if build:
        archives = [os.path.join(build, *at, "libztc_static.a") for at in ([], ["native"])]
        headers = [os.environ.get("ZTC_INCLUDE", ""), os.path.join(here, "..", "..", "include")]
        archive = next((path for path in archives if os.path.isfile(path)), None)
        header = next((path for path in headers if os.path.isfile(path + "/ztc/ztc.h")), None)
        if archive is None:
            sys.exit(f"ZTC_BUILD={build}: there is no libztc_static.a")
        if header is None:
            sys.exit("ztc/ztc.h was not found: set ZTC_INCLUDE to the folder above it")
        return {"include_dirs": [header], "extra_objects": [os.path.abspath(archive)]}
    try:
        flags = [
            shlex.split(subprocess.check_output(["pkg-config", what, "ztc"], text=True))
            for what in ("--cflags", "--libs")
        ]
    except (OSError, subprocess.CalledProcessError):
        sys.exit(
            "The ZeroTouchClone C library was not found: set ZTC_BUILD to its build directory, or"
            " install it so that pkg-config knows ztc"
        )
    return {"extra_compile_args": flags[0], "extra_link_args": flags[1]}


found = library()
compile_args = found.pop("extra_compile_args", []) + [
    "-std=gnu11", "-O3", "-g", "-fvisibility=hidden", "-Wall", "-Wextra", "-Wshadow",
    "-Wno-missing-field-initializers", "-Wno-cast-function-type",
] + (["-Werror"] if os.environ.get("ZTC_WERROR") else [])
link_args = found.pop("extra_link_args", []) + ["-Wl,--exclude-libs,ALL", "-Wl,-z,relro,-z,now,-z,nodelete"]
os.chdir(here)
setup(
    ext_modules=[
        Extension(
            "zerotouch._native",
            sorted(glob.glob("src/*.c")) + sorted(glob.glob("common/*.c")),
            depends=glob.glob("src/*.h") + glob.glob("common/*.h"),
            extra_compile_args=compile_args + shlex.split(os.environ.get("ZTC_CFLAGS", "")),
            extra_link_args=link_args,
            **found,
        )
    ]
)

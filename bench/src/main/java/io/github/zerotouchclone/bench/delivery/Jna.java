package io.github.zerotouchclone.bench.delivery;

import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Path;

/** The C interface as JNA calls it: the road that a Java program has without this library. */
final class Jna {

  private static final String LIBRARY = "ztc";

  private Jna() {}

  /** Calls through a proxy. */
  interface Proxy extends Library {
    Proxy INSTANCE = Native.load(LIBRARY, Proxy.class);

    int ztc_copy(
        Pointer region,
        long index,
        Pointer destination,
        long capacity,
        LongByReference size,
        Pointer workspace);
  }

  /** Calls through natives that JNA registers, with no boxing on the way. */
  static final class Direct {

    static {
      Native.register(LIBRARY);
    }

    private Direct() {}

    static native int ztc_region_open(
        String path, int flags, PointerByReference region, Pointer error);

    static native void ztc_region_free(Pointer region);

    static native int ztc_copy(
        Pointer region,
        long index,
        Pointer destination,
        long capacity,
        Pointer size,
        Pointer workspace);
  }

  /** A region that JNA opened, and memory for one copy. */
  static final class Reader implements AutoCloseable {

    private static final long CAPACITY = 1 << 20;

    private final Pointer region;
    private final Memory destination = new Memory(CAPACITY);
    private final Memory size = new Memory(Long.BYTES);
    private final LongByReference sizeReference = new LongByReference();

    Reader(Path path) {
      PointerByReference opened = new PointerByReference();
      check(Direct.ztc_region_open(path.toString(), 0, opened, null));
      region = opened.getValue();
    }

    /** Copies a record and returns how many bytes it has. */
    long copyDirect(long index) {
      check(Direct.ztc_copy(region, index, destination, CAPACITY, size, null));
      return size.getLong(0);
    }

    /** Copies a record and returns how many bytes it has. */
    long copyThroughProxy(long index) {
      check(Proxy.INSTANCE.ztc_copy(region, index, destination, CAPACITY, sizeReference, null));
      return sizeReference.getValue();
    }

    private static void check(int status) {
      if (status != 0) {
        throw new IllegalStateException("the C library answers with status " + status);
      }
    }

    @Override
    public void close() {
      Direct.ztc_region_free(region);
    }
  }
}

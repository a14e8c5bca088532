package io.github.zerotouchclone;

import com.sun.jna.Callback;
import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.lang.ref.Reference;
import java.nio.file.Path;

/** The C ABI, called past the JNI glue. */
interface Capi extends Library {
  /** The library that the build made, or names with {@code ztc.capi.library}. */
  Capi C = Native.load(location(), Capi.class);

  private static String location() {
    String named = System.getProperty("ztc.capi.library");
    String folder = System.getProperty("ztc.native.lib");
    if (named != null) {
      return named;
    }
    Path built = Fixtures.source("native", "target", "cmake", "lib");
    return (folder == null ? built : Path.of(folder)).resolve("libztc.so").toString();
  }

  int ztc_abi_version();

  int ztc_region_open(String path, int flags, PointerByReference out, Pointer error);

  void ztc_region_free(Pointer region);

  long ztc_region_count(Pointer region);

  Pointer ztc_region_schema(Pointer region);

  int ztc_copy(
      Pointer region, long index, Pointer to, long size, LongByReference used, Pointer workspace);

  int ztc_copy_path(
      Pointer region,
      long index,
      String path,
      Pointer to,
      long capacity,
      LongByReference size,
      Pointer workspace,
      Pointer error);

  int ztc_workspace_create(long entries, PointerByReference out);

  void ztc_workspace_free(Pointer workspace);

  int ztc_value_root(Pointer copy, long size, Pointer schema, Pointer out);

  int ztc_value_text(Pointer value, TextSink sink, Pointer context, Pointer error);

  int ztc_writer_create(String path, int flags, PointerByReference out, Pointer error);

  int ztc_writer_reserve_shared(Pointer writer, IntByReference id);

  int ztc_writer_feed(Pointer writer, byte[] events, long size, Pointer error);

  int ztc_writer_publish(Pointer writer, Pointer error);

  /** Takes pieces of text; 1 asks for more. A C bool is one byte. */
  interface TextSink extends Callback {
    byte take(Pointer context, Pointer text, long size);
  }

  // ---------------------------------------------------------------------------------- convenience

  /** Opens a region. */
  static Pointer open(Path path) {
    PointerByReference out = new PointerByReference();
    check(C.ztc_region_open(path.toString(), 0, out, null));
    return out.getValue();
  }

  /** The bytes of a copy. */
  static byte[] copy(Pointer region, long index) {
    PointerByReference workspace = new PointerByReference();
    check(C.ztc_workspace_create(100_000, workspace));
    LongByReference size = new LongByReference();
    int status = C.ztc_copy(region, index, null, 0, size, workspace.getValue());
    if (status != Status.BUFFER_TOO_SMALL.code()) {
      check(status);
    }
    Memory memory = new Memory(size.getValue());
    check(C.ztc_copy(region, index, memory, memory.size(), size, workspace.getValue()));
    C.ztc_workspace_free(workspace.getValue());
    return memory.getByteArray(0, (int) size.getValue());
  }

  /** The typed text of a copy. */
  static String text(Pointer region, byte[] copy) {
    Memory memory = new Memory(copy.length);
    memory.write(0, copy, 0, copy.length);
    Memory value = new Memory(48);
    check(C.ztc_value_root(memory, copy.length, C.ztc_region_schema(region), value));
    java.io.ByteArrayOutputStream text = new java.io.ByteArrayOutputStream();
    TextSink sink =
        (context, piece, size) -> {
          text.writeBytes(piece.getByteArray(0, (int) size));
          return (byte) 1;
        };
    check(C.ztc_value_text(value, sink, null, null));
    Reference.reachabilityFence(memory); // which the value points into
    return text.toString(java.nio.charset.StandardCharsets.UTF_8);
  }

  /** Fails on any status but OK. */
  static void check(int status) {
    if (status != 0) {
      throw new AssertionError(Status.ofCode(status));
    }
  }
}

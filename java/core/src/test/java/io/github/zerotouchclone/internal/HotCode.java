package io.github.zerotouchclone.internal;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;

/** The sizes of a class's methods, as its class file says them. */
final class HotCode {
  private HotCode() {}

  /** Bytes of code of each method by its name; of overloads those of the largest. */
  static Map<String, Integer> sizes(Class<?> type) {
    String name = type.getName().substring(type.getName().lastIndexOf('.') + 1) + ".class";
    try (InputStream file = type.getResourceAsStream(name)) {
      return read(new DataInputStream(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, Integer> read(DataInputStream in) throws IOException {
    in.skipNBytes(8); // magic and version
    String[] texts = constants(in);
    in.skipNBytes(6); // access, this and super
    in.skipNBytes(2L * in.readUnsignedShort()); // interfaces
    members(in, texts); // fields
    return members(in, texts);
  }

  private static String[] constants(DataInputStream in) throws IOException {
    String[] texts = new String[in.readUnsignedShort()];
    for (int i = 1; i < texts.length; i++) {
      int tag = in.readUnsignedByte();
      switch (tag) {
        case 1 -> texts[i] = in.readUTF();
        case 5, 6 -> { // a long or double takes two numbers
          in.skipNBytes(8);
          i++;
        }
        case 7, 8, 16, 19, 20 -> in.skipNBytes(2);
        case 15 -> in.skipNBytes(3);
        case 3, 4, 9, 10, 11, 12, 17, 18 -> in.skipNBytes(4);
        default -> throw new IOException("a constant of kind " + tag);
      }
    }
    return texts;
  }

  private static Map<String, Integer> members(DataInputStream in, String[] texts)
      throws IOException {
    Map<String, Integer> sizes = new TreeMap<>();
    for (int n = in.readUnsignedShort(); n > 0; n--) {
      in.skipNBytes(2);
      String name = texts[in.readUnsignedShort()];
      in.skipNBytes(2);
      for (int attributes = in.readUnsignedShort(); attributes > 0; attributes--) {
        boolean code = texts[in.readUnsignedShort()].equals("Code");
        long length = in.readInt() & 0xffff_ffffL;
        if (code) {
          in.skipNBytes(4); // stack and locals
          sizes.merge(name, in.readInt(), Math::max);
          length -= 8;
        }
        in.skipNBytes(length);
      }
    }
    return sizes;
  }
}

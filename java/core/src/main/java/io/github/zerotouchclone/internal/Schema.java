package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.CorruptRegionException;
import io.github.zerotouchclone.Status;
import java.util.ArrayList;
import java.util.List;

/**
 * The keys and shapes of a region, parsed into immutable heap objects, so that copies do not need
 * the region. Any thread.
 */
public final class Schema {
  private static final int HEAD = 16;
  private static final int MAX_SHAPES = 65_536;
  private static final int INTERNED = 1000;

  private final Shape[] shapes;

  private Schema(Shape[] shapes) {
    this.shapes = shapes;
  }

  /** The key lists of all shapes, in the order of their numbers. */
  public List<List<String>> shapes() {
    List<List<String>> lists = new ArrayList<>(shapes.length);
    for (Shape shape : shapes) {
      lists.add(new ArrayList<>(shape.keys()));
    }
    return lists;
  }

  /** The shape with this number, or null. */
  Shape shape(int number) {
    return number >= 0 && number < shapes.length ? shapes[number] : null;
  }

  /**
   * Parses a schema section.
   *
   * @param image the section's bytes
   * @param region the path for error messages
   * @throws CorruptRegionException if the bytes are not a schema; its offset counts from the
   *     section's start
   */
  public static Schema parse(byte[] image, String region) {
    return new Parser(image, region).parse();
  }

  private static final class Parser {
    private final byte[] image;
    private final String region;

    Parser(byte[] image, String region) {
      this.image = image;
      this.region = region;
    }

    Schema parse() {
      need(0, HEAD, 0);
      long keyCount = LittleEndian.getUnsignedInt(image, 0);
      long shapeCount = LittleEndian.getUnsignedInt(image, 4);
      if (shapeCount > MAX_SHAPES) {
        throw corrupt(4, "more than 65,536 shapes");
      }
      need(HEAD, 8 * (keyCount + shapeCount), 0);
      String[] keys = keys((int) keyCount);
      return new Schema(shapes((int) shapeCount, HEAD + 8 * (int) keyCount, keys));
    }

    private String[] keys(int count) {
      String[] keys = new String[count];
      long bytes = 0;
      for (int i = 0; i < count; i++) {
        int entry = HEAD + 8 * i;
        long offset = LittleEndian.getUnsignedInt(image, entry);
        int sizeAndKind = LittleEndian.getInt(image, entry + 4);
        int size = sizeAndKind & 0x3fff_ffff;
        int kind = sizeAndKind >>> 30;
        need(offset, size, entry);
        bytes += size;
        if (bytes > image.length) {
          throw corrupt(entry, "keys overlap");
        }
        keys[i] = kind > Strings.UTF8 ? null : Strings.decode(image, (int) offset, size, kind);
        if (keys[i] == null) {
          throw corrupt(entry, "a key is not a well-formed string");
        }
        if (i < INTERNED) {
          keys[i] = keys[i].intern(); // those in the code of callers are the very same then
        }
      }
      return keys;
    }

    private Shape[] shapes(int count, int table, String[] keys) {
      Shape[] shapes = new Shape[count];
      long slots = 0;
      for (int i = 0; i < count; i++) {
        int entry = table + 8 * i;
        long offset = LittleEndian.getUnsignedInt(image, entry);
        long size = LittleEndian.getUnsignedInt(image, entry + 4);
        need(offset, 5 * size, entry);
        slots += size;
        if (5 * slots > image.length) {
          throw corrupt(entry, "shapes overlap");
        }
        shapes[i] = shape((int) offset, (int) size, keys);
      }
      return shapes;
    }

    private Shape shape(int at, int size, String[] keys) {
      String[] shapeKeys = new String[size];
      byte[] types = new byte[size];
      for (int i = 0; i < size; i++) {
        long number = LittleEndian.getUnsignedInt(image, at + 4 * i);
        if (number >= keys.length) {
          throw corrupt(at + 4 * i, "a shape has key " + number + " of " + keys.length);
        }
        shapeKeys[i] = keys[(int) number];
        types[i] = image[at + 4 * size + i];
      }
      Shape shape = Shape.of(shapeKeys, types);
      if (shape == null) {
        throw corrupt(at, "a shape has the same key twice");
      }
      return shape;
    }

    private void need(long offset, long size, int reported) {
      if (offset > image.length || size > image.length - offset) {
        throw corrupt(reported, "an entry leads out of the section");
      }
    }

    private CorruptRegionException corrupt(long offset, String reason) {
      return new CorruptRegionException(
          Status.CORRUPT, offset, region, "schema section, byte " + offset + ": " + reason);
    }
  }
}

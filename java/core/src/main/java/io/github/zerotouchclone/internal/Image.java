package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.CorruptRegionException;
import io.github.zerotouchclone.Status;
import java.util.Arrays;

/**
 * The bytes of one copy, a window of a byte array, with what is needed to read them and to say
 * where they came from. The window of a copy buffer's image moves with every copy; other images do
 * not change.
 */
public final class Image {
  byte[] bytes;
  int start;
  int limit;
  Schema schema;
  private Origin origin;
  long record;

  /**
   * @param bytes the array that holds the copy
   * @param start first byte of the copy, a multiple of 8
   * @param limit behind the last byte of the copy
   * @param origin the region that the copy came from
   * @param record the index of the record there, for messages
   */
  public Image(byte[] bytes, int start, int limit, Origin origin, long record) {
    set(bytes, start, limit, origin, record);
  }

  /** Moves the window; the parameters are those of the constructor. */
  public void set(byte[] newBytes, int newStart, int newLimit, Origin newOrigin, long index) {
    if (newStart < 0 || newLimit < newStart || newLimit > newBytes.length || (newStart & 7) != 0) {
      throw new IndexOutOfBoundsException(newStart + " .. " + newLimit + " of " + newBytes.length);
    }
    // A reference that is stored into an old object costs more than one that is compared.
    if (bytes != newBytes) {
      bytes = newBytes;
    }
    if (origin != newOrigin) {
      schema = newOrigin.schema();
      origin = newOrigin;
    }
    start = newStart;
    limit = newLimit;
    record = index;
  }

  /** An image of the same copy that shares nothing with this one. */
  public Image detach() {
    byte[] own = toArray();
    return new Image(own, 0, own.length, origin, record);
  }

  /** The array that holds the copy. */
  public byte[] bytes() {
    return bytes;
  }

  /** The copy's bytes, in an array of their own. */
  public byte[] toArray() {
    return Arrays.copyOfRange(bytes, start, limit);
  }

  /** The copy's size in bytes. */
  public int size() {
    return limit - start;
  }

  /** The region that the copy came from. */
  public Origin origin() {
    return origin;
  }

  /** The path of the region that the copy came from. */
  public String region() {
    return origin.region();
  }

  /** The index of the record in that region. */
  public long record() {
    return record;
  }

  /** The error for damaged bytes at a position of the array. */
  CorruptRegionException corrupt(int at, String reason) {
    int offset = at - start;
    return new CorruptRegionException(
        Status.CORRUPT,
        offset,
        region(),
        "record " + record + ": byte " + offset + " of the copy: " + reason);
  }
}

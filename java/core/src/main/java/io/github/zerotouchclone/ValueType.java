package io.github.zerotouchclone;

/**
 * The type of a value in a copy.
 *
 * <p>{@code I8} to {@code I64} are one type, a signed 64-bit integer, with a hint that says which
 * Java type the value is given back as; so are {@code F32} and {@code F64}.
 *
 * <p>Immutable; any thread.
 */
public enum ValueType {
  /** No value; Java's {@code null}. */
  NULL(0),
  /** {@link Boolean}. */
  BOOL(1),
  /** An integer given back as {@link Byte}. */
  I8(2),
  /** An integer given back as {@link Short}. */
  I16(3),
  /** An integer given back as {@link Integer}. */
  I32(4),
  /** An integer given back as {@link Long}. */
  I64(5),
  /** A number given back as {@link Float}. */
  F32(6),
  /** A number given back as {@link Double}. */
  F64(7),
  /** {@link String}. */
  STRING(8),
  /** {@code byte[]}. */
  BYTES(9),
  /** {@link java.util.List}. */
  LIST(16),
  /** {@link java.util.Map} with {@link String} keys. */
  MAP(17),
  /**
   * A typed array: {@code byte[]}, {@code short[]}, {@code int[]}, {@code long[]}, {@code float[]}
   * or {@code double[]}.
   */
  ARRAY(18),
  /** A value of a type that regions do not have themselves: {@link Ext}. */
  EXT(19);

  private static final ValueType[] BY_CODE = new ValueType[20];

  static {
    for (ValueType type : values()) {
      BY_CODE[type.code] = type;
    }
  }

  private final int code;

  ValueType(int code) {
    this.code = code;
  }

  /** The code of this type in the region format. */
  public int code() {
    return code;
  }

  /** Whether a value of this type is an integer. */
  public boolean isInteger() {
    return code >= 2 && code <= 5;
  }

  /** Whether a value of this type has elements or entries: list, map, typed array or ext. */
  public boolean isContainer() {
    return code >= 16;
  }

  /**
   * The type with this code in the region format.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static ValueType ofCode(int code) {
    ValueType type = code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    if (type == null) {
      throw new IllegalArgumentException("no type has the code " + code);
    }
    return type;
  }
}

package io.github.zerotouchclone.internal;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.UUID;

/**
 * The Java values of ext nodes that are complete in themselves: numbers, characters, times, names.
 * Containers (set, tuple, map, object, weak reference) are the decoder's.
 */
final class ExtValues {
  private ExtValues() {}

  /**
   * The Java value of an EXT node, or null if its id has none here or its payload is not of the
   * registered form. An enum constant is its name: the class that it had is not looked for. Time
   * linear in {@link #size}, also if there is no value.
   */
  static Object read(Node ext) {
    try {
      return switch (ext.arg) {
        case ExtIds.UINT64 -> ext.type(0) == Node.T_I64 ? unsigned(ext.slot(0)) : null;
        case ExtIds.BIG_INTEGER -> bigInteger(ext, 0);
        case ExtIds.DECIMAL -> decimal(ext);
        case ExtIds.CHAR -> character(ext);
        case ExtIds.INSTANT -> instant(ext);
        case ExtIds.LOCAL_DATE -> localDate(ext);
        case ExtIds.LOCAL_TIME -> isInteger(ext, 0) ? LocalTime.ofNanoOfDay(integer(ext, 0)) : null;
        case ExtIds.LOCAL_DATE_TIME -> localDateTime(ext);
        case ExtIds.OFFSET_DATE_TIME -> offsetDateTime(ext);
        case ExtIds.ZONED_DATE_TIME -> zonedDateTime(ext);
        case ExtIds.DURATION -> duration(ext);
        case ExtIds.PERIOD -> period(ext);
        case ExtIds.UUID -> uuid(ext);
        case ExtIds.ENUM -> enumName(ext);
        case ExtIds.SYMBOL -> string(ext, 0);
        case ExtIds.UTF16_STRING -> utf16(ext);
        case ExtIds.URI -> uri(ext);
        case ExtIds.OFFSET_TIME -> offsetTime(ext);
        case ExtIds.YEAR -> isInt(ext, 0) ? Year.of((int) integer(ext, 0)) : null;
        case ExtIds.YEAR_MONTH -> yearMonth(ext);
        case ExtIds.MONTH_DAY -> monthDay(ext);
        case ExtIds.ZONE -> zone(ext);
        default -> null;
      };
    } catch (DateTimeException | ArithmeticException e) {
      return null; // out of the range that Java's type has
    }
  }

  /** Bytes of strings, bytes and typed arrays that {@link #read} may look at, as slots claim. */
  static long size(Node ext) {
    return switch (ext.arg) {
      case ExtIds.DECIMAL, ExtIds.ZONED_DATE_TIME, ExtIds.ENUM -> {
        Node parts = list(ext, 0, 2);
        yield parts == null ? 0 : size(parts, 1);
      }
      default -> size(ext, 0);
    };
  }

  private static long size(Node node, int i) {
    long slot = node.slot(i);
    return switch (node.type(i)) {
      case Node.T_STRING -> Node.isInline(slot) ? 0 : Node.stringSize(slot);
      case Node.T_BYTES, Node.T_ARRAY -> slot >>> 32;
      default -> 0;
    };
  }

  /**
   * The text of an EXT node for a reader that asks for a string, or null if it has none: a
   * character, UUID, enum constant, symbol, string or URI.
   */
  static String text(Node ext) {
    return switch (ext.arg) {
      case ExtIds.CHAR,
          ExtIds.UUID,
          ExtIds.ENUM,
          ExtIds.SYMBOL,
          ExtIds.UTF16_STRING,
          ExtIds.URI -> {
        Object value = read(ext);
        yield value == null ? null : value.toString();
      }
      default -> null;
    };
  }

  // ------------------------------------------------------------------------------------ numbers

  private static BigInteger unsigned(long bits) {
    BigInteger low = BigInteger.valueOf(bits & Long.MAX_VALUE);
    return bits < 0 ? low.setBit(63) : low;
  }

  private static BigInteger bigInteger(Node node, int i) {
    if (node.type(i) != Node.T_BYTES || node.slot(i) == 0) {
      return null;
    }
    byte[] bytes = node.bytes(node.slot(i), node.head);
    return bytes.length == 0 ? null : new BigInteger(bytes);
  }

  private static BigDecimal decimal(Node ext) {
    Node parts = list(ext, 0, 2);
    if (parts == null || !isInt(parts, 0)) {
      return null;
    }
    BigInteger unscaled = bigInteger(parts, 1);
    return unscaled == null ? null : new BigDecimal(unscaled, (int) integer(parts, 0));
  }

  private static Character character(Node ext) {
    if (!isInt(ext, 0)) {
      return null;
    }
    long unit = integer(ext, 0);
    return unit >= 0 && unit <= Character.MAX_VALUE ? (char) unit : null;
  }

  // -------------------------------------------------------------------------------------- times

  private static Instant instant(Node ext) {
    Node parts = list(ext, 0, 2);
    if (parts == null || !isInteger(parts, 0) || !isNanos(parts, 1)) {
      return null;
    }
    return Instant.ofEpochSecond(integer(parts, 0), integer(parts, 1));
  }

  private static Duration duration(Node ext) {
    Node parts = list(ext, 0, 2);
    if (parts == null || !isInteger(parts, 0) || !isNanos(parts, 1)) {
      return null;
    }
    return Duration.ofSeconds(integer(parts, 0), integer(parts, 1));
  }

  private static LocalDate localDate(Node ext) {
    Node parts = list(ext, 0, 3);
    if (parts == null || !isInt(parts, 0) || !isInt(parts, 1) || !isInt(parts, 2)) {
      return null;
    }
    return LocalDate.of((int) integer(parts, 0), (int) integer(parts, 1), (int) integer(parts, 2));
  }

  private static LocalDateTime localDateTime(Node ext) {
    Node parts = list(ext, 0, 2);
    return parts != null
            && part(parts, 0, ExtIds.LOCAL_DATE) instanceof LocalDate date
            && part(parts, 1, ExtIds.LOCAL_TIME) instanceof LocalTime time
        ? LocalDateTime.of(date, time)
        : null;
  }

  private static OffsetDateTime offsetDateTime(Node ext) {
    Node parts = list(ext, 0, 2);
    return parts != null
            && part(parts, 0, ExtIds.LOCAL_DATE_TIME) instanceof LocalDateTime time
            && isInt(parts, 1)
        ? OffsetDateTime.of(time, ZoneOffset.ofTotalSeconds((int) integer(parts, 1)))
        : null;
  }

  /** The instant is kept, even if the rules of the zone have changed since it was written. */
  private static ZonedDateTime zonedDateTime(Node ext) {
    Node parts = list(ext, 0, 2);
    if (parts == null
        || !(part(parts, 0, ExtIds.OFFSET_DATE_TIME) instanceof OffsetDateTime time)) {
      return null;
    }
    String zone = string(parts, 1);
    return zone == null
        ? null
        : ZonedDateTime.ofInstant(time.toLocalDateTime(), time.getOffset(), ZoneId.of(zone));
  }

  private static Period period(Node ext) {
    Node parts = list(ext, 0, 3);
    if (parts == null || !isInt(parts, 0) || !isInt(parts, 1) || !isInt(parts, 2)) {
      return null;
    }
    return Period.of((int) integer(parts, 0), (int) integer(parts, 1), (int) integer(parts, 2));
  }

  private static OffsetTime offsetTime(Node ext) {
    Node parts = list(ext, 0, 2);
    return parts != null
            && part(parts, 0, ExtIds.LOCAL_TIME) instanceof LocalTime time
            && isInt(parts, 1)
        ? OffsetTime.of(time, ZoneOffset.ofTotalSeconds((int) integer(parts, 1)))
        : null;
  }

  private static YearMonth yearMonth(Node ext) {
    Node parts = list(ext, 0, 2);
    return parts == null || !isInt(parts, 0) || !isInt(parts, 1)
        ? null
        : YearMonth.of((int) integer(parts, 0), (int) integer(parts, 1));
  }

  private static MonthDay monthDay(Node ext) {
    Node parts = list(ext, 0, 2);
    return parts == null || !isInt(parts, 0) || !isInt(parts, 1)
        ? null
        : MonthDay.of((int) integer(parts, 0), (int) integer(parts, 1));
  }

  private static ZoneId zone(Node ext) {
    String id = string(ext, 0);
    return id == null ? null : ZoneId.of(id);
  }

  // -------------------------------------------------------------------------------------- names

  private static UUID uuid(Node ext) {
    if (ext.type(0) != Node.T_BYTES) {
      return null;
    }
    byte[] bytes = ext.bytes(ext.slot(0), ext.head);
    return bytes.length != 16
        ? null
        : new UUID(
            Long.reverseBytes(LittleEndian.getLong(bytes, 0)),
            Long.reverseBytes(LittleEndian.getLong(bytes, 8)));
  }

  private static String enumName(Node ext) {
    Node parts = list(ext, 0, 2); // of which the name of the class may be long
    return parts == null || parts.type(0) != Node.T_STRING ? null : string(parts, 1);
  }

  private static String utf16(Node ext) {
    if (ext.type(0) != Node.T_ARRAY) {
      return null;
    }
    Node units = ext.child(new Node(), Node.T_ARRAY, ext.slot(0), ext.head);
    if (units.elem != Node.T_I16) {
      return null;
    }
    short[] elements = (short[]) ElementArrays.toArray(units);
    char[] chars = new char[elements.length];
    for (int i = 0; i < chars.length; i++) {
      chars[i] = (char) elements[i];
    }
    return new String(chars);
  }

  private static URI uri(Node ext) {
    String text = string(ext, 0);
    try {
      return text == null ? null : new URI(text);
    } catch (URISyntaxException e) {
      return null;
    }
  }

  // -------------------------------------------------------------------------------------- parts
  // Owned values only: nothing here follows a reference.

  private static boolean isInteger(Node node, int i) {
    int type = node.type(i);
    return type >= Node.T_I8 && type <= Node.T_I64;
  }

  private static boolean isInt(Node node, int i) {
    return isInteger(node, i) && (int) integer(node, i) == integer(node, i);
  }

  private static boolean isNanos(Node node, int i) {
    return isInteger(node, i) && integer(node, i) >= 0 && integer(node, i) < 1_000_000_000;
  }

  private static long integer(Node node, int i) {
    return node.integer(node.type(i), node.slot(i));
  }

  private static String string(Node node, int i) {
    return node.type(i) == Node.T_STRING ? node.string(i, node.slot(i)) : null;
  }

  private static Node list(Node node, int i, int count) {
    if (node.type(i) != Node.T_LIST || node.slot(i) == 0) {
      return null;
    }
    Node list = node.child(new Node(), Node.T_LIST, node.slot(i), node.head);
    return list.kind == Node.LIST && list.count == count ? list : null;
  }

  private static Object part(Node node, int i, int id) {
    if (node.type(i) != Node.T_EXT) {
      return null;
    }
    Node part = node.child(new Node(), Node.T_EXT, node.slot(i), node.head);
    return part.arg == id ? read(part) : null;
  }
}

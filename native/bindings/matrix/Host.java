import io.github.zerotouchclone.Ext;
import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.RegionWriter;
import io.github.zerotouchclone.ZeroTouchClone;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** {@code Host read REGION} | {@code Host write REGION < tagged JSON} (see typed.py). */
public final class Host {
  private final Map<Object, Integer> ids = new IdentityHashMap<>();
  private final Map<Object, Object> made = new HashMap<>();
  private final StringBuilder out = new StringBuilder();

  public static void main(String[] arguments) throws Exception {
    Path path = Path.of(arguments[1]);
    if (arguments[0].equals("write")) {
      try (RegionWriter writer = RegionWriter.create(path);
          BufferedReader in =
              new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
        for (String line = in.readLine(); line != null; line = in.readLine()) {
          writer.add(new Host().build(new Json(line).value()));
        }
        writer.publish();
      }
      return;
    }
    PrintStream lines = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    if (!arguments[0].equals("read")) {
      keys(arguments[0], path, lines);
      lines.flush();
      return;
    }
    try (Region region = Region.open(path)) {
      for (long i = 0; i < region.count(); i++) {
        Host host = new Host();
        host.tagged(ZeroTouchClone.copy(region, i).toObject());
        lines.println(host.out);
      }
    }
    lines.flush();
  }

  // --------------------------------------------------------------------------------------- keys

  /** Writes a record for each key of a line ("i DIGITS", "s HEX" or "b HEX"), or finds them. */
  private static void keys(String mode, Path path, PrintStream lines) throws Exception {
    List<String> keys =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
            .lines()
            .toList();
    if (mode.equals("keys")) {
      try (RegionWriter writer = RegionWriter.create(path)) {
        for (int i = 0; i < keys.size(); i++) {
          String text = keys.get(i).substring(2);
          switch (keys.get(i).charAt(0)) {
            case 'i' -> writer.key(Long.parseLong(text));
            case 's' -> writer.key(string(text));
            default -> writer.key(HexFormat.of().parseHex(text));
          }
          writer.add(i);
        }
        writer.publish();
      }
      return;
    }
    try (Region region = Region.open(path)) {
      for (String line : keys) {
        String text = line.substring(2);
        long index =
            switch (line.charAt(0)) {
              case 'i' -> region.indexOf(Long.parseLong(text));
              case 's' -> region.indexOf(string(text));
              default -> region.indexOf(HexFormat.of().parseHex(text));
            };
        lines.println(index < 0 ? "null" : index);
      }
    }
  }

  private static String string(String hex) {
    return new String(HexFormat.of().parseHex(hex), StandardCharsets.UTF_8);
  }

  // ------------------------------------------------------------------------------------ reading

  private void text(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x20 || c > 0x7e || c == '"' || c == '\\') {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  private void pair(String tag, String content) {
    out.append("[\"").append(tag).append("\",");
    text(content);
    out.append(']');
  }

  private void own(int ext, Object... parts) {
    StringBuilder content = new StringBuilder();
    for (Object part : parts) {
      content.append(content.isEmpty() ? "" : ",").append(part);
    }
    out.append("[\"e\",").append(ext).append(',');
    text(content.toString());
    out.append(']');
  }

  private static String bits(double value) {
    return Double.isNaN(value) ? "nan" : String.format("%016x", Double.doubleToRawLongBits(value));
  }

  private static String local(LocalDateTime v) {
    return String.format(
        "%d,%d,%d,%d",
        v.getYear(), v.getMonthValue(), v.getDayOfMonth(), v.toLocalTime().toNanoOfDay());
  }

  private void tagged(Object value) {
    if (value == null || value instanceof Boolean) {
      out.append(value);
    } else if (value instanceof Byte) {
      pair("i8", value.toString());
    } else if (value instanceof Short) {
      pair("i16", value.toString());
    } else if (value instanceof Integer) {
      pair("i32", value.toString());
    } else if (value instanceof Long) {
      pair("i64", value.toString());
    } else if (value instanceof BigInteger) {
      pair("i", value.toString());
    } else if (value instanceof Float v) {
      pair("f32", bits(v));
    } else if (value instanceof Double v) {
      pair("f64", bits(v));
    } else if (value instanceof String v) {
      pair("s", v);
    } else if (value instanceof Character) {
      pair("c", value.toString());
    } else if (value instanceof byte[] v && !ids.containsKey(v)) {
      pair("b", HexFormat.of().formatHex(v));
    } else if (value instanceof BigDecimal v) {
      own(3, v.scale(), v.unscaledValue());
    } else if (value instanceof Instant v) {
      own(8, v.getEpochSecond(), v.getNano());
    } else if (value instanceof LocalDate v) {
      own(9, v.getYear(), v.getMonthValue(), v.getDayOfMonth());
    } else if (value instanceof LocalTime v) {
      own(10, v.toNanoOfDay());
    } else if (value instanceof LocalDateTime v) {
      own(11, local(v));
    } else if (value instanceof OffsetDateTime v) {
      own(12, local(v.toLocalDateTime()), v.getOffset().getTotalSeconds());
    } else if (value instanceof ZonedDateTime v) {
      own(13, local(v.toLocalDateTime()), v.getOffset().getTotalSeconds(), v.getZone());
    } else if (value instanceof Duration v) {
      own(14, v.getSeconds(), v.getNano());
    } else if (value instanceof Period v) {
      own(15, v.getYears(), v.getMonths(), v.getDays());
    } else if (value instanceof UUID) {
      own(16, value.toString().replace("-", ""));
    } else if (value instanceof URI) {
      own(22, value);
    } else if (value instanceof OffsetTime v) {
      own(23, v.toLocalTime().toNanoOfDay(), v.getOffset().getTotalSeconds());
    } else if (value instanceof Year v) {
      own(24, v.getValue());
    } else if (value instanceof YearMonth v) {
      own(25, v.getYear(), v.getMonthValue());
    } else if (value instanceof MonthDay v) {
      own(26, v.getMonthValue(), v.getDayOfMonth());
    } else if (value instanceof ZoneId v) {
      own(27, v);
    } else {
      container(value);
    }
  }

  private void container(Object value) {
    Integer known = ids.putIfAbsent(value, ids.size() + 1);
    if (known != null) {
      out.append("[\"*\",").append(known).append(']');
      return;
    }
    String id = "\"," + ids.get(value) + ",";
    if (value instanceof List<?> v) {
      out.append("[\"l").append(id);
      all(v);
    } else if (value instanceof Set<?> v) {
      out.append("[\"set").append(id);
      all(v);
    } else if (value instanceof Map<?, ?> v) {
      map(id, v);
    } else if (value instanceof Ext v) {
      out.append("[\"x").append(id).append(Integer.toUnsignedString(v.id())).append(',');
      tagged(v.payload());
    } else {
      array(id, value);
    }
    out.append(']');
  }

  private void all(Iterable<?> values) {
    String separator = "[";
    for (Object value : values) {
      out.append(separator);
      tagged(value);
      separator = ",";
    }
    out.append(separator.equals("[") ? "[]" : "]");
  }

  private void map(String id, Map<?, ?> map) {
    boolean plain = map.keySet().stream().allMatch(key -> key instanceof String);
    out.append(plain ? "[\"m" : "[\"o").append(id);
    String separator = "[";
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      out.append(separator).append('[');
      if (plain) {
        text((String) entry.getKey());
      } else {
        tagged(entry.getKey());
      }
      out.append(',');
      tagged(entry.getValue());
      out.append(']');
      separator = ",";
    }
    out.append(separator.equals("[") ? "[]" : "]");
  }

  private void array(String id, Object value) {
    String element = ELEMENTS.get(value.getClass());
    if (element == null) {
      throw new IllegalArgumentException(value.getClass().getName());
    }
    out.append("[\"a").append(id).append('"').append(element).append("\",[");
    int length = java.lang.reflect.Array.getLength(value);
    for (int i = 0; i < length; i++) {
      Object item = java.lang.reflect.Array.get(value, i);
      out.append(i == 0 ? "" : ",");
      text(element.startsWith("f") ? bits(((Number) item).doubleValue()) : item.toString());
    }
    out.append(']');
  }

  private static final Map<Class<?>, String> ELEMENTS =
      Map.of(
          byte[].class, "i8", short[].class, "i16", int[].class, "i32", long[].class, "i64",
          float[].class, "f32", double[].class, "f64");

  // ------------------------------------------------------------------------------------ writing

  private <T> T keep(List<?> value, T object) {
    made.put(value.get(1), object);
    return object;
  }

  private static double unbits(Object bits) {
    return bits.equals("nan")
        ? Double.NaN
        : Double.longBitsToDouble(Long.parseUnsignedLong((String) bits, 16));
  }

  private Object build(Object json) {
    if (!(json instanceof List<?> value)) {
      return json;
    }
    Object content = value.get(1);
    return switch ((String) value.get(0)) {
      case "i8" -> Byte.valueOf((String) content);
      case "i16" -> Short.valueOf((String) content);
      case "i32" -> Integer.valueOf((String) content);
      case "i64" -> Long.valueOf((String) content);
      case "f32" -> (float) unbits(content);
      case "f64" -> unbits(content);
      case "s" -> content;
      case "b" -> HexFormat.of().parseHex((String) content);
      case "*" -> made.get(content);
      case "a" -> keep(value, array((String) value.get(2), (List<?>) value.get(3)));
      case "l" -> {
        List<Object> list = keep(value, new ArrayList<>());
        ((List<?>) value.get(2)).forEach(item -> list.add(build(item)));
        yield list;
      }
      case "m" -> {
        Map<Object, Object> map = keep(value, new LinkedHashMap<>());
        for (Object entry : (List<?>) value.get(2)) {
          map.put(((List<?>) entry).get(0), build(((List<?>) entry).get(1)));
        }
        yield map;
      }
      default -> ext(value, ((Long) value.get(2)).longValue(), value.get(3));
    };
  }

  private static Object array(String element, List<?> items) {
    Class<?> type =
        switch (element) {
          case "i16" -> short.class;
          case "i32" -> int.class;
          case "i64" -> long.class;
          case "f32" -> float.class;
          default -> double.class;
        };
    Object array = java.lang.reflect.Array.newInstance(type, items.size());
    for (int i = 0; i < items.size(); i++) {
      String item = (String) items.get(i);
      Object boxed =
          switch (element) {
            case "i16" -> Short.valueOf(item);
            case "i32" -> Integer.valueOf(item);
            case "i64" -> Long.valueOf(item);
            case "f32" -> (Object) (float) unbits(item);
            default -> unbits(item);
          };
      java.lang.reflect.Array.set(array, i, boxed);
    }
    return array;
  }

  private static long number(Object json) {
    return Long.parseLong((String) ((List<?>) json).get(1));
  }

  private static BigInteger integer(Object json) {
    return new BigInteger(HexFormat.of().parseHex((String) ((List<?>) json).get(1)));
  }

  /** The n-th element of a list, or of the payload of an ext value that is one. */
  private static Object at(Object json, int n) {
    List<?> value = (List<?>) json;
    return value.get(0).equals("x") ? at(value.get(3), n) : ((List<?>) value.get(2)).get(n);
  }

  private static int part(Object json, int n) {
    return (int) number(at(json, n));
  }

  private static LocalDate date(Object json) {
    return LocalDate.of(part(json, 0), part(json, 1), part(json, 2));
  }

  private static LocalDateTime dateTime(Object json) {
    Object time = ((List<?>) at(json, 1)).get(3);
    return LocalDateTime.of(date(at(json, 0)), LocalTime.ofNanoOfDay(number(time)));
  }

  private static OffsetDateTime offset(Object json) {
    return dateTime(at(json, 0)).atOffset(ZoneOffset.ofTotalSeconds((int) number(at(json, 1))));
  }

  private Object ext(List<?> value, long id, Object payload) {
    switch ((int) id) {
      case 2:
        return integer(payload);
      case 3:
        return new BigDecimal(integer(at(payload, 1)), (int) number(at(payload, 0)));
      case 4:
        return (char) number(payload);
      case 5: {
        Set<Object> set = keep(value, new LinkedHashSet<>());
        ((List<?>) ((List<?>) payload).get(2)).forEach(item -> set.add(build(item)));
        return set;
      }
      case 7: {
        Map<Object, Object> map = keep(value, new LinkedHashMap<>());
        List<?> flat = (List<?>) ((List<?>) payload).get(2);
        for (int i = 0; i < flat.size(); i += 2) {
          map.put(build(flat.get(i)), build(flat.get(i + 1)));
        }
        return map;
      }
      case 8:
        return Instant.ofEpochSecond(number(at(payload, 0)), number(at(payload, 1)));
      case 9:
        return date(payload);
      case 10:
        return LocalTime.ofNanoOfDay(number(payload));
      case 11:
        return dateTime(payload);
      case 12:
        return offset(payload);
      case 13:
        return offset(at(payload, 0))
            .atZoneSameInstant(ZoneId.of((String) ((List<?>) at(payload, 1)).get(1)));
      case 14:
        return Duration.ofSeconds(number(at(payload, 0)), number(at(payload, 1)));
      case 15:
        return Period.of(part(payload, 0), part(payload, 1), part(payload, 2));
      case 16: {
        String hex = (String) ((List<?>) payload).get(1);
        ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(hex));
        return new UUID(bytes.getLong(), bytes.getLong());
      }
      case 21: {
        StringBuilder text = new StringBuilder();
        for (Object unit : (List<?>) ((List<?>) payload).get(3)) {
          text.append((char) Integer.parseInt((String) unit));
        }
        return text.toString();
      }
      case 22:
        return URI.create((String) ((List<?>) payload).get(1));
      case 23: {
        LocalTime time = LocalTime.ofNanoOfDay(number(((List<?>) at(payload, 0)).get(3)));
        return time.atOffset(ZoneOffset.ofTotalSeconds(part(payload, 1)));
      }
      case 24:
        return Year.of((int) number(payload));
      case 25:
        return YearMonth.of(part(payload, 0), part(payload, 1));
      case 26:
        return MonthDay.of(part(payload, 0), part(payload, 1));
      case 27:
        return ZoneId.of((String) ((List<?>) payload).get(1));
      default: {
        Ext ext = keep(value, Ext.incomplete((int) id));
        return ext.complete(build(payload));
      }
    }
  }

  /** The little of JSON that the tagged form needs: lists, strings, whole numbers and literals. */
  private static final class Json {
    private final String text;
    private int at;

    Json(String text) {
      this.text = text;
    }

    private char next() {
      while (text.charAt(at) == ' ' || text.charAt(at) == ',') {
        at++;
      }
      return text.charAt(at);
    }

    Object value() {
      char first = next();
      if (first == '[') {
        at++;
        List<Object> list = new ArrayList<>();
        while (next() != ']') {
          list.add(value());
        }
        at++;
        return list;
      }
      if (first == '"') {
        return string();
      }
      int start = at;
      while (at < text.length() && ",] ".indexOf(text.charAt(at)) < 0) {
        at++;
      }
      String word = text.substring(start, at);
      return switch (word) {
        case "null" -> null;
        case "true" -> true;
        case "false" -> false;
        default -> Long.valueOf(word);
      };
    }

    private String string() {
      StringBuilder string = new StringBuilder();
      for (at++; text.charAt(at) != '"'; at++) {
        char c = text.charAt(at);
        if (c != '\\') {
          string.append(c);
          continue;
        }
        c = text.charAt(++at);
        if (c == 'u') {
          string.append((char) Integer.parseInt(text.substring(at + 1, at + 5), 16));
          at += 4;
        } else {
          int escape = "ntrbf".indexOf(c);
          string.append(escape < 0 ? c : "\n\t\r\b\f".charAt(escape));
        }
      }
      at++;
      return string.toString();
    }
  }
}

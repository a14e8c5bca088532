package io.github.zerotouchclone.json;

import com.fasterxml.jackson.core.Base64Variant;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.ObjectCodec;
import com.fasterxml.jackson.core.StreamReadCapability;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.Version;
import com.fasterxml.jackson.core.base.ParserMinimalBase;
import com.fasterxml.jackson.core.util.JacksonFeatureSet;
import io.github.zerotouchclone.Ext;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** A parser over the objects that a copy was turned into. One thread. */
final class ObjectParser extends ParserMinimalBase {
  // References may make values deeper than a record is.
  private static final int MAX_DEPTH = 1000;

  private static final JacksonFeatureSet<StreamReadCapability> CAPABILITIES =
      DEFAULT_READ_CAPABILITIES.with(StreamReadCapability.EXACT_FLOATS);

  private final ArrayDeque<Level> levels = new ArrayDeque<>();
  // What many references lead to is looked at once: the digits of a number take longer than one.
  private final Map<Object, String> texts = new IdentityHashMap<>(1); // of keys and large numbers
  private final Map<Map<?, ?>, Boolean> objects = new IdentityHashMap<>(1); // or else arrays
  private long budget; // of tokens
  private ObjectCodec codec;
  private Object root;
  private boolean started;
  private boolean closed;
  private Level level = new Level(null, null, null);
  private Object value; // of a token that has one

  /** An object or array that has begun, or the document. */
  private static final class Level extends JsonStreamContext {
    private final Level parent;
    private final Iterator<? extends Map.Entry<?, ?>> entries; // of an object
    private final Iterator<?> elements; // of an array
    private String name;
    private Object waiting; // the value behind a name that has been delivered
    private boolean isWaiting;
    private Object current;

    Level(Level parent, Iterator<? extends Map.Entry<?, ?>> entries, Iterator<?> elements) {
      super(entries != null ? TYPE_OBJECT : elements != null ? TYPE_ARRAY : TYPE_ROOT, -1);
      this.parent = parent;
      this.entries = entries;
      this.elements = elements;
    }

    @Override
    public JsonStreamContext getParent() {
      return parent;
    }

    @Override
    public String getCurrentName() {
      return name;
    }

    @Override
    public Object getCurrentValue() {
      return current;
    }

    @Override
    public void setCurrentValue(Object newValue) {
      current = newValue;
    }

    private void next() {
      _index++;
    }
  }

  ObjectParser(Object root, long budget) {
    super(StreamReadConstraints.defaults());
    this.root = root;
    this.budget = budget;
  }

  @Override
  public JsonToken nextToken() throws IOException {
    if (closed) {
      value = null;
      return _updateToken(null);
    }
    if (--budget < 0) {
      throw _constructReadException(
          "the record shares values, which would be endlessly long without that");
    }
    value = null;
    return _updateToken(next());
  }

  private JsonToken next() throws IOException {
    if (level.entries != null) {
      if (level.isWaiting) {
        level.isWaiting = false;
        return begin(level.waiting);
      }
      if (level.entries.hasNext()) {
        Map.Entry<?, ?> entry = level.entries.next();
        level.next();
        level.name = text(entry.getKey());
        level.waiting = entry.getValue();
        level.isWaiting = true;
        return JsonToken.FIELD_NAME;
      }
      level = levels.pop();
      return JsonToken.END_OBJECT;
    }
    if (level.elements != null) {
      if (level.elements.hasNext()) {
        level.next();
        return begin(level.elements.next());
      }
      level = levels.pop();
      return JsonToken.END_ARRAY;
    }
    if (started) {
      close();
      return null;
    }
    started = true;
    level.next();
    Object all = root;
    root = null;
    return begin(all);
  }

  private JsonToken begin(Object object) throws IOException {
    if (object == null) {
      return JsonToken.VALUE_NULL;
    }
    if (object instanceof Map<?, ?> map) {
      return isObject(map)
          ? push(JsonToken.START_OBJECT, map.entrySet().iterator(), null)
          : push(JsonToken.START_ARRAY, null, flat(map));
    }
    if (object instanceof Collection<?> collection) {
      return push(JsonToken.START_ARRAY, null, collection.iterator());
    }
    value = object;
    if (object instanceof byte[] || object instanceof Ext) {
      return JsonToken.VALUE_EMBEDDED_OBJECT;
    }
    if (object.getClass().isArray()) {
      Iterator<Object> elements =
          IntStream.range(0, Array.getLength(object))
              .mapToObj(i -> Array.get(object, i))
              .iterator();
      return push(JsonToken.START_ARRAY, null, elements);
    }
    if (object instanceof Boolean bool) {
      return bool ? JsonToken.VALUE_TRUE : JsonToken.VALUE_FALSE;
    }
    if (object instanceof Double || object instanceof Float || object instanceof BigDecimal) {
      return JsonToken.VALUE_NUMBER_FLOAT;
    }
    return object instanceof Number ? JsonToken.VALUE_NUMBER_INT : JsonToken.VALUE_STRING;
  }

  private JsonToken push(
      JsonToken token, Iterator<? extends Map.Entry<?, ?>> entries, Iterator<?> elements)
      throws IOException {
    if (levels.size() >= MAX_DEPTH) {
      throw _constructReadException(
          "the record contains itself, or more than %d values inside each other", MAX_DEPTH);
    }
    levels.push(level);
    level = new Level(level, entries, elements);
    return token;
  }

  /** The text of a key, or null. */
  private String text(Object key) {
    if (key instanceof String string) {
      return string;
    }
    boolean hasText =
        key instanceof Number
            || key instanceof Boolean
            || key instanceof Character
            || (key instanceof Comparable && !(key instanceof Collection));
    return hasText ? texts.computeIfAbsent(key, Object::toString) : null;
  }

  /** Whether all keys have text, and each another one: 1 and "1" have the same. */
  private boolean isObject(Map<?, ?> map) {
    Boolean known = objects.get(map);
    if (known != null) {
      return known;
    }
    boolean strings = true;
    for (Object key : map.keySet()) {
      strings &= key instanceof String;
    }
    if (strings && map instanceof HashMap) { // which tells strings by their text
      return true;
    }
    boolean isObject = hasTextKeys(map);
    objects.put(map, isObject);
    return isObject;
  }

  private boolean hasTextKeys(Map<?, ?> map) {
    Set<String> distinct = new HashSet<>();
    for (Object key : map.keySet()) {
      String text = text(key);
      if (text == null || !distinct.add(text)) {
        return false;
      }
    }
    return true;
  }

  /** Key, value, key, value; a map that contains itself needs no room for that each time. */
  private static Iterator<Object> flat(Map<?, ?> map) {
    Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator();
    return new Iterator<>() {
      private Map.Entry<?, ?> entry; // whose value is next

      @Override
      public boolean hasNext() {
        return entry != null || entries.hasNext();
      }

      @Override
      public Object next() {
        if (entry == null) {
          entry = entries.next();
          return entry.getKey();
        }
        Object value = entry.getValue();
        entry = null;
        return value;
      }
    };
  }

  // ---------------------------------------------------------------------------------------- values

  @Override
  public String getText() throws IOException {
    if (_currToken == JsonToken.FIELD_NAME) {
      return level.name;
    }
    if (value instanceof byte[] bytes) {
      return Base64.getEncoder().encodeToString(bytes);
    }
    if (value instanceof BigInteger || value instanceof BigDecimal) {
      return text(value);
    }
    if (value != null && !value.getClass().isArray()) {
      return value.toString();
    }
    return _currToken == null ? null : _currToken.asString();
  }

  @Override
  public char[] getTextCharacters() throws IOException {
    String text = getText();
    return text == null ? null : text.toCharArray();
  }

  @Override
  public boolean hasTextCharacters() {
    return false;
  }

  @Override
  public int getTextLength() throws IOException {
    String text = getText();
    return text == null ? 0 : text.length();
  }

  @Override
  public int getTextOffset() {
    return 0;
  }

  @Override
  public byte[] getBinaryValue(Base64Variant variant) throws IOException {
    if (value instanceof byte[] bytes) {
      return bytes;
    }
    if (_currToken != JsonToken.VALUE_STRING) {
      throw _constructReadException("the token %s has no bytes", _currToken);
    }
    try {
      return variant.decode(getText());
    } catch (IllegalArgumentException e) {
      throw _constructReadException("the text is not Base64: %s", e.getMessage());
    }
  }

  @Override
  public int readBinaryValue(Base64Variant variant, OutputStream out) throws IOException {
    byte[] bytes = getBinaryValue(variant);
    out.write(bytes);
    return bytes.length;
  }

  @Override
  public Object getEmbeddedObject() {
    return _currToken == JsonToken.VALUE_EMBEDDED_OBJECT ? value : null;
  }

  private Number number() throws IOException {
    if (value instanceof Number number) {
      return number;
    }
    throw _constructReadException("the token %s is not a number", _currToken);
  }

  @Override
  public Number getNumberValue() throws IOException {
    Number number = number();
    return number instanceof Byte || number instanceof Short ? (Number) number.intValue() : number;
  }

  @Override
  public NumberType getNumberType() throws IOException {
    Number number = number();
    return number instanceof Long
        ? NumberType.LONG
        : number instanceof Double
            ? NumberType.DOUBLE
            : number instanceof Float
                ? NumberType.FLOAT
                : number instanceof BigInteger
                    ? NumberType.BIG_INTEGER
                    : number instanceof BigDecimal ? NumberType.BIG_DECIMAL : NumberType.INT;
  }

  @Override
  public NumberTypeFP getNumberTypeFP() throws IOException {
    if (!(value instanceof Number)) {
      return NumberTypeFP.UNKNOWN;
    }
    return switch (getNumberType()) {
      case FLOAT -> NumberTypeFP.FLOAT32;
      case DOUBLE -> NumberTypeFP.DOUBLE64;
      case BIG_DECIMAL -> NumberTypeFP.BIG_DECIMAL;
      default -> NumberTypeFP.UNKNOWN;
    };
  }

  @Override
  public int getIntValue() throws IOException {
    long number = getLongValue();
    if ((int) number != number) {
      reportOverflowInt(getText(), _currToken);
    }
    return (int) number;
  }

  @Override
  public long getLongValue() throws IOException {
    Number number = number();
    if (number instanceof BigInteger || number instanceof BigDecimal) {
      BigInteger integer = getBigIntegerValue();
      if (integer.bitLength() > 63) {
        reportOverflowLong(getText(), _currToken);
      }
      return integer.longValue();
    }
    if (number instanceof Double || number instanceof Float) {
      double real = number.doubleValue();
      if (!(real >= -0x1p63 && real < 0x1p63)) {
        reportOverflowLong(getText(), _currToken);
      }
    }
    return number.longValue();
  }

  @Override
  public BigInteger getBigIntegerValue() throws IOException {
    if (number() instanceof BigInteger integer) {
      return integer;
    }
    BigDecimal decimal = getDecimalValue();
    // A few bytes of a record can say any number of digits.
    streamReadConstraints().validateBigIntegerScale(decimal.scale());
    return decimal.toBigInteger();
  }

  @Override
  public float getFloatValue() throws IOException {
    return number().floatValue();
  }

  @Override
  public double getDoubleValue() throws IOException {
    return number().doubleValue();
  }

  @Override
  public BigDecimal getDecimalValue() throws IOException {
    Number number = number();
    if (number instanceof BigDecimal decimal) {
      return decimal;
    }
    if (number instanceof BigInteger integer) {
      return new BigDecimal(integer);
    }
    if (isNaN()) {
      throw _constructReadException("%s is not a decimal number", number);
    }
    return number instanceof Double || number instanceof Float
        ? new BigDecimal(number.toString())
        : BigDecimal.valueOf(number.longValue());
  }

  @Override
  public boolean isNaN() {
    return value instanceof Double || value instanceof Float
        ? !Double.isFinite(((Number) value).doubleValue())
        : false;
  }

  // ---------------------------------------------------------------------------------- the parser

  @Override
  public String currentName() {
    boolean begun = _currToken == JsonToken.START_OBJECT || _currToken == JsonToken.START_ARRAY;
    return begun ? levels.peek().name : level.name;
  }

  @Override
  @SuppressWarnings("deprecation")
  public String getCurrentName() {
    return currentName();
  }

  @Override
  public void overrideCurrentName(String name) {
    boolean begun = _currToken == JsonToken.START_OBJECT || _currToken == JsonToken.START_ARRAY;
    (begun ? levels.peek() : level).name = name;
  }

  @Override
  public JsonStreamContext getParsingContext() {
    return level;
  }

  @Override
  public ObjectCodec getCodec() {
    return codec;
  }

  @Override
  public void setCodec(ObjectCodec newCodec) {
    codec = newCodec;
  }

  @Override
  public JacksonFeatureSet<StreamReadCapability> getReadCapabilities() {
    return CAPABILITIES;
  }

  @Override
  public Version version() {
    return Version.unknownVersion();
  }

  @Override
  public JsonLocation currentLocation() {
    return JsonLocation.NA;
  }

  @Override
  public JsonLocation currentTokenLocation() {
    return JsonLocation.NA;
  }

  @Override
  @SuppressWarnings("deprecation")
  public JsonLocation getCurrentLocation() {
    return JsonLocation.NA;
  }

  @Override
  @SuppressWarnings("deprecation")
  public JsonLocation getTokenLocation() {
    return JsonLocation.NA;
  }

  @Override
  public void close() {
    closed = true;
    root = null;
    levels.clear();
    texts.clear();
    objects.clear();
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  @Override
  protected void _handleEOF() {
    // the levels are balanced by construction
  }
}

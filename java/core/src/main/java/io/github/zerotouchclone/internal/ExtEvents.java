package io.github.zerotouchclone.internal;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
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
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Events for Java values that are stored as ext values complete in themselves; {@link ExtValues}
 * reads them.
 */
final class ExtEvents {
  private static final Map<Class<?>, Writer> WRITERS = new HashMap<>();

  private final EventBuffer out;
  private final EventPath path;

  ExtEvents(EventBuffer out, EventPath path) {
    this.out = out;
    this.path = path;
  }

  /** Writes values of one class. */
  @FunctionalInterface
  interface Writer {
    void write(ExtEvents to, Object value);
  }

  static {
    WRITERS.put(BigInteger.class, (to, value) -> to.bigInteger((BigInteger) value));
    WRITERS.put(BigDecimal.class, (to, value) -> to.decimal((BigDecimal) value));
    WRITERS.put(Character.class, (to, value) -> to.character((Character) value));
    WRITERS.put(UUID.class, (to, value) -> to.uuid((UUID) value));
    WRITERS.put(URI.class, (to, value) -> to.uri((URI) value));
    WRITERS.put(Instant.class, (to, value) -> to.instant((Instant) value));
    WRITERS.put(LocalDate.class, (to, value) -> to.localDate((LocalDate) value));
    WRITERS.put(LocalTime.class, (to, value) -> to.localTime((LocalTime) value));
    WRITERS.put(LocalDateTime.class, (to, value) -> to.localDateTime((LocalDateTime) value));
    WRITERS.put(OffsetDateTime.class, (to, value) -> to.offsetDateTime((OffsetDateTime) value));
    WRITERS.put(ZonedDateTime.class, (to, value) -> to.zonedDateTime((ZonedDateTime) value));
    WRITERS.put(Duration.class, (to, value) -> to.duration((Duration) value));
    WRITERS.put(Period.class, (to, value) -> to.period((Period) value));
    WRITERS.put(OffsetTime.class, (to, value) -> to.offsetTime((OffsetTime) value));
    WRITERS.put(Year.class, (to, value) -> to.year((Year) value));
    WRITERS.put(YearMonth.class, (to, value) -> to.yearMonth((YearMonth) value));
    WRITERS.put(MonthDay.class, (to, value) -> to.monthDay((MonthDay) value));
    WRITERS.put(ZoneId.class, (to, value) -> to.zone((ZoneId) value));
  }

  /** The writer for values of a class or its superclass, or null if they are not of this kind. */
  static Writer of(Class<?> type) {
    Writer writer = null;
    for (Class<?> each = type; writer == null && each != null; each = each.getSuperclass()) {
      writer = WRITERS.get(each);
    }
    return writer;
  }

  // ------------------------------------------------------------------------------------ numbers

  private void bigInteger(BigInteger value) {
    begin(ExtIds.BIG_INTEGER);
    out.bytes(value.toByteArray());
    end();
  }

  private void decimal(BigDecimal value) {
    beginList(ExtIds.DECIMAL);
    out.i32(value.scale());
    out.bytes(value.unscaledValue().toByteArray());
    endList();
  }

  void character(char value) {
    begin(ExtIds.CHAR);
    out.i32(value);
    end();
  }

  // -------------------------------------------------------------------------------------- times

  private void instant(Instant value) {
    seconds(ExtIds.INSTANT, value.getEpochSecond(), value.getNano());
  }

  private void duration(Duration value) {
    seconds(ExtIds.DURATION, value.getSeconds(), value.getNano());
  }

  private void seconds(int id, long seconds, int nanos) {
    beginList(id);
    out.i64(seconds);
    out.i32(nanos);
    endList();
  }

  private void localDate(LocalDate value) {
    beginList(ExtIds.LOCAL_DATE);
    out.i32(value.getYear());
    out.i8((byte) value.getMonthValue());
    out.i8((byte) value.getDayOfMonth());
    endList();
  }

  private void localTime(LocalTime value) {
    begin(ExtIds.LOCAL_TIME);
    out.i64(value.toNanoOfDay());
    end();
  }

  private void localDateTime(LocalDateTime value) {
    beginList(ExtIds.LOCAL_DATE_TIME);
    localDate(value.toLocalDate());
    localTime(value.toLocalTime());
    endList();
  }

  private void offsetDateTime(OffsetDateTime value) {
    beginList(ExtIds.OFFSET_DATE_TIME);
    localDateTime(value.toLocalDateTime());
    out.i32(value.getOffset().getTotalSeconds());
    endList();
  }

  private void zonedDateTime(ZonedDateTime value) {
    beginList(ExtIds.ZONED_DATE_TIME);
    offsetDateTime(value.toOffsetDateTime());
    out.text(EventBuffer.STRING, value.getZone().getId());
    endList();
  }

  private void period(Period value) {
    beginList(ExtIds.PERIOD);
    out.i32(value.getYears());
    out.i32(value.getMonths());
    out.i32(value.getDays());
    endList();
  }

  private void offsetTime(OffsetTime value) {
    beginList(ExtIds.OFFSET_TIME);
    localTime(value.toLocalTime());
    out.i32(value.getOffset().getTotalSeconds());
    endList();
  }

  private void year(Year value) {
    begin(ExtIds.YEAR);
    out.i32(value.getValue());
    end();
  }

  private void yearMonth(YearMonth value) {
    beginList(ExtIds.YEAR_MONTH);
    out.i32(value.getYear());
    out.i8((byte) value.getMonthValue());
    endList();
  }

  private void monthDay(MonthDay value) {
    beginList(ExtIds.MONTH_DAY);
    out.i8((byte) value.getMonthValue());
    out.i8((byte) value.getDayOfMonth());
    endList();
  }

  /** A region or an offset, whose id says which of them it is. */
  private void zone(ZoneId value) {
    begin(ExtIds.ZONE);
    string(value.getId());
    end();
  }

  // -------------------------------------------------------------------------------------- names

  private void uuid(UUID value) {
    begin(ExtIds.UUID);
    byte[] bytes = new byte[16];
    LittleEndian.putLong(bytes, 0, Long.reverseBytes(value.getMostSignificantBits()));
    LittleEndian.putLong(bytes, 8, Long.reverseBytes(value.getLeastSignificantBits()));
    out.bytes(bytes);
    end();
  }

  private void uri(URI value) {
    begin(ExtIds.URI);
    string(value.toString());
    end();
  }

  void enumConstant(Enum<?> value) {
    beginList(ExtIds.ENUM);
    string(value.getDeclaringClass().getName());
    string(value.name());
    endList();
  }

  /** A string of any content. */
  void string(String value) {
    if (!out.text(EventBuffer.STRING, value)) {
      begin(ExtIds.UTF16_STRING);
      out.array(Node.T_I16, value.length(), 2).asCharBuffer().put(value);
      end();
    }
  }

  // -------------------------------------------------------------------------------------- parts

  private void begin(int id) {
    path.enter();
    out.operand(EventBuffer.BEGIN_EXT, id);
  }

  private void end() {
    out.opcode(EventBuffer.END);
    path.leave();
  }

  private void beginList(int id) {
    begin(id);
    path.enter();
    out.opcode(EventBuffer.BEGIN_LIST);
  }

  private void endList() {
    end();
    end();
  }
}

package io.github.zerotouchclone.internal;

/** The registered type ids of ext values, as in the format document. */
final class ExtIds {
  static final int UINT64 = 1;
  static final int BIG_INTEGER = 2;
  static final int DECIMAL = 3;
  static final int CHAR = 4;
  static final int SET = 5;
  static final int TUPLE = 6;
  static final int MAP = 7;
  static final int INSTANT = 8;
  static final int LOCAL_DATE = 9;
  static final int LOCAL_TIME = 10;
  static final int LOCAL_DATE_TIME = 11;
  static final int OFFSET_DATE_TIME = 12;
  static final int ZONED_DATE_TIME = 13;
  static final int DURATION = 14;
  static final int PERIOD = 15;
  static final int UUID = 16;
  static final int ENUM = 17;
  static final int OBJECT = 18;
  static final int SYMBOL = 19;
  static final int WEAK_REFERENCE = 20;
  static final int UTF16_STRING = 21;
  static final int URI = 22;
  static final int OFFSET_TIME = 23;
  static final int YEAR = 24;
  static final int YEAR_MONTH = 25;
  static final int MONTH_DAY = 26;
  static final int ZONE = 27;

  private ExtIds() {}

  /** Whether values of this type are read and written by {@link ExtValues}. */
  static boolean isAtom(int id) {
    return switch (id) {
      case SET, TUPLE, MAP, OBJECT, WEAK_REFERENCE -> false;
      default -> id >= UINT64 && id <= ZONE;
    };
  }

  /** Whether Java values of this type are in an order that hash maps know. */
  static boolean isOrdered(int id) {
    return switch (id) {
      case LOCAL_DATE, LOCAL_DATE_TIME, ZONED_DATE_TIME, PERIOD, ZONE -> false;
      default -> true;
    };
  }

  /** Whether Java values of this type are never equal to those of another one. */
  static boolean isDistinct(int id) {
    return isAtom(id) && id != UINT64 && id != ENUM && id != SYMBOL;
  }
}

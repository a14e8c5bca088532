package io.github.zerotouchclone.bench.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Text in columns: the first is flush left, the others flush right. */
final class Table {

  private final List<List<String>> rows = new ArrayList<>();

  Table row(String... cells) {
    rows.add(List.of(cells));
    return this;
  }

  @Override
  public String toString() {
    int columns = rows.stream().mapToInt(List::size).max().orElse(0);
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int c = 0; c < row.size(); c++) {
        widths[c] = Math.max(widths[c], row.get(c).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder("  ");
      for (int c = 0; c < row.size(); c++) {
        String padding = " ".repeat(widths[c] - row.get(c).length());
        line.append(c == 0 ? row.get(c) + padding : "   " + padding + row.get(c));
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  static String count(double value) {
    return String.format(Locale.ROOT, "%,.0f", value);
  }

  static String mebibytes(double bytes) {
    return String.format(Locale.ROOT, "%,.1f MiB", bytes / (1 << 20));
  }

  static String pages(long some, long all) {
    String text = String.format(Locale.ROOT, "%,d of %,d", some, all);
    return some == 0 || all == 0
        ? text
        : text + String.format(Locale.ROOT, " (%.1f %%)", 100.0 * some / all);
  }
}
